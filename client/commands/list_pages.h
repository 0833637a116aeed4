// Lists that come in pages.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>

namespace emu::client {

// All pages, unless a size is given: then that one. `call(context, request, response)` asks for
// one.
template <typename Request, typename Response, typename Call>
grpc::Status ListPages(const Request& wanted, const Call& call, Response& all) {
  constexpr uint32_t kLargestPage = 1000;
  const bool is_one_page = wanted.page_size() != 0;
  Request request = wanted;
  if (!is_one_page) request.set_page_size(kLargestPage);
  do {
    grpc::ClientContext context;
    Response page;
    if (const grpc::Status status = call(&context, request, &page); !status.ok()) return status;
    request.set_page_token(page.next_page_token());
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!is_one_page && !request.page_token().empty());
  return grpc::Status::OK;
}

// What is to be said below a table of such a page.
template <typename Response>
std::string NextPageHint(const Response& all) {
  if (all.next_page_token().empty()) return "";
  return "There are more: --page-token " + all.next_page_token() + "\n";
}

}  // namespace emu::client
