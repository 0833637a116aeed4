#include "vmm/process/stats_text.h"

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace emu {
namespace {

using Fields = std::initializer_list<std::pair<absl::string_view, uint64_t>>;

void AddLine(absl::string_view what, const Fields& fields, std::string& text) {
  absl::StrAppend(&text, "stats ", what);
  for (const auto& [name, value] : fields) absl::StrAppend(&text, " ", name, "=", value);
  text += '\n';
}

void AddVcpu(const vm::v1::VcpuStats& vcpu, std::string& text) {
  const vm::v1::ExitStats& exits = vcpu.exits();
  AddLine(absl::StrCat("vcpu", vcpu.vcpu()),
          {{"blocks_translated", vcpu.blocks_translated()},
           {"instructions_translated", vcpu.instructions_translated()},
           {"instructions_interpreted", vcpu.instructions_interpreted()},
           {"tlb_misses", vcpu.tlb().misses()},
           {"tlb_fills", vcpu.tlb().fills()},
           {"exits_lookup", exits.lookup()},
           {"exits_link", exits.link()},
           {"exits_stale", exits.stale()},
           {"exits_wait", exits.wait()},
           {"exits_exception", exits.exception()},
           {"exits_fault", exits.fault()},
           {"exits_request", exits.request()},
           {"exceptions", vcpu.exceptions()},
           {"interrupts", vcpu.interrupts()}},
          text);
}

void AddDisk(const vm::v1::DiskStats& disk, std::string& text) {
  AddLine(absl::StrCat(disk.id(), " aio=", disk.aio()),
          {{"reads", disk.reads()},
           {"read_bytes", disk.read_bytes()},
           {"writes", disk.writes()},
           {"written_bytes", disk.written_bytes()},
           {"flushes", disk.flushes()},
           {"discards", disk.discards()},
           {"write_zeroes", disk.write_zeroes()},
           {"failed", disk.failed()}},
          text);
}

}  // namespace

std::string StatsText(const vm::v1::VmStats& stats) {
  std::string text;
  const vm::v1::CodeStats& code = stats.code();
  AddLine("code",
          {{"guest_time_ns", stats.guest_time_ns()},
           {"blocks", code.blocks()},
           {"cache_used_bytes", code.cache_used_bytes()},
           {"evictions", code.evictions()},
           {"synchronizations", code.synchronizations()},
           {"instructions_translated", code.instructions_translated()},
           {"guest_bytes_translated", code.guest_bytes_translated()},
           {"host_bytes_emitted", code.host_bytes_emitted()},
           {"side_table_bytes", code.side_table_bytes()},
           {"translation_ns", code.translation_ns()},
           {"sealed_blocks", code.sealed_blocks()}},
          text);
  for (const vm::v1::VcpuStats& vcpu : stats.vcpus()) AddVcpu(vcpu, text);
  for (const vm::v1::DiskStats& disk : stats.disks()) AddDisk(disk, text);
  return text;
}

}  // namespace emu
