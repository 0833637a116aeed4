#include "client/endpoint.h"

#include <grpcpp/support/client_interceptor.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace emu::client {
namespace {

constexpr std::string_view kTls = "tls:";

// Tells every call's project.
class ProjectInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit ProjectInterceptor(std::string project) : project_(std::move(project)) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using Point = grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(Point::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("emud-project", project_);
    }
    methods->Proceed();
  }

 private:
  const std::string project_;
};

class ProjectInterceptors final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit ProjectInterceptors(std::string project) : project_(std::move(project)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new ProjectInterceptor(project_);
  }

 private:
  const std::string project_;
};

std::string ReadFile(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Endpoint& endpoint, bool is_tls) {
  if (!is_tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions files;
  files.pem_root_certs = ReadFile(endpoint.ca);
  files.pem_cert_chain = ReadFile(endpoint.certificate);
  files.pem_private_key = ReadFile(endpoint.key);
  std::shared_ptr<grpc::ChannelCredentials> tls = grpc::SslCredentials(files);
  if (endpoint.token.empty()) return tls;
  return grpc::CompositeChannelCredentials(tls, grpc::AccessTokenCredentials(endpoint.token));
}

}  // namespace

std::string DefaultAddress() {
  if (geteuid() == 0) return "unix:/run/emud/emud.sock";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return "unix:" +
         (runtime != nullptr ? std::string(runtime) : "/run/user/" + std::to_string(geteuid())) +
         "/emud/emud.sock";
}

// gRPC takes names for hosts and waits for them.
std::string CheckAddress(const std::string& address) {
  const bool is_unix = address.size() > 5 && address.starts_with("unix:");
  const bool is_tls = address.starts_with(kTls) && address.find(':', kTls.size()) > kTls.size() &&
                      address.find(':', kTls.size()) + 1 < address.size();
  return is_unix || is_tls ? "" : "give unix:PATH or tls:HOST:PORT";
}

std::shared_ptr<grpc::Channel> Connect(const Options& options) {
  const bool is_tls = options.endpoint.starts_with(kTls);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!options.connection.project.empty()) {
    interceptors.push_back(std::make_unique<ProjectInterceptors>(options.connection.project));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      is_tls ? options.endpoint.substr(kTls.size()) : options.endpoint,
      CredentialsOf(options.connection, is_tls), {}, std::move(interceptors));
}

}  // namespace emu::client
