#include "devices/power/sifive_test.h"

#include "devices/core/register_bank.h"
#include "devices/power/sifive_test_spec.h"

namespace emu {
namespace {

using namespace sifive_test;

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr auto kReadsZero = [](Reg, uint32_t) { return uint64_t{0}; };

}  // namespace

AccessResult SifiveTest::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value, kReadsZero);
}

AccessResult SifiveTest::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(offset, width_bytes, value, kReadsZero, [this](Reg, uint32_t, uint64_t whole) {
    const auto code = static_cast<uint32_t>(whole >> 16);
    switch (whole & 0xffff) {
      case kPass:
        return sink_(Request::kPowerOff, 0);
      case kReset:
        return sink_(Request::kReset, 0);
      case kFail:
        return sink_(Request::kFail, code);
      default:
        return;  // as on QEMU: anything else does nothing
    }
  });
}

}  // namespace emu
