// What a daemon says of its own API, by gRPC's server reflection.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "reflection/reflection.grpc.pb.h"

namespace emu::client {

// Asks when something is looked for, and remembers. For one thread. Descriptors live as long as
// this.
class ReflectedApi {
 public:
  explicit ReflectedApi(const std::shared_ptr<grpc::Channel>& channel);
  ~ReflectedApi();

  // Names of the daemon's services, sorted; empty if it does not answer, which Finish tells.
  std::vector<std::string> Services();
  // Null if there is none of that full name.
  const google::protobuf::ServiceDescriptor* FindService(const std::string& name);
  // Ends the conversation: why the daemon did not answer, or OK.
  grpc::Status Finish();

 private:
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;

  // Files come from the daemon, one question each.
  class Database : public google::protobuf::DescriptorDatabase {
   public:
    explicit Database(ReflectedApi& api) : api_(api) {}
    bool FindFileByName(const std::string& name,
                        google::protobuf::FileDescriptorProto* file) override;
    bool FindFileContainingSymbol(const std::string& symbol,
                                  google::protobuf::FileDescriptorProto* file) override;
    bool FindFileContainingExtension(const std::string&, int,
                                     google::protobuf::FileDescriptorProto*) override {
      return false;
    }

   private:
    void Fetch(const Request& request);
    ReflectedApi& api_;
    google::protobuf::SimpleDescriptorDatabase known_;
  };

  bool Ask(const Request& request, Response& response);

  const std::unique_ptr<grpc::reflection::v1alpha::ServerReflection::Stub> stub_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
  bool is_finished_ = false;
  Database database_;
  google::protobuf::DescriptorPool pool_;
};

}  // namespace emu::client
