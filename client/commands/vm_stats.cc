// vm stats and vm top.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/usage_format.h"
#include "emud/v1/stats.grpc.pb.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {
namespace {

using emud::v1::StatsService;
using emud::v1::WatchVmStatsRequest;
using emud::v1::WatchVmStatsResponse;

constexpr double kDefaultSeconds = 2;

struct Flags {
  std::string name;
  double seconds = kDefaultSeconds;
  bool watch = false;
  uint32_t count = 0;
  std::string sort = "cpu";
};

const std::map<std::string, TopOrder> kOrders = {
    {"cpu", TopOrder::kCpu}, {"memory", TopOrder::kMemory}, {"name", TopOrder::kName}};

void SetInterval(double seconds, WatchVmStatsRequest& request) {
  *request.mutable_interval() = google::protobuf::util::TimeUtil::MillisecondsToDuration(
      static_cast<int64_t>(seconds * 1000));
}

void Write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int Stats(const Flags& flags, const Options& options) {
  const auto stub = StatsService::NewStub(Connect(options));
  grpc::ClientContext context;
  WatchVmStatsRequest request;
  request.add_vms(flags.name);
  if (flags.watch) SetInterval(flags.seconds, request);
  const auto stream = stub->WatchVmStats(&context, request);
  WatchVmStatsResponse before;
  WatchVmStatsResponse sample;
  while (stream->Read(&sample)) {
    if (sample.vms().empty()) continue;
    if (!flags.watch) {
      Print(options.output, sample.vms(0), UsageTable(sample.vms(0)));
    } else if (options.output == "json") {
      Write(ToJsonLine(sample.vms(0)) + "\n");
    } else if (options.output == "yaml") {
      Write("---\n" + ToYaml(sample.vms(0)));
    } else {
      // One line each; headings once.
      const std::string table = TopTable(before, sample, TopOrder::kName, 0);
      Write(before.has_time() ? table.substr(table.find('\n') + 1) : table);
    }
    before = sample;
  }
  return Report(stream->Finish(), options.endpoint);
}

// What of a terminal is left for VMs; 0: all.
size_t Rows() {
  winsize size = {};
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  if (!is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 4) return 0;
  return size.ws_row - 2U;
}

int Top(const Flags& flags, const Options& options) {
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  // A pipe gets one table unless it asks for more.
  const uint32_t count = flags.count == 0 && !is_terminal ? 1 : flags.count;
  const auto stub = StatsService::NewStub(Connect(options));
  grpc::ClientContext context;
  WatchVmStatsRequest request;
  SetInterval(flags.seconds, request);
  const auto stream = stub->WatchVmStats(&context, request);
  WatchVmStatsResponse before;
  WatchVmStatsResponse sample;
  uint32_t shown = 0;
  while ((count == 0 || shown < count) && stream->Read(&sample)) {
    if (before.has_time()) {
      ++shown;
      if (options.output == "json") {
        Write(ToJsonLine(sample) + "\n");
      } else if (options.output == "yaml") {
        Write("---\n" + ToYaml(sample));
      } else {
        const std::string table = TopTable(before, sample, kOrders.at(flags.sort), Rows());
        // Home, the table, and nothing below it.
        if (is_terminal) Write("\033[H\033[2J");
        Write(is_terminal || shown == 1 ? table : "\n" + table);
      }
    }
    before = sample;
  }
  if (count != 0 && shown == count) {
    context.TryCancel();
    (void)stream->Finish();
    return kDone;
  }
  return Report(stream->Finish(), options.endpoint);
}

void AddInterval(CLI::App& command, Flags& flags) {
  command.add_option("--interval", flags.seconds, "seconds between two looks (default 2)")
      ->check(CLI::Range(0.5, 86400.0));
}

}  // namespace

void AddVmStats(CLI::App& parent, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* stats = parent.add_subcommand("stats", "Show what a VM has done and takes of its host");
  stats->add_option("NAME", flags->name, "the VM")->required();
  stats->add_flag("--watch", flags->watch, "go on with a line of rates for each interval");
  AddInterval(*stats, *flags);
  stats->footer(
      "Examples:\n"
      "  emuctl vm stats web1 -o json\n"
      "  emuctl vm stats web1 --watch --interval 1\n"
      "Counted since its process began. Why compiled code comes back to the run loop, and what of "
      "it\nis slow: emuctl debug stats.");
  stats->callback([flags, &session] { session.code = Stats(*flags, session.options); });

  auto top_flags = std::make_shared<Flags>();
  auto* top = parent.add_subcommand("top", "Show what all VMs take, again and again");
  AddInterval(*top, *top_flags);
  top->add_option("--sort", top_flags->sort, "cpu (default), memory or name")
      ->check(CLI::IsMember({"cpu", "memory", "name"}));
  top->add_option("--count", top_flags->count,
                  "so many tables (default: no end at a terminal, else one)");
  top->footer(
      "Examples:\n"
      "  emuctl vm top\n"
      "  emuctl vm top --sort memory --count 3 --interval 5 > usage.txt");
  top->callback([top_flags, &session] { session.code = Top(*top_flags, session.options); });
}

}  // namespace emu::client
