// The disk that cloud-init looks for, by libarchive.
#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/cloud_init/cloud_init.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

bool Add(archive* image, const char* name, const std::string& content) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), name);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0444);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  return archive_write_header(image, entry.get()) == ARCHIVE_OK &&
         archive_write_data(image, content.data(), content.size()) ==
             static_cast<la_ssize_t>(content.size());
}

}  // namespace

absl::Status WriteSeed(const SeedFiles& files, const std::string& path) {
  const std::string unfinished = path + ".new";
  unlink(unfinished.c_str());
  const Archive image(archive_write_new(), archive_write_free);
  const bool is_written =
      archive_write_set_format_iso9660(image.get()) == ARCHIVE_OK &&
      archive_write_set_options(image.get(), "volume-id=CIDATA") == ARCHIVE_OK &&
      archive_write_open_filename(image.get(), unfinished.c_str()) == ARCHIVE_OK &&
      Add(image.get(), "meta-data", files.meta_data) &&
      Add(image.get(), "user-data", files.user_data) &&
      (files.network_config.empty() || Add(image.get(), "network-config", files.network_config)) &&
      archive_write_close(image.get()) == ARCHIVE_OK;
  if (!is_written) {
    return errors::Host(absl::StrCat("the seed of cloud-init can't be written: ",
                                     archive_error_string(image.get())),
                        archive_errno(image.get()));
  }
  if (rename(unfinished.c_str(), path.c_str()) != 0) {
    return errors::Host("the seed of cloud-init", errno);
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
