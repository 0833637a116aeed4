#include "daemon/snapshots/tar_writer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/snapshots/tar_format.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon::tar {
namespace {

// A smaller hole costs more to say than to write.
constexpr uint64_t kLeastHoleBytes = 64 << 10;
constexpr size_t kBufferBytes = 256 << 10;
constexpr unsigned kMode = 0600;

template <size_t kSize>
void SetNumber(std::array<char, kSize>& field, uint64_t number) {
  const std::string digits = absl::StrFormat("%0*o", kSize - 1, number);
  std::ranges::copy(digits, field.begin());
}

std::string HeaderOf(const std::string& name, uint64_t bytes, char type, int64_t modified_s) {
  Header header;
  std::ranges::copy(name.substr(0, header.name.size()), header.name.begin());
  SetNumber(header.mode, kMode);
  SetNumber(header.uid, 0);
  SetNumber(header.gid, 0);
  SetNumber(header.size, std::min(bytes, kMostPlainBytes));
  SetNumber(header.modified, static_cast<uint64_t>(std::max<int64_t>(modified_s, 0)));
  header.type = type;
  const std::string sum = absl::StrFormat("%06o", header.Sum());
  std::ranges::copy(sum, header.checksum.begin());
  header.checksum.back() = ' ';
  std::string block(sizeof(header), '\0');
  std::memcpy(block.data(), &header, sizeof(header));
  return block;
}

// "length key=value\n", whose length counts itself.
std::string Record(std::string_view key, const std::string& value) {
  const std::string rest = absl::StrCat(" ", std::string(key), "=", value, "\n");
  size_t length = rest.size();
  while (absl::StrCat(length, rest).size() != length) length = absl::StrCat(length, rest).size();
  return absl::StrCat(length, rest);
}

void Pad(std::string& bytes) { bytes.append(PaddingOf(bytes.size()), '\0'); }

std::string PaxOf(const std::string& name, const std::string& records, int64_t modified_s) {
  std::string pax =
      HeaderOf(absl::StrCat("PaxHeaders/", name), records.size(), kPax, modified_s) + records;
  Pad(pax);
  return pax;
}

}  // namespace

PlannedMember::PlannedMember(std::string name, int file, int64_t modified_s, size_t& runs_left)
    : name_(std::move(name)), file_(file), file_bytes_(LengthOf(file)) {
  FindRuns(runs_left);
  for (const DataRun& run : runs_) data_bytes_ += run.length;
  const bool has_holes = data_bytes_ != file_bytes_;
  std::string map;
  std::string records;
  if (has_holes) {
    // One that ends with a hole says so with an empty run.
    if (runs_.empty() || runs_.back().end() != file_bytes_) runs_.push_back({file_bytes_, 0});
    map = absl::StrCat(runs_.size(), "\n");
    for (const DataRun& run : runs_) absl::StrAppend(&map, run.offset, "\n", run.length, "\n");
    Pad(map);
    records = Record(kSparseMajor, "1") + Record(kSparseMinor, "0") + Record(kSparseName, name_) +
              Record(kSparseSize, absl::StrCat(file_bytes_));
  }
  const uint64_t bytes = map.size() + data_bytes_;
  if (bytes > kMostPlainBytes) records += Record(kSize, absl::StrCat(bytes));
  if (!records.empty()) head_ = PaxOf(name_, records, modified_s);
  head_ += HeaderOf(has_holes ? absl::StrCat("GNUSparseFile.0/", name_) : name_, bytes, kRegular,
                    modified_s);
  head_ += map;
}

void PlannedMember::FindRuns(size_t& runs_left) {
  for (uint64_t offset = 0; offset < file_bytes_;) {
    // The last one may be one that is empty.
    if (runs_left <= 2) {
      runs_.push_back({offset, file_bytes_ - offset});
      break;
    }
    const DataRun run = NextData(file_, offset, file_bytes_);
    if (run.length == 0) break;
    if (!runs_.empty() && run.offset - runs_.back().end() < kLeastHoleBytes) {
      runs_.back().length = run.end() - runs_.back().offset;
    } else {
      runs_.push_back(run);
      --runs_left;
    }
    offset = run.end();
  }
  if (runs_left > 1) --runs_left;
}

uint64_t PlannedMember::archive_bytes() const {
  return head_.size() + data_bytes_ + PaddingOf(data_bytes_);
}

absl::Status PlannedMember::Write(const Give& give, const IsCancelled& is_cancelled) const {
  RETURN_IF_ERROR(give(head_));
  std::vector<char> buffer(kBufferBytes);
  for (const DataRun& run : runs_) {
    for (uint64_t offset = run.offset; offset < run.end();) {
      if (is_cancelled()) return absl::CancelledError("the caller has gone");
      const auto part =
          std::span(buffer).first(std::min<uint64_t>(buffer.size(), run.end() - offset));
      RETURN_IF_ERROR(ReadWhole(file_, part, offset));
      RETURN_IF_ERROR(give(std::string_view(part.data(), part.size())));
      offset += part.size();
    }
  }
  return give(std::string(PaddingOf(data_bytes_), '\0'));
}

std::string TextMember(const std::string& name, const std::string& text, int64_t modified_s) {
  std::string member = HeaderOf(name, text.size(), kRegular, modified_s) + text;
  Pad(member);
  return member;
}

std::string End() { return std::string(kEndBlocks * kBlockBytes, '\0'); }

}  // namespace emu::daemon::tar
