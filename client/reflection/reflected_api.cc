#include "client/reflection/reflected_api.h"

#include <algorithm>

namespace emu::client {

using google::protobuf::FileDescriptorProto;

ReflectedApi::ReflectedApi(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(grpc::reflection::v1alpha::ServerReflection::NewStub(channel)),
      stream_(stub_->ServerReflectionInfo(&context_)),
      database_(*this),
      pool_(&database_) {}

ReflectedApi::~ReflectedApi() { Finish(); }

bool ReflectedApi::Ask(const Request& request, Response& response) {
  return !is_finished_ && stream_->Write(request) && stream_->Read(&response) &&
         !response.has_error_response();
}

std::vector<std::string> ReflectedApi::Services() {
  Request request;
  request.set_list_services("*");
  Response response;
  std::vector<std::string> names;
  if (!Ask(request, response)) return names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

const google::protobuf::ServiceDescriptor* ReflectedApi::FindService(const std::string& name) {
  return pool_.FindServiceByName(name);
}

grpc::Status ReflectedApi::Finish() {
  if (is_finished_) return grpc::Status::OK;
  is_finished_ = true;
  stream_->WritesDone();
  return stream_->Finish();
}

// gRPC's server answers with the files of all earlier answers too, in no order that could be relied
// on.
void ReflectedApi::Database::Fetch(const Request& request) {
  Response response;
  if (!api_.Ask(request, response)) return;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto found;
    FileDescriptorProto ignored;
    if (!found.ParseFromString(bytes) || known_.FindFileByName(found.name(), &ignored)) continue;
    known_.Add(found);
  }
}

bool ReflectedApi::Database::FindFileByName(const std::string& name, FileDescriptorProto* file) {
  if (known_.FindFileByName(name, file)) return true;
  Request request;
  request.set_file_by_filename(name);
  Fetch(request);
  return known_.FindFileByName(name, file);
}

bool ReflectedApi::Database::FindFileContainingSymbol(const std::string& symbol,
                                                      FileDescriptorProto* file) {
  if (known_.FindFileContainingSymbol(symbol, file)) return true;
  Request request;
  request.set_file_containing_symbol(symbol);
  Fetch(request);
  return known_.FindFileContainingSymbol(symbol, file);
}

}  // namespace emu::client
