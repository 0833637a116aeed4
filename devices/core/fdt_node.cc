#include "devices/core/fdt_node.h"

#include <libfdt.h>

#include <bit>

#include "absl/strings/str_format.h"

namespace emu {

FdtTree::FdtTree() : bytes_(kMaxBytes) {
  Note(fdt_create(bytes_.data(), static_cast<int>(bytes_.size())));
  Note(fdt_finish_reservemap(bytes_.data()));
}

absl::StatusOr<std::vector<std::byte>> FdtTree::Finish() {
  Note(fdt_finish(bytes_.data()));
  if (error_ == -FDT_ERR_NOSPACE) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "the device tree is larger than %d bytes: shorten the kernel command line", kMaxBytes));
  }
  if (error_ != 0) {
    return absl::InternalError(absl::StrFormat("device tree: %s", fdt_strerror(error_)));
  }
  bytes_.resize(fdt_totalsize(bytes_.data()));
  return std::move(bytes_);
}

FdtNode::FdtNode(FdtTree& tree, const std::string& name) : tree_(tree) {
  tree_.Note(fdt_begin_node(tree_.bytes_.data(), name.c_str()));
}

FdtNode::~FdtNode() { tree_.Note(fdt_end_node(tree_.bytes_.data())); }

FdtNode& FdtNode::Empty(const char* property) { return Bytes(property, {}); }

FdtNode& FdtNode::Cells(const char* property, std::span<const uint32_t> cells) {
  std::vector<uint32_t> big;
  for (const uint32_t cell : cells) big.push_back(cpu_to_fdt32(cell));
  return Bytes(property, std::as_bytes(std::span(big)));
}

FdtNode& FdtNode::Cells(const char* property, std::initializer_list<uint32_t> cells) {
  return Cells(property, std::span(cells.begin(), cells.size()));
}

FdtNode& FdtNode::Cell64(const char* property, uint64_t value) {
  return Cells(property, {static_cast<uint32_t>(value >> 32), static_cast<uint32_t>(value)});
}

FdtNode& FdtNode::String(const char* property, std::string_view value) {
  const std::string terminated(value);
  return Bytes(property, std::as_bytes(std::span(terminated.c_str(), terminated.size() + 1)));
}

FdtNode& FdtNode::Strings(const char* property, std::span<const std::string> values) {
  std::string all;
  for (const std::string& value : values) all.append(value).push_back('\0');
  return Bytes(property, std::as_bytes(std::span(all)));
}

FdtNode& FdtNode::Bytes(const char* property, std::span<const std::byte> bytes) {
  tree_.Note(
      fdt_property(tree_.bytes_.data(), property, bytes.data(), static_cast<int>(bytes.size())));
  return *this;
}

FdtNode& FdtNode::Reg(uint64_t base, uint64_t size) {
  return Cells("reg", {static_cast<uint32_t>(base >> 32), static_cast<uint32_t>(base),
                       static_cast<uint32_t>(size >> 32), static_cast<uint32_t>(size)});
}

}  // namespace emu
