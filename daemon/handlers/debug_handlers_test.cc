#include "daemon/handlers/debug_handlers.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>

namespace emu::daemon {
namespace {

std::string Json(const google::protobuf::Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

// The two families of messages are held together by numbers alone.
TEST(DebugHandlersTest, StatsArriveUnderTheirNames) {
  vm::v1::VmStats stats;
  stats.set_guest_time_ns(1);
  vm::v1::VcpuStats& vcpu = *stats.add_vcpus();
  vcpu.set_vcpu(2);
  vcpu.set_blocks_translated(3);
  vcpu.set_instructions_translated(4);
  vcpu.set_instructions_interpreted(5);
  vcpu.set_host_bytes_emitted(6);
  vcpu.mutable_tlb()->set_misses(7);
  vcpu.mutable_tlb()->set_fills(8);
  vcpu.mutable_tlb()->set_resizes(9);
  vcpu.mutable_tlb()->set_flushes(10);
  vcpu.mutable_tlb()->set_entries(11);
  vcpu.mutable_exits()->set_lookup(12);
  vcpu.mutable_exits()->set_link(13);
  vcpu.mutable_exits()->set_stale(14);
  vcpu.mutable_exits()->set_wait(16);
  vcpu.mutable_exits()->set_exception(17);
  vcpu.mutable_exits()->set_fault(18);
  vcpu.mutable_exits()->set_request(19);
  vcpu.set_exceptions(20);
  vcpu.set_interrupts(21);
  stats.mutable_code()->set_blocks(22);
  stats.mutable_code()->set_cache_bytes(23);
  stats.mutable_code()->set_cache_used_bytes(24);
  stats.mutable_code()->set_evictions(25);
  stats.mutable_code()->set_synchronizations(26);
  vm::v1::DeviceStats& device = *stats.add_devices();
  device.set_name("uart0");
  device.set_base(27);
  device.set_reads(28);
  device.set_writes(29);
  device.set_refused(30);
  stats.mutable_code()->set_instructions_translated(31);
  stats.mutable_code()->set_guest_bytes_translated(32);
  stats.mutable_code()->set_host_bytes_emitted(33);
  stats.mutable_code()->set_side_table_bytes(34);
  stats.mutable_code()->set_translation_ns(35);
  vm::v1::DiskStats& disk = *stats.add_disks();
  disk.set_device("virtio2");
  disk.set_id("root");
  disk.set_reads(36);
  disk.set_read_bytes(37);
  disk.set_writes(38);
  disk.set_written_bytes(39);
  disk.set_flushes(40);
  disk.set_discards(41);
  disk.set_write_zeroes(42);
  disk.set_failed(43);
  disk.set_aio("threads");
  EXPECT_EQ(
      Json(AsPublic<emud::v1::VmStats>(stats)),
      R"({"guestTimeNs":"1","vcpus":[{"vcpu":2,"blocksTranslated":"3","instructionsTranslated":"4",)"
      R"("instructionsInterpreted":"5","hostBytesEmitted":"6","tlb":{"misses":"7","fills":"8",)"
      R"("resizes":"9","flushes":"10","entries":"11"},"exits":{"lookup":"12","link":"13",)"
      R"("stale":"14","wait":"16","exception":"17","fault":"18","request":"19"},)"
      R"("exceptions":"20","interrupts":"21"}],"code":{"blocks":"22","cacheBytes":"23",)"
      R"("cacheUsedBytes":"24","evictions":"25","synchronizations":"26","instructionsTranslated":"31",)"
      R"("guestBytesTranslated":"32","hostBytesEmitted":"33","sideTableBytes":"34",)"
      R"("translationNs":"35"},"devices":[)"
      R"({"name":"uart0","base":"27","reads":"28","writes":"29","refused":"30"}],"disks":[)"
      R"({"device":"virtio2","id":"root","reads":"36","readBytes":"37","writes":"38",)"
      R"("writtenBytes":"39","flushes":"40","discards":"41","writeZeroes":"42","failed":"43",)"
      R"("aio":"threads"}]})");
}

TEST(DebugHandlersTest, RegistersAndStateArriveUnderTheirNames) {
  vm::v1::VcpuRegisters registers;
  registers.set_vcpu(1);
  vm::v1::Register& known = *registers.add_registers();
  known.set_name("pc");
  known.set_group("general");
  known.set_bits(64);
  known.set_value(2);
  EXPECT_EQ(Json(AsPublic<emud::v1::VcpuRegisters>(registers)),
            R"({"vcpu":1,"registers":[{"name":"pc","group":"general","bits":64,"value":"2"}]})");

  vm::v1::DeviceState device;
  device.set_name("uart0");
  vm::v1::StateField& group = *device.add_fields();
  group.set_name("queue");
  group.add_fields()->set_name("index");
  group.mutable_fields(0)->set_number(3);
  group.add_fields()->set_name("data");
  group.mutable_fields(1)->set_data("x");
  EXPECT_EQ(Json(AsPublic<emud::v1::DeviceState>(device)),
            R"({"name":"uart0","fields":[{"name":"queue","fields":[{"name":"index","number":"3"},)"
            R"({"name":"data","data":"eA=="}]}]})");
}

}  // namespace
}  // namespace emu::daemon
