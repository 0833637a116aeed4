#include "vmm/gdb/target_description.h"

#include "vmm/gdb/packet.h"

namespace emu::gdb {

std::string TargetDescription(const translator::DebugArchitecture& architecture) {
  std::string xml =
      Concat({"<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
              "<target version=\"1.0\">\n<architecture>",
              architecture.name, "</architecture>\n"});
  for (const translator::DebugFeature& feature : architecture.features) {
    xml += Concat({"<feature name=\"", feature.name, "\">\n"});
    for (const translator::DebugRegister& entry : feature.registers) {
      xml += Concat({"<reg name=\"", entry.name, "\" bitsize=\"", std::to_string(entry.bits),
                     "\" type=\"", entry.type, "\" regnum=\"", std::to_string(entry.number),
                     "\" group=\"", entry.group, "\"/>\n"});
    }
    xml += "</feature>\n";
  }
  xml += "</target>\n";
  return xml;
}

}  // namespace emu::gdb
