// What every service has: the one way to a handler.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/authenticator.h"
#include "daemon/access/authorizer.h"
#include "daemon/errors.h"
#include "daemon/handlers/call_recorder.h"
#include "daemon/host_paths.h"
#include "daemon/services.h"
#include "daemon/watch/cursor.h"
#include "daemon/watch/watch_stream.h"
#include "google/protobuf/empty.pb.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

// As another cursor, for a caller from elsewhere.
template <typename Response>
class RemoteCursor final : public Cursor<Response> {
 public:
  explicit RemoteCursor(std::unique_ptr<Cursor<Response>> cursor) : cursor_(std::move(cursor)) {}
  absl::StatusOr<std::optional<Response>> Next() override {
    absl::StatusOr<std::optional<Response>> next = cursor_->Next();
    if (!next.ok()) return WithoutHostPaths(next.status(), google::protobuf::Empty());
    return next;
  }

 private:
  const std::unique_ptr<Cursor<Response>> cursor_;
};

// A service of ours beside the one that gRPC has generated. For every thread.
class ServiceBase {
 public:
  ServiceBase(const Backend& backend, const Authenticator& authenticator)
      : backend_(backend),
        authenticator_(authenticator),
        authorizer_({backend.vms, backend.images, backend.volumes, backend.snapshots, backend.pools,
                     backend.access}) {}

 protected:
  // Runs `handler(call)` if the caller may make the request.
  template <typename Request, typename Handler>
  grpc::Status Guard(grpc::ServerContext* context, const Request& request,
                     const Handler& handler) const {
    absl::StatusOr<Caller> caller = authenticator_.CallerOf(*context);
    if (!caller.ok()) return errors::ToGrpc(caller.status());
    CallContext call = {backend_.vms,
                        backend_.images,
                        backend_.volumes,
                        backend_.snapshots,
                        backend_.pools,
                        backend_.access,
                        backend_.audit,
                        backend_.file_root,
                        backend_.operations,
                        backend_.builds,
                        backend_.sampler,
                        *std::move(caller),
                        [context] { return context->IsCancelled(); },
                        [context] { context->TryCancel(); }};
    const CallRecorder recorder(call, request);
    absl::Status status = authorizer_.Authorize(call.caller, request);
    if (status.ok()) status = handler(call);
    recorder.End(status);
    if (call.caller.origin == Origin::kRemote) status = WithoutHostPaths(status, request);
    return errors::ToGrpc(status);
  }

  // Likewise, for a handler that answers with nothing but a status, or on a stream.
  template <typename Request, typename Handler, typename... Stream>
  grpc::Status Pass(grpc::ServerContext* context, const Request& request, const Handler& handler,
                    Stream&... stream) const {
    return Guard(context, request,
                 [&](CallContext& call) { return handler(call, request, stream...); });
  }

  // Likewise, for a handler that answers with a message.
  template <typename Request, typename Response, typename Handler>
  grpc::Status Unary(grpc::ServerContext* context, const Request& request, Response* response,
                     const Handler& handler) const {
    return Guard(context, request, [&](CallContext& call) -> absl::Status {
      ASSIGN_OR_RETURN(*response, handler(call, request));
      return absl::OkStatus();
    });
  }

  // Streams what a cursor of `make(sight)` tells, if the caller may make the request.
  template <typename Response, typename Request, typename Make>
  grpc::ServerWriteReactor<Response>* Watch(grpc::CallbackServerContext* context,
                                            const Request& request, const Make& make) const {
    absl::StatusOr<Caller> caller = authenticator_.CallerOf(*context);
    absl::Status status = caller.status();
    if (status.ok()) status = authorizer_.Authorize(*caller, request);
    if (!status.ok()) return WatchStream<Response>::Refuse(status);
    std::unique_ptr<Cursor<Response>> cursor =
        make([caller = *caller](const std::string& project) { return caller.Sees(project); });
    if (caller->origin == Origin::kRemote) {
      cursor = std::make_unique<RemoteCursor<Response>>(std::move(cursor));
    }
    return WatchStream<Response>::Start(backend_.hub, std::move(cursor));
  }

  const Backend backend_;

 private:
  const Authenticator& authenticator_;
  const Authorizer authorizer_;
};

}  // namespace emu::daemon
