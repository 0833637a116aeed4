#include "client/reflection/dynamic_call.h"

#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>

#include <vector>

namespace emu::client {
namespace {

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

bool FromBuffer(const grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return false;
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return message.ParseFromString(bytes);
}

// gRPC's generic calls exist for completion queues only: each step is waited for in turn.
bool Step(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool is_good = false;
  return queue.Next(&tag, &is_good) && is_good;
}

}  // namespace

grpc::Status CallMethod(const std::shared_ptr<grpc::Channel>& channel,
                        const google::protobuf::MethodDescriptor& method,
                        const google::protobuf::Message& request,
                        const std::function<void(const google::protobuf::Message&)>& on_response) {
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> response(
      factory.GetPrototype(method.output_type())->New());
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const std::string path = "/" + method.service()->full_name() + "/" + method.name();
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool is_open = Step(queue);
  if (is_open) {
    call->WriteLast(ToBuffer(request), {}, nullptr);
    is_open = Step(queue);
  }
  grpc::Status parsed;
  while (is_open) {
    grpc::ByteBuffer buffer;
    call->Read(&buffer, nullptr);
    if (!Step(queue)) break;
    if (!FromBuffer(buffer, *response)) {
      parsed = grpc::Status(grpc::StatusCode::INTERNAL, "the answer is not what it is said to be");
      context.TryCancel();
      break;
    }
    on_response(*response);
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  Step(queue);
  return parsed.ok() ? status : parsed;
}

}  // namespace emu::client
