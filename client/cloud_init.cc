#include "client/cloud_init.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "client/utf8.h"

namespace emu::client {
namespace {

constexpr size_t kMaxBytes = 1 << 20;  // of a request

bool ReadText(const std::string& flag, const std::string& path, std::string& text,
              std::string& error) {
  std::ifstream file;
  if (path != "-") file.open(path);
  std::istream& stream = path == "-" ? std::cin : file;
  errno = 0;
  if (stream) text.assign(std::istreambuf_iterator<char>(stream), {});
  if (!stream || errno != 0) {
    error = flag + " " + path + ": can't be read: " + std::strerror(errno) + "; check the path";
    return false;
  }
  if (text.size() >= kMaxBytes) {
    error = flag + " " + path + ": it has " + std::to_string(text.size()) +
            " bytes; give less than a request may have, 1 MiB";
    return false;
  }
  if (IsUtf8(text)) return true;
  error = flag + " " + path + ": it is not UTF-8; give text";
  return false;
}

// A key has spaces between its parts, and no slash before the first.
bool IsKey(const std::string& text) {
  const size_t space = text.find(' ');
  return space != std::string::npos && text.find('/') > space;
}

bool AddKeys(const std::string& given, emud::v1::CloudInit& cloud_init, std::string& error) {
  std::string text = given;
  if (!IsKey(given) && !ReadText("--ssh-key", given, text, error)) return false;
  std::istringstream lines(text);
  const int before = cloud_init.ssh_keys_size();
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') cloud_init.add_ssh_keys(line);
  }
  if (cloud_init.ssh_keys_size() > before) return true;
  error =
      "--ssh-key " + given + ": there is no key; give a public key, or a file like id_ed25519.pub";
  return false;
}

}  // namespace

bool SetCloudInit(const CloudInitFlags& flags, emud::v1::VmSpec& spec, std::string& error) {
  if (!flags.user_data.empty() &&
      !ReadText("--user-data", flags.user_data, *spec.mutable_cloud_init()->mutable_user_data(),
                error)) {
    return false;
  }
  for (const std::string& key : flags.ssh_keys) {
    if (!AddKeys(key, *spec.mutable_cloud_init(), error)) return false;
  }
  if (!flags.hostname.empty()) spec.mutable_cloud_init()->set_hostname(flags.hostname);
  return true;
}

}  // namespace emu::client
