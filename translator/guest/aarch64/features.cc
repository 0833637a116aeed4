#include "translator/guest/aarch64/features.h"

namespace emu::translator::aarch64 {

std::vector<Translator::CpuProperty> DescribeProcessor() { return {{"compatible", {"arm,armv8"}}}; }

}  // namespace emu::translator::aarch64
