#include "daemon/snapshots/tar_reader.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/snapshots/tar_format.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon::tar {
namespace {

constexpr size_t kMostMembers = 1024;
constexpr uint64_t kMostPaxBytes = 64 << 10;
constexpr size_t kBufferBytes = 1 << 20;
// No file is larger, and the sum of all sizes does not overflow.
constexpr uint64_t kMostBytes = uint64_t{1} << 50;

absl::Status CutShort() { return absl::DataLossError("it is cut short"); }
absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

std::optional<uint64_t> Number(std::string_view digits, unsigned base) {
  uint64_t number = 0;
  if (digits.empty()) return std::nullopt;
  for (const char digit : digits) {
    if (digit < '0' || digit >= static_cast<char>('0' + base)) return std::nullopt;
    number = number * base + static_cast<uint64_t>(digit - '0');
    if (number > kMostBytes) return std::nullopt;
  }
  return number;
}

template <size_t kSize>
std::string Text(const std::array<char, kSize>& field) {
  return {field.data(), strnlen(field.data(), kSize)};
}

template <size_t kSize>
std::optional<uint64_t> Octal(const std::array<char, kSize>& field) {
  std::string digits = Text(field);
  while (digits.ends_with(' ')) digits.pop_back();
  return Number(digits, 8);
}

using Records = std::map<std::string, std::string, std::less<>>;

// "length key=value\n", one after another.
absl::StatusOr<Records> ParseRecords(std::string_view text) {
  Records records;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    if (space == std::string_view::npos) return Damaged("a pax header is no such");
    const std::optional<uint64_t> length = Number(text.substr(0, space), 10);
    if (!length || *length > text.size() || *length < space + 2 || text[*length - 1] != '\n') {
      return Damaged("a pax header is no such");
    }
    const std::string_view record = text.substr(space + 1, *length - space - 2);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) return Damaged("a pax header is no such");
    records.emplace(record.substr(0, equals), record.substr(equals + 1));
    text.remove_prefix(*length);
  }
  return records;
}

class Reader {
 public:
  explicit Reader(int archive) : archive_(archive), length_(LengthOf(archive)) {}

  // Nothing behind the last one.
  absl::StatusOr<std::optional<Member>> Next() {
    ASSIGN_OR_RETURN(std::optional<Header> header, ReadHeader());
    if (!header) return std::nullopt;
    Records records;
    if (header->type == kPax) {
      ASSIGN_OR_RETURN(records, ReadRecords(*header));
      ASSIGN_OR_RETURN(header, ReadHeader());
      if (!header) return CutShort();
    }
    // Older writers have a NUL there.
    if (header->type != kRegular && header->type != '\0') {
      return absl::InvalidArgumentError(absl::StrCat(Text(header->name), " is no file"));
    }
    const auto size = records.find(kSize);
    const std::optional<uint64_t> bytes =
        size == records.end() ? Octal(header->size) : Number(size->second, 10);
    if (!bytes) return Damaged("a size is no number");
    if (*bytes > length_ - offset_) return CutShort();
    Member member;
    member.name = Text(header->name);
    if (!Text(header->prefix).empty()) {
      member.name = absl::StrCat(Text(header->prefix), "/", member.name);
    }
    const uint64_t end = offset_ + *bytes;
    if (records.contains(kSparseMajor)) {
      RETURN_IF_ERROR(ReadRuns(records, end, member));
    } else {
      member.file_bytes = *bytes;
      if (*bytes != 0) member.runs.push_back({0, *bytes});
    }
    member.archive_offset = offset_;
    member.data_bytes = end - offset_;
    if (PaddingOf(*bytes) > length_ - end) return CutShort();
    offset_ = end + PaddingOf(*bytes);
    return member;
  }

 private:
  absl::StatusOr<std::optional<Header>> ReadHeader() {
    Header header;
    if (length_ - offset_ < sizeof(header)) return CutShort();
    std::array<char, sizeof(Header)> bytes;
    RETURN_IF_ERROR(ReadWhole(archive_, bytes, offset_));
    std::memcpy(&header, bytes.data(), sizeof(header));
    offset_ += sizeof(header);
    const bool is_end = std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
    if (is_end) return std::nullopt;
    if (Text(header.magic).substr(0, 5) != "ustar") {
      return absl::InvalidArgumentError("it is no tar archive");
    }
    if (Octal(header.checksum) != header.Sum()) return Damaged("a header is not what was written");
    return header;
  }

  absl::StatusOr<Records> ReadRecords(const Header& header) {
    const std::optional<uint64_t> bytes = Octal(header.size);
    if (!bytes || *bytes > kMostPaxBytes) return Damaged("a pax header is too large");
    if (*bytes + PaddingOf(*bytes) > length_ - offset_) return CutShort();
    std::string text(*bytes, '\0');
    RETURN_IF_ERROR(ReadWhole(archive_, text, offset_));
    offset_ += *bytes + PaddingOf(*bytes);
    return ParseRecords(text);
  }

  // The map before the data: how many runs, and each one's offset and length, a number a line.
  absl::Status ReadRuns(const Records& records, uint64_t end, Member& member) {
    const auto number = [&records](std::string_view key) -> std::optional<uint64_t> {
      const auto it = records.find(key);
      return it == records.end() ? std::nullopt : Number(it->second, 10);
    };
    const auto name = records.find(kSparseName);
    const std::optional<uint64_t> file_bytes = number(kSparseSize);
    if (number(kSparseMajor) != 1 || number(kSparseMinor) != 0 || name == records.end() ||
        !file_bytes) {
      return absl::InvalidArgumentError("it has holes in an unknown form");
    }
    member.name = name->second;
    member.file_bytes = *file_bytes;
    const uint64_t begin = offset_;
    ASSIGN_OR_RETURN(const uint64_t count, ReadLine(end));
    runs_ += count;
    if (count > kMostRuns || runs_ > kMostRuns) return Damaged("it has too many holes");
    uint64_t file_offset = 0;
    uint64_t data_bytes = 0;
    for (uint64_t i = 0; i < count; ++i) {
      DataRun run;
      ASSIGN_OR_RETURN(run.offset, ReadLine(end));
      ASSIGN_OR_RETURN(run.length, ReadLine(end));
      if (run.offset < file_offset || run.end() > *file_bytes) {
        return Damaged("data of a file lie over each other");
      }
      file_offset = run.end();
      data_bytes += run.length;
      if (run.length != 0) member.runs.push_back(run);
    }
    offset_ += PaddingOf(offset_ - begin);
    if (offset_ > end || end - offset_ != data_bytes) return Damaged("a file is not of its size");
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> ReadLine(uint64_t end) {
    std::string digits;
    while (true) {
      if (offset_ < window_offset_ || offset_ >= window_offset_ + window_.size()) {
        if (offset_ >= end) return CutShort();
        window_.resize(std::min<uint64_t>(kBufferBytes, end - offset_));
        RETURN_IF_ERROR(ReadWhole(archive_, window_, offset_));
        window_offset_ = offset_;
      }
      const char digit = window_[offset_++ - window_offset_];
      if (digit == '\n') break;
      digits += digit;
      if (digits.size() > 20) return Damaged("a hole is no number");
    }
    const std::optional<uint64_t> number = Number(digits, 10);
    if (!number) return Damaged("a hole is no number");
    return *number;
  }

  const int archive_;
  const uint64_t length_;
  uint64_t offset_ = 0;  // within the archive, always
  size_t runs_ = 0;
  std::string window_;  // what was read of a map
  uint64_t window_offset_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Member>> ReadMembers(int archive) {
  Reader reader(archive);
  std::vector<Member> members;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Member> member, reader.Next());
    if (!member) return members;
    if (members.size() == kMostMembers) return absl::InvalidArgumentError("it has too many files");
    members.push_back(*std::move(member));
  }
}

absl::Status Unpack(int archive, const Member& member, int to, const IsCancelled& is_cancelled) {
  ASSIGN_OR_RETURN(SparseAppender appender, SparseAppender::At(to, 0));
  std::vector<char> buffer(kBufferBytes);
  uint64_t from = member.archive_offset;
  for (const DataRun& run : member.runs) {
    appender.Skip(run.offset - appender.offset());
    while (appender.offset() < run.end()) {
      if (is_cancelled()) return absl::CancelledError("the caller has gone");
      const auto part =
          std::span(buffer).first(std::min<uint64_t>(buffer.size(), run.end() - appender.offset()));
      RETURN_IF_ERROR(ReadWhole(archive, part, from));
      RETURN_IF_ERROR(appender.Append(std::string_view(part.data(), part.size())));
      from += part.size();
    }
  }
  appender.Skip(member.file_bytes - appender.offset());
  return appender.Sync();
}

absl::StatusOr<std::string> ReadText(int archive, const Member& member, uint64_t most) {
  if (member.file_bytes > most || member.data_bytes != member.file_bytes) {
    return Damaged(absl::StrCat(member.name, " is too large"));
  }
  std::string text(member.file_bytes, '\0');
  RETURN_IF_ERROR(ReadWhole(archive, text, member.archive_offset));
  return text;
}

}  // namespace emu::daemon::tar
