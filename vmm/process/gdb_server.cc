#include "vmm/process/gdb_server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "vmm/base/log.h"
#include "vmm/gdb/session.h"
#include "vmm/process/debug_target.h"

namespace emu {

// Both threads write to it: the driver's answers at once, so that the guest's last word gets out,
// and the loop's goes on with what the socket did not take.
class GdbServer::Connection {
 public:
  explicit Connection(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  void Send(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    unsent_ += bytes;
    FlushLocked();
  }
  void Flush() {
    std::lock_guard lock(mutex_);
    FlushLocked();
  }
  bool HasUnsent() {
    std::lock_guard lock(mutex_);
    return !unsent_.empty();
  }

 private:
  void FlushLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (!unsent_.empty()) {
      const ssize_t sent =
          send(socket_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) {
        // A peer that is gone is noticed by reading.
        if (errno != EAGAIN) unsent_.clear();
        return;
      }
      unsent_.erase(0, static_cast<size_t>(sent));
    }
  }

  const UniqueFd socket_;
  std::mutex mutex_;
  std::string unsent_ ABSL_GUARDED_BY(mutex_);
};

// Shared with work that is still queued when the server goes.
struct GdbServer::Host {
  explicit Host(StateDriver& driver) : target(driver) {}

  DebugTarget target;
  std::optional<gdb::Session> session;
};

GdbServer::GdbServer(StateDriver& driver, IoLoop& loop)
    : driver_(driver), loop_(loop), host_(std::make_shared<Host>(driver)) {
  driver_.SetDebugObserver([host = host_](uint32_t vcpu) {
    if (!host->session.has_value()) return false;
    const auto stop = host->target.vcpu(vcpu).stop();
    if (stop.has_value()) host->session->NoteStop(vcpu, *stop);
    return true;
  });
}

GdbServer::~GdbServer() {
  if (listener_) loop_.RemoveFd(listener_.get());
  if (is_watched_) loop_.RemoveFd(connection_->fd());
}

void GdbServer::Listen(UniqueFd listener) {
  listener_ = std::move(listener);
  loop_.AddFd(listener_.get(), EPOLLIN, [this](uint32_t) { Accept(); });
}

void GdbServer::Accept() {
  UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection) Attach(std::move(connection));
}

void GdbServer::Attach(UniqueFd connection) {
  if (connection_ != nullptr) {
    LogWarning("gdb-refused", {{"reason", "another gdb is attached"}});
    return;
  }
  LogInfo("gdb-attached");
  connection_ = std::make_shared<Connection>(std::move(connection));
  driver_.Do([host = host_, connection = connection_] {
    host->session.emplace(host->target,
                          [connection](std::string_view bytes) { connection->Send(bytes); });
  });
  Watch();
}

void GdbServer::Watch() {
  is_watched_ = true;
  loop_.AddFd(connection_->fd(), connection_->HasUnsent() ? EPOLLOUT : EPOLLIN,
              [this](uint32_t) { Serve(); });
}

void GdbServer::Serve() {
  loop_.RemoveFd(connection_->fd());
  is_watched_ = false;
  connection_->Flush();
  if (connection_->HasUnsent()) return Watch();
  std::array<char, gdb::kMaxPacketBytes> bytes;
  const ssize_t size = recv(connection_->fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Watch();
  if (size <= 0) return Drop();
  // Read on when this is done. Nothing of the server is touched on the driver's thread.
  driver_.Do([this, host = host_, &loop = loop_, text = std::string(bytes.data(), size)] {
    if (host->session.has_value()) host->session->Receive(text);
    const bool is_over = !host->session.has_value() || host->session->is_over();
    loop.Post([this, is_over] { is_over ? Drop() : Watch(); });
  });
}

void GdbServer::Drop() {
  LogInfo("gdb-detached");
  driver_.Do([host = host_] {
    if (host->session.has_value()) host->session->End();
    host->session.reset();
  });
  connection_.reset();
}

void GdbServer::NoteExit(uint8_t code) {
  if (host_->session.has_value()) host_->session->NoteExit(code);
}

}  // namespace emu
