#include "daemon/audit/audit_log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/errors.h"
#include "daemon/store/audit_store.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

std::string Today() { return absl::FormatTime("%Y%m%d", absl::Now(), absl::UTCTimeZone()); }

// What a kill or a full disk has left behind the last whole line.
void CutTornLine(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t end = text.rfind('\n');
  const size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole == text.size()) return;
  LogWarning("audit-line-cut", {{"file", path}, {"bytes", text.size() - whole}});
  (void)!truncate(path.c_str(), static_cast<off_t>(whole));
}

}  // namespace

AuditLog::AuditLog(std::string directory, Database& database)
    : directory_(std::move(directory)), database_(database) {}

std::vector<std::string> AuditLog::Files() const {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, "audit-") && absl::EndsWith(name, ".jsonl")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::Status AuditLog::Open() {
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return errors::Host(directory_, errno);
  }
  std::lock_guard lock(mutex_);
  {
    Transaction transaction(database_, Durability::kDaemon);
    ASSIGN_OR_RETURN(chain_, AuditStore(transaction).LoadHead());
    RETURN_IF_ERROR(transaction.Commit());
  }
  const std::vector<std::string> files = Files();
  if (files.empty()) return absl::OkStatus();
  CutTornLine(files.back());
  // A line whose head a kill has kept from the store is believed, if it follows.
  std::ifstream newest(files.back(), std::ios::binary);
  for (std::string line; std::getline(newest, line);) {
    emud::v1::AuditEntry entry;
    if (ParseAuditLine(line, entry) && entry.number() == chain_.number() + 1) chain_.Follow(line);
  }
  return KeepHead();
}

absl::Status AuditLog::KeepHead() {
  Transaction transaction(database_, Durability::kDaemon);
  RETURN_IF_ERROR(AuditStore(transaction).PutHead(chain_));
  return transaction.Commit();
}

absl::Status AuditLog::Write(const std::string& line, const std::string& day) {
  if (day != day_ || !file_) {
    const std::string path = absl::StrCat(directory_, "/audit-", day, ".jsonl");
    file_.Reset(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!file_) return errors::Host(path, errno);
    day_ = day;
  }
  struct stat before = {};
  fstat(file_.get(), &before);
  if (write(file_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
    return absl::OkStatus();
  }
  const int error = errno;
  (void)!ftruncate(file_.get(), before.st_size);
  return errors::Host("the audit log", error);
}

void AuditLog::Append(const emud::v1::AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  AuditChain next = chain_;
  absl::Status written = Write(next.Append(entry), Today());
  if (written.ok()) {
    chain_ = std::move(next);
    written = KeepHead();
  }
  if (!written.ok()) {
    LogError("audit-not-written", {{"method", entry.method()},
                                   {"principal", entry.principal()},
                                   {"resource", entry.resource()},
                                   {"error", written.message()}});
  }
}

std::vector<emud::v1::AuditEntry> AuditLog::Newest(size_t limit) const {
  std::deque<emud::v1::AuditEntry> newest;
  for (const std::string& path : Files()) {
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      emud::v1::AuditEntry entry;
      if (!ParseAuditLine(line, entry)) continue;
      newest.push_back(std::move(entry));
      if (newest.size() > limit) newest.pop_front();
    }
  }
  return {newest.begin(), newest.end()};
}

emud::v1::VerifyAuditLogResponse AuditLog::Verify() {
  std::lock_guard lock(mutex_);
  emud::v1::VerifyAuditLogResponse response;
  AuditChain found;
  for (const std::string& path : Files()) {
    response.set_problem(found.FollowFile(path));
    if (!response.problem().empty()) return response;
  }
  response.set_first(found.first());
  response.set_entries(found.number());
  if (found.hash() != chain_.hash()) {
    response.set_problem(absl::StrCat("the log ends with entry ", found.number(), " and not with ",
                                      chain_.number(), ", the last that was written"));
  }
  return response;
}

}  // namespace emu::daemon
