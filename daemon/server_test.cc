// The services that every gRPC server should have, asked as a foreign client asks: by name and in
// bytes.
#include "daemon/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "daemon/store/schema.h"
#include "emud/v1/host.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace emu::daemon {
namespace {

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/emud-test-XXXXXX";
    directory_ = mkdtemp(path);
    std::filesystem::create_directory(directory_ + "/vms");
    // Never destroyed, as in the daemon, but known to the leak checker.
    static auto& backends = *new std::vector<Backend*>();
    std::unique_ptr<Database> database = *OpenStateDatabase(directory_ + "/state.db");
    access_ = std::make_unique<AccessRecords>(*database);
    ASSERT_TRUE(access_->Load().ok());
    audit_ = std::make_unique<AuditLog>(directory_ + "/audit", *database);
    ASSERT_TRUE(audit_->Open().ok());
    Database& state = *database;
    Images& images = *new Images(directory_, state);
    ASSERT_TRUE(images.Load().ok());
    Volumes& volumes = *new Volumes(directory_, state, images);
    ASSERT_TRUE(volumes.Load().ok());
    Snapshots& snapshots = *new Snapshots(directory_, state);
    ASSERT_TRUE(snapshots.Load().ok());
    VmTable& vms = *new VmTable(directory_, {.vm_program = "/nowhere/emu-vm"}, std::move(database),
                                images, volumes);
    const Operations::Act no_act = [](const auto&, const auto&, const auto&) {
      return absl::OkStatus();
    };
    const Backend& backend = *backends.emplace_back(
        new Backend{vms, images, volumes, snapshots, *new Pools(state, vms, snapshots), *access_,
                    *audit_, *new WatchHub(vms.records()), directory_ + "/files",
                    *new Operations(state, no_act, {}), *new ImageBuilds(directory_, {}, images),
                    *new VmSampler(vms), *new RpcMetrics(), *new Agents(vms)});
    auto listener = ListenAt(directory_ + "/sock");
    ASSERT_TRUE(listener.ok()) << listener.status();
    thread_ = std::thread([this, &backend, listener = *std::move(listener)] {
      constexpr std::chrono::milliseconds kForEver(-1);
      EXPECT_TRUE(Serve(backend, {}, listener, stop_.get(), kForEver, [] { return false; }).ok());
    });
    channel_ =
        grpc::CreateChannel("unix:" + directory_ + "/sock", grpc::InsecureChannelCredentials());
  }
  void TearDown() override {
    channel_.reset();
    const uint64_t one = 1;
    ASSERT_EQ(write(stop_.get(), &one, sizeof(one)), 8);
    thread_.join();
    std::filesystem::remove_all(directory_);
  }

  // Sends `request` on a stream, returns its first answer's bytes.
  std::string Ask(const std::string& method, const std::string& request) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::CompletionQueue queue;
    void* tag = nullptr;
    bool ok = false;
    const auto wait = [&] { return queue.Next(&tag, &ok) && ok; };
    const auto call = stub.PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    if (!wait()) return "";
    const grpc::Slice slice(request);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    if (!wait()) return "";
    call->WritesDone(nullptr);
    if (!wait()) return "";
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    if (!wait()) return "";
    grpc::Slice flat;
    if (!answer.DumpToSingleSlice(&flat).ok()) return "";
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    (void)wait();
    return std::string(reinterpret_cast<const char*>(flat.begin()), flat.size());
  }

  std::string directory_;
  UniqueFd stop_{eventfd(0, EFD_CLOEXEC)};
  std::unique_ptr<AccessRecords> access_;
  std::unique_ptr<AuditLog> audit_;
  std::thread thread_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ServerTest, HealthIsServing) {
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(Ask("/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST_F(ServerTest, EveryServiceThatIsListedIsHealthy) {
  // ServerReflectionRequest{list_services: "*"}
  const std::string listed =
      Ask("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
  int services = 0;
  for (size_t at = 0; (at = listed.find("emud.v1.", at)) != std::string::npos; ++services) {
    const auto size = size_t{static_cast<unsigned char>(listed[at - 1])};
    const std::string name = listed.substr(at, size);
    at += size;
    // HealthCheckRequest{service: name}
    EXPECT_EQ(
        Ask("/grpc.health.v1.Health/Check", std::string("\x0a") + static_cast<char>(size) + name),
        "\x08\x01")
        << name;
  }
  EXPECT_EQ(services, static_cast<int>(std::size(kServiceNames)));
  EXPECT_EQ(Ask("/grpc.health.v1.Health/Check", "\x0a\x01x"), "");
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  // ServerReflectionRequest{list_services: "*"}
  const std::string answer =
      Ask("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
  for (const char* service : {"emud.v1.VmService", "emud.v1.ConsoleService", "emud.v1.HostService",
                              "grpc.health.v1.Health"}) {
    EXPECT_NE(answer.find(service), std::string::npos) << service;
  }
}

TEST_F(ServerTest, ReflectionGivesTheProtos) {
  // ServerReflectionRequest{file_containing_symbol: "emud.v1.VmService"}
  const std::string symbol = "emud.v1.VmService";
  const std::string answer = Ask("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                 std::string("\x22") + static_cast<char>(symbol.size()) + symbol);
  EXPECT_NE(answer.find("CreateVmRequest"), std::string::npos);
}

TEST_F(ServerTest, TheCallerIsKnownByItsUser) {
  grpc::ClientContext context;
  emud::v1::ServerInfo info;
  const auto stub = emud::v1::HostService::NewStub(channel_);
  ASSERT_TRUE(stub->GetServerInfo(&context, {}, &info).ok());
  EXPECT_EQ(info.principal(), "unix:" + std::to_string(getuid()));
}

TEST_F(ServerTest, ErrorsCarryErrorInfo) {
  grpc::ClientContext context;
  emud::v1::GetVmRequest request;
  request.set_name("absent");
  emud::v1::Vm vm;
  const grpc::Status status = emud::v1::VmService::NewStub(channel_)->GetVm(&context, request, &vm);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status full;
  ASSERT_TRUE(full.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(full.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "VM_NOT_FOUND");
  EXPECT_EQ(info.domain(), "emud.dev");
  EXPECT_EQ(info.metadata().at("vm"), "absent");
}

}  // namespace
}  // namespace emu::daemon
