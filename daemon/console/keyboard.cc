#include "daemon/console/keyboard.h"

namespace emu::daemon {

uint64_t Keyboard::Join() {
  std::lock_guard lock(mutex_);
  ++sessions_;
  return next_session_++;
}

void Keyboard::Leave(uint64_t session) {
  std::lock_guard lock(mutex_);
  --sessions_;
  if (holder_ != session) return;
  holder_ = 0;
  principal_.clear();
}

bool Keyboard::Claim(uint64_t session, const std::string& principal) {
  std::lock_guard lock(mutex_);
  if (holder_ != 0 && holder_ != session) return false;
  holder_ = session;
  principal_ = principal;
  return true;
}

void Keyboard::Take(uint64_t session, const std::string& principal) {
  std::lock_guard lock(mutex_);
  holder_ = session;
  principal_ = principal;
}

bool Keyboard::IsHeldBy(uint64_t session) const {
  std::lock_guard lock(mutex_);
  return holder_ == session;
}

std::string Keyboard::holder() const {
  std::lock_guard lock(mutex_);
  return principal_;
}

uint32_t Keyboard::sessions() const {
  std::lock_guard lock(mutex_);
  return sessions_;
}

}  // namespace emu::daemon
