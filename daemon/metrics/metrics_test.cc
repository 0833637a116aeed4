#include <gtest/gtest.h>

#include <string>

#include "daemon/metrics/metrics_server.h"
#include "daemon/metrics/rpc_metrics.h"
#include "daemon/metrics/text_format.h"
#include "daemon/metrics/vm_metrics.h"

namespace emu::daemon {
namespace {

using emud::v1::VmUsage;
using std::chrono::milliseconds;

TEST(MetricsTextTest, ALabelMayHoldAnything) {
  MetricsText text;
  text.Family("a", MetricsText::Type::kGauge, "Of \\ and\nmore.");
  text.Sample({{"x", "\"\\\n"}, {"y", ""}}, 0.5);
  EXPECT_EQ(text.text(),
            "# HELP a Of \\\\ and\\nmore.\n# TYPE a gauge\na{x=\"\\\"\\\\\\n\",y=\"\"} 0.5\n");
}

TEST(MetricsTextTest, ALargeCounterLosesNothing) {
  MetricsText text;
  text.Family("a", MetricsText::Type::kCounter, "x");
  text.Sample({}, 9007199254740991.0);
  EXPECT_NE(text.text().find("a 9007199254740991\n"), std::string::npos);
}

TEST(RpcMetricsTest, CountsByMethodAndCode) {
  RpcMetrics metrics;
  const std::string method = "/emud.v1.VmService/GetVm";
  for (const grpc::StatusCode code :
       {grpc::StatusCode::OK, grpc::StatusCode::OK, grpc::StatusCode::NOT_FOUND}) {
    metrics.Begin(method);
    metrics.End(method, RpcMetrics::Kind::kUnary, code, milliseconds(3));
  }
  metrics.Begin(method);
  MetricsText text;
  metrics.Write(text);
  const std::string labels = "{service=\"emud.v1.VmService\",method=\"GetVm\"";
  for (const std::string& line : std::initializer_list<std::string>{
           "emud_rpcs_total" + labels + ",code=\"OK\"} 2\n",
           "emud_rpcs_total" + labels + ",code=\"NOT_FOUND\"} 1\n",
           "emud_rpcs_in_flight" + labels + "} 1\n",
           "emud_rpc_duration_seconds_bucket" + labels + ",le=\"0.0025\"} 0\n",
           "emud_rpc_duration_seconds_bucket" + labels + ",le=\"0.005\"} 3\n",
           "emud_rpc_duration_seconds_bucket" + labels + ",le=\"+Inf\"} 3\n",
           "emud_rpc_duration_seconds_count" + labels + "} 3\n"}) {
    EXPECT_NE(text.text().find(line), std::string::npos) << line << text.text();
  }
}

TEST(RpcMetricsTest, AStreamHasNoLatency) {
  RpcMetrics metrics;
  metrics.Begin("/s/m");
  metrics.End("/s/m", RpcMetrics::Kind::kStream, grpc::StatusCode::CANCELLED, milliseconds(3));
  MetricsText text;
  metrics.Write(text);
  EXPECT_NE(text.text().find("code=\"CANCELLED\"} 1"), std::string::npos);
  EXPECT_EQ(text.text().find("emud_rpc_duration_seconds_count"), std::string::npos);
}

std::string Write(const VmUsage& vm) {
  MetricsText text;
  WriteVmMetrics({vm}, text);
  return text.text();
}

TEST(VmMetricsTest, AVmWithoutAProcessIsDownAndHasNoCounters) {
  VmUsage vm;
  vm.set_vm("a");
  vm.set_state(emud::v1::Vm::STOPPED);
  const std::string text = Write(vm);
  EXPECT_NE(text.find("emud_vms{state=\"STOPPED\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("emud_vm_up{vm=\"a\"} 0\n"), std::string::npos);
  EXPECT_EQ(text.find("emud_vm_cpu_seconds_total{"), std::string::npos);
  EXPECT_EQ(text.find("emud_vm_tlb_misses_total{"), std::string::npos);
}

TEST(VmMetricsTest, ProcessorsAreAddedAndCausesAreTold) {
  VmUsage vm;
  vm.set_vm("a");
  vm.mutable_cpu_time()->set_nanos(500'000'000);
  for (int i = 1; i <= 2; ++i) {
    emud::v1::VcpuStats& vcpu = *vm.mutable_counters()->add_vcpus();
    vcpu.mutable_tlb()->set_misses(10);
    vcpu.mutable_exits()->set_wait(7);
    vcpu.set_instructions_executed(100);
  }
  emud::v1::DeviceStats& device = *vm.mutable_counters()->add_devices();
  device.set_name("uart0");
  device.set_writes(3);
  EXPECT_EQ(Write(vm).find("emud_vm_guest_instructions_total{"), std::string::npos);
  vm.mutable_counters()->set_counting(true);
  const std::string text = Write(vm);
  for (const char* line : {"emud_vm_up{vm=\"a\"} 1\n", "emud_vm_cpu_seconds_total{vm=\"a\"} 0.5\n",
                           "emud_vm_tlb_misses_total{vm=\"a\"} 20\n",
                           "emud_vm_exits_total{vm=\"a\",cause=\"wait\"} 14\n",
                           "emud_vm_guest_instructions_total{vm=\"a\"} 200\n",
                           "emud_vm_device_writes_total{vm=\"a\",device=\"uart0\"} 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(MetricsServerTest, OnlyTheLoopbackIsListenedAt) {
  for (const char* good :
       {"", "unix:/run/x", "127.0.0.1:9464", "localhost:0", "[::1]:9464", "127.8.0.1:1"}) {
    EXPECT_TRUE(CheckMetricsAddress(good).ok()) << good;
  }
  for (const char* bad : {"unix:", "0.0.0.0:9464", "[::]:9464", "192.168.1.1:9464", "9464", ":9464",
                          "example.org:80", "[::1:9464", "127.0.0.1:http"}) {
    const absl::Status status = CheckMetricsAddress(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_NE(status.message().find("127.0.0.1:9100"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace emu::daemon
