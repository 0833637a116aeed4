// A call of a method that is known by its descriptor only.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

namespace emu::client {

// Sends `request`, closes its side, and hands over what comes, message by message, until the call
// ends; its status. Blocks.
grpc::Status CallMethod(const std::shared_ptr<grpc::Channel>& channel,
                        const google::protobuf::MethodDescriptor& method,
                        const google::protobuf::Message& request,
                        const std::function<void(const google::protobuf::Message&)>& on_response);

}  // namespace emu::client
