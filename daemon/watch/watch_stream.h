// A watch as gRPC's callback API has it: it holds no thread while there is nothing to tell.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "daemon/errors.h"
#include "daemon/watch/cursor.h"
#include "daemon/watch/watch_hub.h"

namespace emu::daemon {

// Belongs to gRPC, and ends with the call.
template <typename Response>
class WatchStream final : public grpc::ServerWriteReactor<Response>, private WatchHub::Listener {
 public:
  static grpc::ServerWriteReactor<Response>* Start(WatchHub& hub,
                                                   std::unique_ptr<Cursor<Response>> cursor) {
    auto* const stream = new WatchStream(hub, std::move(cursor));
    hub.Join(*stream);
    stream->Wake();
    return stream;
  }
  static grpc::ServerWriteReactor<Response>* Refuse(const absl::Status& status) {
    class Refusal final : public grpc::ServerWriteReactor<Response> {
     public:
      void OnDone() override { delete this; }
    };
    auto* const refusal = new Refusal();
    refusal->Finish(errors::ToGrpc(status));
    return refusal;
  }

 private:
  WatchStream(WatchHub& hub, std::unique_ptr<Cursor<Response>> cursor)
      : hub_(hub), cursor_(std::move(cursor)) {}

  void Wake() override {
    const std::lock_guard lock(mutex_);
    Advance();
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    if (ok) {
      Advance();
    } else {
      End(grpc::Status::OK);
    }
  }
  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    if (!is_writing_) End(grpc::Status::CANCELLED);  // else OnWriteDone hears of it
  }
  void OnDone() override {
    hub_.Leave(*this);
    delete this;
  }

  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (is_writing_ || has_ended_) return;
    absl::StatusOr<std::optional<Response>> next = cursor_->Next();
    if (!next.ok()) return End(errors::ToGrpc(next.status()));
    if (!next->has_value()) return;
    response_ = **std::move(next);
    is_writing_ = true;
    this->StartWrite(&response_);
  }
  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!std::exchange(has_ended_, true)) this->Finish(status);
  }

  WatchHub& hub_;
  const std::unique_ptr<Cursor<Response>> cursor_;
  std::mutex mutex_;
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;
  Response response_;  // gRPC's while is_writing_
};

}  // namespace emu::daemon
