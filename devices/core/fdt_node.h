// Device trees, written from top to bottom over libfdt's sequential interface.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace emu {

// A tree under construction. The first error sticks and comes out of Finish.
class FdtTree {
 public:
  FdtTree();

  // After the root node has ended. RESOURCE_EXHAUSTED if the tree is larger than kMaxBytes,
  // INTERNAL for any other mistake.
  absl::StatusOr<std::vector<std::byte>> Finish();

  static constexpr size_t kMaxBytes = 256 * 1024;

 private:
  friend class FdtNode;
  void Note(int error) {
    if (error_ == 0) error_ = error;
  }

  std::vector<std::byte> bytes_;
  int error_ = 0;
};

// One node, open while the object lives. Properties come before children.
class FdtNode {
 public:
  FdtNode(FdtTree& tree, const std::string& name);
  ~FdtNode();
  FdtNode(const FdtNode&) = delete;
  FdtNode& operator=(const FdtNode&) = delete;

  FdtNode Child(const std::string& name) { return FdtNode(tree_, name); }

  FdtNode& Empty(const char* property);
  FdtNode& Cells(const char* property, std::span<const uint32_t> cells);
  FdtNode& Cells(const char* property, std::initializer_list<uint32_t> cells);
  FdtNode& Cell64(const char* property, uint64_t value);
  FdtNode& String(const char* property, std::string_view value);
  FdtNode& Strings(const char* property, std::span<const std::string> values);
  FdtNode& Bytes(const char* property, std::span<const std::byte> bytes);
  // "reg" with two cells of address and two of size.
  FdtNode& Reg(uint64_t base, uint64_t size);

 private:
  FdtTree& tree_;
};

}  // namespace emu
