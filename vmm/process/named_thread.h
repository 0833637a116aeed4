// A thread with a name of its own from its first instruction on.
#pragma once

#include <sys/prctl.h>

#include <thread>
#include <utility>

namespace emu {

// The calling thread lends `name` (at most 15 characters) for the moment of the creation: a thread
// inherits its creator's. pthread_setname_np of another thread would open a path of /proc, which a
// VM process does not, and the new thread itself may be behind the sandbox already.
template <typename Body>
std::thread StartNamedThread(const char* name, Body body) {
  char own[16] = {};
  prctl(PR_GET_NAME, own);
  prctl(PR_SET_NAME, name);
  std::thread thread(std::move(body));
  prctl(PR_SET_NAME, own);
  return thread;
}

}  // namespace emu
