#include "client/tar_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"

namespace emu::client {
namespace {

constexpr size_t kBlockBytes = 16 << 10;
constexpr int kUnpackFlags = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_UNLINK |
                             ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                             ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;
using Give = std::function<bool(std::string_view)>;

absl::Status ErrorOf(archive* from) {
  const char* reason = archive_error_string(from);
  return absl::InternalError(reason == nullptr ? "a tar stream cannot be handled" : reason);
}

// A path as it is below `name`, put below `as` instead; nothing if it lies elsewhere.
std::optional<std::string> Rename(std::string_view path, const std::string& name,
                                  const std::string& as) {
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.ends_with('/') && path != "/") path.remove_suffix(1);
  if (path == name || path.empty()) return as;
  if (name == ".") return as + "/" + std::string(path);
  if (!path.starts_with(name + "/")) return std::nullopt;
  return as + std::string(path.substr(name.size()));
}

la_ssize_t GiveBlock(archive*, void* give, const void* bytes, size_t size) {
  const bool goes_on = (*static_cast<const Give*>(give))({static_cast<const char*>(bytes), size});
  return goes_on ? static_cast<la_ssize_t>(size) : -1;
}

// The contents of the entry that `from` has come to.
absl::Status CopyData(archive* from, archive* to) {
  const void* bytes = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  while (true) {
    const int read = archive_read_data_block(from, &bytes, &size, &offset);
    if (read == ARCHIVE_EOF) return absl::OkStatus();
    if (read < ARCHIVE_WARN) return ErrorOf(from);
    if (archive_write_data_block(to, bytes, size, offset) < ARCHIVE_WARN) return ErrorOf(to);
  }
}

// As CopyData, into a stream, in which holes are zeroes.
absl::Status PackData(archive* from, archive* to) {
  std::array<char, kBlockBytes> block;
  while (true) {
    const la_ssize_t size = archive_read_data(from, block.data(), block.size());
    if (size == 0) return absl::OkStatus();
    if (size < 0) return ErrorOf(from);
    if (archive_write_data(to, block.data(), static_cast<size_t>(size)) < 0) return ErrorOf(to);
  }
}

absl::Status CheckKind(archive_entry* entry) {
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case AE_IFDIR:
    case AE_IFLNK:
      return absl::OkStatus();
    default:
      // One that is another name of a file has no kind.
      if (archive_entry_hardlink(entry) != nullptr) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat(archive_entry_pathname(entry), " is no file, folder or link; leave it out"));
  }
}

absl::Status RenameEntry(archive_entry* entry, const std::string& name, const std::string& as) {
  const std::string path = archive_entry_pathname(entry);
  const std::optional<std::string> renamed = Rename(path, name, as);
  if (!renamed.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("the stream has ", path, " beside ", name));
  }
  archive_entry_set_pathname(entry, renamed->c_str());
  const char* const link = archive_entry_hardlink(entry);
  if (link == nullptr) return absl::OkStatus();
  const std::optional<std::string> other = Rename(link, name, as);
  if (!other.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is a link to ", link, ", beside ", name));
  }
  archive_entry_set_hardlink(entry, other->c_str());
  return absl::OkStatus();
}

}  // namespace

absl::Status PackTar(const std::string& path, const std::string& name, const Give& give) {
  const Reader disk(archive_read_disk_new(), archive_read_free);
  const Writer stream(archive_write_new(), archive_write_free);
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_read_disk_set_symlink_physical(disk.get());
  archive_write_set_format_gnutar(stream.get());
  if (archive_read_disk_open(disk.get(), path.c_str()) != ARCHIVE_OK) {
    return absl::NotFoundError(archive_error_string(disk.get()));
  }
  // SAFETY: libarchive hands the pointer to GiveBlock alone, which changes nothing.
  if (archive_write_open(stream.get(), const_cast<Give*>(&give), nullptr, GiveBlock, nullptr) !=
      ARCHIVE_OK) {
    return ErrorOf(stream.get());
  }
  while (true) {
    const int read = archive_read_next_header2(disk.get(), entry.get());
    if (read == ARCHIVE_EOF) break;
    if (read < ARCHIVE_WARN) return ErrorOf(disk.get());
    archive_read_disk_descend(disk.get());
    const std::optional<std::string> renamed =
        Rename(archive_entry_pathname(entry.get()), path, name);
    if (!renamed.has_value()) return absl::InternalError(archive_entry_pathname(entry.get()));
    archive_entry_set_pathname(entry.get(), renamed->c_str());
    archive_entry_set_uid(entry.get(), 0);
    archive_entry_set_gid(entry.get(), 0);
    archive_entry_set_uname(entry.get(), "root");
    archive_entry_set_gname(entry.get(), "root");
    if (archive_write_header(stream.get(), entry.get()) < ARCHIVE_WARN) {
      return ErrorOf(stream.get());
    }
    if (archive_entry_filetype(entry.get()) != AE_IFREG) continue;
    if (const absl::Status packed = PackData(disk.get(), stream.get()); !packed.ok()) return packed;
  }
  return archive_write_close(stream.get()) == ARCHIVE_OK ? absl::OkStatus() : ErrorOf(stream.get());
}

absl::Status UnpackTar(int fd, const std::string& name, const std::string& as) {
  const Reader stream(archive_read_new(), archive_read_free);
  const Writer disk(archive_write_disk_new(), archive_write_free);
  archive_read_support_format_tar(stream.get());
  archive_read_support_format_empty(stream.get());
  archive_write_disk_set_options(disk.get(), kUnpackFlags);
  if (archive_read_open_fd(stream.get(), fd, kBlockBytes) != ARCHIVE_OK) {
    return ErrorOf(stream.get());
  }
  archive_entry* entry = nullptr;
  while (true) {
    const int read = archive_read_next_header(stream.get(), &entry);
    if (read == ARCHIVE_EOF) break;
    if (read < ARCHIVE_WARN) return ErrorOf(stream.get());
    if (const absl::Status known = CheckKind(entry); !known.ok()) return known;
    if (const absl::Status renamed = RenameEntry(entry, name, as); !renamed.ok()) return renamed;
    if (archive_write_header(disk.get(), entry) < ARCHIVE_WARN) return ErrorOf(disk.get());
    if (const absl::Status made = CopyData(stream.get(), disk.get()); !made.ok()) return made;
    if (archive_write_finish_entry(disk.get()) < ARCHIVE_WARN) return ErrorOf(disk.get());
  }
  return archive_write_close(disk.get()) == ARCHIVE_OK ? absl::OkStatus() : ErrorOf(disk.get());
}

}  // namespace emu::client
