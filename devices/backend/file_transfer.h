// Reading or writing one place of a host's file, for somebody who does not wait for it.
#pragma once

#include <errno.h>
#include <sys/uio.h>

#include <cstdint>
#include <vector>

#include "devices/backend/host_file.h"

namespace emu {

// Who has transfers under way. Called on threads that wait for the host, with no lock held.
class TransferClient {
 public:
  virtual ~TransferClient() = default;

  // Just before the transfer: false if nobody wants it any more. It ends in Finished all the same.
  virtual bool Begin(void* cookie) = 0;
  // With 0 or an errno. Takes leaf locks only.
  virtual void Finished(void* cookie, int error) = 0;
  // After all calls of Finished that came together: may take the device lock.
  virtual void BatchFinished() = 0;
};

struct FileTransfer {
  enum class Kind : uint8_t { kRead, kWrite };

  Kind kind = Kind::kRead;
  HostFile* file = nullptr;
  uint64_t offset = 0;
  std::vector<iovec> spans = {};
  HostFile::PastEnd past_end = HostFile::PastEnd::kFails;  // of kRead
  TransferClient* client = nullptr;
  void* cookie = nullptr;
  bool has_begun = false;  // for the client

  // Waits for the host; uses the spans up. 0, or an errno.
  int Perform();
  // The same for the client, whose BatchFinished remains to be called.
  void Carry() {
    const bool is_wanted = has_begun || client->Begin(cookie);
    client->Finished(cookie, is_wanted ? Perform() : ECANCELED);
  }
};

}  // namespace emu
