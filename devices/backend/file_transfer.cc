#include "devices/backend/file_transfer.h"

namespace emu {

int FileTransfer::Perform() {
  const bool ok =
      kind == Kind::kRead ? file->Read(spans, offset, past_end) : file->Write(spans, offset);
  return ok ? 0 : HostFile::last_error();
}

}  // namespace emu
