#include "translator/guest/aarch64/helpers.h"

#include <array>

#include "translator/guest/aarch64/system_helpers.h"
#include "translator/guest/aarch64/vector_unit.h"

namespace emu::translator::aarch64 {
namespace {

// Arm ARM C6.2.76, C6.2.77: the reflected polynomials, a byte at a time.
constexpr uint32_t kCrc32Polynomial = 0xedb8'8320, kCrc32cPolynomial = 0x82f6'3b78;
constexpr std::array<uint32_t, 256> CrcTable(uint32_t polynomial) {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? polynomial : 0);
    table[byte] = sum;
  }
  return table;
}
// a the sum so far, b the data, c how many bytes of it.
template <uint32_t polynomial>
uint64_t Crc(GuestContext&, uint64_t a, uint64_t b, uint64_t c) {
  static constexpr std::array<uint32_t, 256> kTable = CrcTable(polynomial);
  auto sum = static_cast<uint32_t>(a);
  for (uint64_t byte = 0; byte < c; ++byte) sum = sum >> 8 ^ kTable[(sum ^ b >> (8 * byte)) & 0xff];
  return sum;
}

constexpr std::array kHelpers = {
    Helper{"crc32", Crc<kCrc32Polynomial>, false, true},
    Helper{"crc32c", Crc<kCrc32cPolynomial>, false, true},
    Helper{"load_exclusive_pair", LoadExclusivePairHelper, true, false},
    Helper{"store_exclusive_pair", StoreExclusivePairHelper, true, false},
    Helper{"compare_swap_pair", CompareSwapPairHelper, true, false},
    Helper{"read_register", ReadRegisterHelper, true, false},
    Helper{"write_register", WriteRegisterHelper, true, false},
    Helper{"write_pstate", WritePstate, true, false},
    Helper{"system_operation", SystemOperation, true, false},
    Helper{"instruction_barrier", InstructionBarrier, true, false},
    Helper{"data_barrier", DataBarrier, true, false},
    Helper{"clear_exclusive", ClearExclusive, true, false},
    Helper{"exception_return", ExceptionReturn, true, false},
    Helper{"call_firmware", CallFirmware, true, false},
    Helper{"wait_for_interrupt", WaitForInterrupt, true, false},
    Helper{"wait_for_event", WaitForEvent, true, false},
    Helper{"send_event", SendEvent, true, false},
    Helper{"begin_step", BeginStep, true, false},
    Helper{"raise_step", RaiseStep, true, false},
    Helper{"execute", Execute, true, false},
};
static_assert(kHelpers.size() == static_cast<size_t>(HelperId::kExecute) + 1);

}  // namespace

std::span<const Helper> Helpers() { return kHelpers; }

}  // namespace emu::translator::aarch64
