#include "vmm/snapshot/state_files.h"

#include <errno.h>
#include <sys/stat.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/crc32c.h"
#include "vmm/snapshot/errors.h"
#include "vmm/snapshot/file_io.h"
#include "vmm/snapshot/state_file.h"
#include "vmm/snapshot/state_header.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

absl::StatusOr<MachineState> ReadManifest(int file, uint32_t& crc32c) {
  StateHeader header;
  RETURN_IF_ERROR(ReadAll(file, std::as_writable_bytes(std::span(&header, 1)), 0));
  if (header.magic != kStateMagic) return Damaged("it has no header");
  if (header.header_crc32c != header.Crc()) return Damaged("its header is not what was written");
  if (header.format > kStateFormat) return OfANewerFormat(header.format, "a later one");
  struct stat info = {};
  if (fstat(file, &info) != 0) return CantRead(errno);
  if (header.manifest_bytes > kMostManifestBytes ||
      ExceedsLimit(header.manifest_offset, header.manifest_bytes,
                   static_cast<uint64_t>(info.st_size))) {
    return Damaged("it is cut short");
  }
  std::string bytes(header.manifest_bytes, '\0');
  RETURN_IF_ERROR(ReadAll(file, std::as_writable_bytes(std::span(bytes)), header.manifest_offset));
  MachineState state;
  if (Crc32c(BytesOf(bytes)) != header.manifest_crc32c || !state.ParseFromString(bytes)) {
    return Damaged("its manifest is not what was written");
  }
  crc32c = header.manifest_crc32c;
  return state;
}

}  // namespace

absl::StatusOr<OpenState> Open(StateFiles files) {
  OpenState state;
  ASSIGN_OR_RETURN(state.manifest, ReadManifest(files.own.get(), state.manifest_crc32c));
  if (static_cast<size_t>(state.manifest.sources_size()) != files.sources.size()) {
    return WithoutItsSources(absl::StrCat("it needs ", state.manifest.sources_size(), " and has ",
                                          files.sources.size()));
  }
  state.files.push_back(std::make_shared<const UniqueFd>(std::move(files.own)));
  for (const MachineState::Source& wanted : state.manifest.sources()) {
    UniqueFd& file = files.sources[state.files.size() - 1];
    uint32_t crc32c = 0;
    ASSIGN_OR_RETURN(const MachineState found, ReadManifest(file.get(), crc32c));
    if (found.uid() != wanted.uid() || crc32c != wanted.manifest_crc32c()) {
      return WithoutItsSources(absl::StrCat("number ", state.files.size(), " is another state"));
    }
    state.files.push_back(std::make_shared<const UniqueFd>(std::move(file)));
  }
  return state;
}

}  // namespace emu::snapshot
