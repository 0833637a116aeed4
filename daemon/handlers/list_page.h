// A page of a list (AIP-132, 158, 160), whatever is listed.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/query/filter.h"
#include "daemon/query/order.h"
#include "daemon/query/page_token.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

inline constexpr uint32_t kDefaultPageSize = 50;
inline constexpr uint32_t kMaxPageSize = 1000;
// A page is shorter rather than larger, for clients that take messages of 4 MiB.
inline constexpr size_t kMaxPageBytes = 2 << 20;

template <typename Resource>
struct ListPage {
  std::vector<std::shared_ptr<const Resource>> items;
  std::string next_page_token;  // empty on the last page
};

// Of `all` those that `sees(item)` lets through and that the request's filter, order and page
// choose.
template <typename Resource, typename Request, typename Sees>
absl::StatusOr<ListPage<Resource>> PageOf(const std::vector<std::shared_ptr<const Resource>>& all,
                                          const Request& request, const PageTokens& tokens,
                                          const Sees& sees) {
  ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(request.filter(), *Resource::descriptor()));
  ASSIGN_OR_RETURN(const Order order, Order::Parse(request.order_by(), *Resource::descriptor()));
  const std::string scope = absl::StrCat(Resource::descriptor()->name(), "\n", request.filter(),
                                         "\n", request.order_by());
  const size_t page_size =
      request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  SortKey last;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string place, tokens.Open(scope, request.page_token()));
    if (!DecodeKey(place, last)) return errors::InvalidPageToken();
  }
  std::vector<std::pair<SortKey, std::shared_ptr<const Resource>>> found;
  for (const std::shared_ptr<const Resource>& item : all) {
    if (!sees(*item) || !filter.Matches(*item)) continue;
    SortKey key = order.KeyOf(*item);
    if (last.empty() || order.IsBefore(last, key)) found.emplace_back(std::move(key), item);
  }
  std::sort(found.begin(), found.end(), [&order](const auto& left, const auto& right) {
    return order.IsBefore(left.first, right.first);
  });
  ListPage<Resource> page;
  size_t bytes = 0;
  while (page.items.size() < std::min(page_size, found.size()) && bytes < kMaxPageBytes) {
    page.items.push_back(found[page.items.size()].second);
    bytes += page.items.back()->ByteSizeLong();
  }
  if (found.size() > page.items.size()) {
    page.next_page_token = tokens.Seal(scope, EncodeKey(found[page.items.size() - 1].first));
  }
  return page;
}

}  // namespace emu::daemon
