#include "vmm/process/restricted_ring.h"

#include <string.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace emu {
namespace {

io_uring_restriction AllowOperation(uint8_t operation) {
  io_uring_restriction restriction = {};
  restriction.opcode = IORING_RESTRICTION_SQE_OP;
  restriction.sqe_op = operation;
  return restriction;
}

io_uring_restriction Flags(uint16_t which, uint8_t flags) {
  io_uring_restriction restriction = {};
  restriction.opcode = which;
  restriction.sqe_flags = flags;
  return restriction;
}

int RestrictAndEnable(io_uring* ring, std::span<const int> files) {
  std::array restrictions = {AllowOperation(IORING_OP_READ), AllowOperation(IORING_OP_READV),
                             AllowOperation(IORING_OP_WRITEV),
                             Flags(IORING_RESTRICTION_SQE_FLAGS_ALLOWED, IOSQE_FIXED_FILE),
                             Flags(IORING_RESTRICTION_SQE_FLAGS_REQUIRED, IOSQE_FIXED_FILE)};
  int error = io_uring_register_files(ring, files.data(), static_cast<unsigned>(files.size()));
  if (error == 0) {
    error = io_uring_register_restrictions(ring, restrictions.data(), restrictions.size());
  }
  return error == 0 ? io_uring_enable_rings(ring) : error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RestrictedRing>> RestrictedRing::Create(uint32_t entries,
                                                                       std::span<const int> files) {
  io_uring ring = {};
  int error = io_uring_queue_init(entries, &ring, IORING_SETUP_R_DISABLED);
  if (error == 0) {
    error = RestrictAndEnable(&ring, files);
    if (error != 0) io_uring_queue_exit(&ring);
  }
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("the host allows no io_uring: ", strerror(-error), "; use threads"));
  }
  std::unique_ptr<RestrictedRing> restricted(new RestrictedRing);
  restricted->ring_ = ring;
  return restricted;
}

}  // namespace emu
