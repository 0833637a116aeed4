// Tells every watch that something has changed; one thread for all of them.
#pragma once

#include <mutex>
#include <set>

#include "absl/base/thread_annotations.h"
#include "daemon/vm_records.h"

namespace emu::daemon {

class WatchHub {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // Something may have changed. On the hub's thread; not after Leave has returned.
    virtual void Wake() = 0;
  };

  // Lives until the process ends, as its thread does.
  explicit WatchHub(const VmRecords& records);

  // For every thread, but Leave not from within Wake.
  void Join(Listener& listener);
  void Leave(Listener& listener);

 private:
  void ThreadMain();

  const VmRecords& records_;
  std::mutex mutex_;
  std::set<Listener*> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
