// ACPI Machine Language, as much of it as descriptions of fixed machines want. ACPI 6.5, s. 20.2:
// the encoding; s. 6.4: resources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace emu::tables::aml {

// A term, encoded. Terms are joined with `Join`.
using Term = std::vector<std::byte>;

Term Join(std::initializer_list<Term> terms);

// Data.
Term Integer(uint64_t value);
Term String(std::string_view text);
Term Package(const std::vector<Term>& elements);
Term Buffer(std::span<const std::byte> bytes);

// Names are single segments of at most four characters; a scope may be "\\_SB".
Term Name(std::string_view name, const Term& value);
Term Scope(std::string_view name, const Term& body);
Term Device(std::string_view name, const Term& body);
Term Method(std::string_view name, const Term& body);  // without arguments
// Tells the system that `value` happened to the object in the same scope.
Term Notify(std::string_view object, uint8_t value);

// Resources, which Resources makes the value of _CRS or _AEI of.
Term Memory32(uint32_t base, uint32_t size);
Term Interrupt(uint32_t number);  // level-sensitive, active high
// An edge of `pin` of the controller with the absolute name `controller`.
Term GpioEvent(uint16_t pin, std::string_view controller);
Term BusRange(uint16_t first, uint16_t last);
// Windows of a bridge: what the processors find at its addresses, which are the bus's, too; of I/O,
// which begins at 0 on the bus, at `processors_base`.
Term IoWindow(uint32_t processors_base, uint32_t size);
Term MemoryWindow32(uint32_t base, uint32_t size);
Term MemoryWindow64(uint64_t base, uint64_t size);
Term Resources(std::initializer_list<Term> resources);

}  // namespace emu::tables::aml
