#include "vmm/process/trace_server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace emu {

// Written to under the translation lock.
class TraceServer::Stream {
 public:
  explicit Stream(UniqueFd pipe) : pipe_(std::move(pipe)) {}

  int fd() const { return pipe_.get(); }
  void Write(std::string_view text) {
    std::string all;
    if (lost_bytes_ != 0) all = "... " + std::to_string(lost_bytes_) + " bytes are lost\n";
    const size_t notice_bytes = all.size();
    all.append(text);
    const ssize_t written = write(pipe_.get(), all.data(), all.size());
    const size_t taken = written < 0 ? 0 : static_cast<size_t>(written);
    if (taken >= notice_bytes) {
      lost_bytes_ = all.size() - taken;
    } else {
      lost_bytes_ += text.size();
    }
  }

 private:
  const UniqueFd pipe_;
  uint64_t lost_bytes_ = 0;
};

TraceServer::~TraceServer() {
  if (stream_ != nullptr) loop_.RemoveFd(stream_->fd());
}

void TraceServer::Start(const translator::TraceOptions& options, UniqueFd pipe, Done done) {
  if (stream_ != nullptr) {
    return done(absl::FailedPreconditionError("trace: another one runs; end it first"));
  }
  stream_ = std::make_shared<Stream>(std::move(pipe));
  // Only that the reader is gone.
  loop_.AddFd(stream_->fd(), 0, [this](uint32_t) { Stop(); });
  // Nothing of the server is touched on the driver's thread.
  driver_.Do(
      [this, &driver = driver_, &loop = loop_, options, stream = stream_, done = std::move(done)] {
        const absl::Status status = driver.machine().translator().debug()->StartTrace(
            options, [stream](std::string_view text) { stream->Write(text); });
        loop.Post([this, stream, status, done] {
          done(status);
          if (status.ok() || stream_ != stream) return;
          loop_.RemoveFd(stream_->fd());
          stream_.reset();
        });
      });
}

void TraceServer::Stop() {
  loop_.RemoveFd(stream_->fd());
  stream_.reset();
  driver_.Do([&driver = driver_] { driver.machine().translator().debug()->StopTrace(); });
}

}  // namespace emu
