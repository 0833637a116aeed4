#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

constexpr uint32_t kLargestPage = 1000;

// All pages, unless a size is given: then that one.
int List(const emud::v1::ListVmsRequest& wanted, const Options& options) {
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  const bool is_one_page = wanted.page_size() != 0;
  emud::v1::ListVmsRequest request = wanted;
  if (!is_one_page) request.set_page_size(kLargestPage);
  emud::v1::ListVmsResponse all;
  do {
    grpc::ClientContext context;
    emud::v1::ListVmsResponse page;
    if (const auto status = stub->ListVms(&context, request, &page); !status.ok()) {
      return Report(status, options.endpoint);
    }
    request.set_page_token(page.next_page_token());
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!is_one_page && !request.page_token().empty());
  const std::vector<emud::v1::Vm> vms(all.vms().begin(), all.vms().end());
  std::string table = VmTable(vms);
  if (!all.next_page_token().empty()) {
    table += "There are more: --page-token " + all.next_page_token() + "\n";
  }
  PrintVms(options.output, all, vms, table);
  return kDone;
}

}  // namespace

void AddVmList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show VMs");
  auto request = std::make_shared<emud::v1::ListVmsRequest>();
  AddListFlags(
      *command, request,
      "those of which this is true: fields of a VM, = != < <= > >= and : (contains), AND, OR, NOT");
  command->footer(
      "Examples:\n"
      "  emuctl vm list -o json\n"
      "  emuctl vm list --filter 'state=RUNNING AND labels.course=\"os\" AND name:\"web\"'\n"
      "  emuctl vm list --filter 'spec.machine.memory_mib>=2048' --order-by 'create_time desc'\n"
      "  emuctl vm list --page-size 20");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

}  // namespace emu::client
