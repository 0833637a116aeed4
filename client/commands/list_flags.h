// What commands that list have in common: which, in which order, and a page at a time.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace emu::client {

// --filter, --order-by, --page-size and --page-token, into a request that has them; it lives as
// long as the command. `filter_help`: what may be asked.
template <typename Request>
void AddListFlags(CLI::App& command, const std::shared_ptr<Request>& request,
                  const std::string& filter_help) {
  command.add_option_function<std::string>(
      "--filter", [request](const std::string& text) { request->set_filter(text); }, filter_help);
  command.add_option_function<std::string>(
      "--order-by", [request](const std::string& text) { request->set_order_by(text); },
      "fields, with desc for falling (default name)");
  command.add_option_function<uint32_t>(
      "--page-size", [request](uint32_t size) { request->set_page_size(size); },
      "at most so many (up to 1000), and how to get the next (default: all)");
  command.add_option_function<std::string>(
      "--page-token", [request](const std::string& text) { request->set_page_token(text); },
      "where the page before ended; filter and order as there");
}

}  // namespace emu::client
