#include "vmm/machine/tables/aml.h"

#include "vmm/machine/tables/byte_writer.h"

namespace emu::tables::aml {
namespace {

constexpr uint8_t kNameOp = 0x08, kByteOp = 0x0a, kWordOp = 0x0b, kDwordOp = 0x0c, kStringOp = 0x0d,
                  kQwordOp = 0x0e, kScopeOp = 0x10, kBufferOp = 0x11, kPackageOp = 0x12,
                  kMethodOp = 0x14, kExtendedOp = 0x5b, kNotifyOp = 0x86;
constexpr uint8_t kDeviceOp = 0x82;  // behind kExtendedOp

// S. 20.2.4: the length counts itself. One byte, or a nibble and up to three bytes.
Term WithLength(const Term& body) {
  ByteWriter out;
  size_t size = body.size() + 1;
  if (size < 0x40) {
    out.U8(static_cast<uint8_t>(size));
    return Join({out.Take(), body});
  }
  uint8_t more = 1;
  while (body.size() + 1 + more >= size_t{1} << (4 + 8 * more)) ++more;
  size = body.size() + 1 + more;
  out.U8(static_cast<uint8_t>(more << 6 | (size & 15)));
  for (uint8_t i = 0; i < more; ++i) out.U8(static_cast<uint8_t>(size >> (4 + 8 * i)));
  return Join({out.Take(), body});
}

Term NameString(std::string_view name) {
  ByteWriter out;
  if (name.starts_with('\\')) {
    out.U8('\\');
    name.remove_prefix(1);
  }
  for (size_t i = 0; i < 4; ++i) out.U8(static_cast<uint8_t>(i < name.size() ? name[i] : '_'));
  return out.Take();
}

Term Byte(uint8_t value) { return ByteWriter().U8(value).Take(); }

// Large resource descriptors (s. 6.4.3): a tag, the length of what follows.
Term LargeResource(uint8_t tag, const ByteWriter& body) {
  ByteWriter out;
  out.U8(tag).U16(static_cast<uint16_t>(body.size())).Bytes(body.bytes());
  return out.Take();
}

// Address spaces (s. 6.4.3.5): what kind, and minimum and maximum are fixed.
constexpr uint8_t kMemoryKind = 0, kIoKind = 1, kBusKind = 2, kFixedRange = 0x0c;
constexpr uint8_t kNotCacheableWritable = 1, kEntireIo = 3;

struct Range {
  uint64_t base, size, translation;
};
// `width_bytes`: of each number.
Term AddressSpace(uint8_t tag, size_t width_bytes, uint8_t kind, uint8_t flags,
                  const Range& range) {
  ByteWriter body;
  body.U8(kind).U8(kFixedRange).U8(flags);
  for (const uint64_t number :
       {uint64_t{0}, range.base, range.base + (range.size - 1), range.translation, range.size}) {
    body.Little(number, width_bytes);
  }
  return LargeResource(tag, body);
}
constexpr uint8_t kWordTag = 0x88, kDwordTag = 0x87, kQwordTag = 0x8a;

}  // namespace

Term Join(std::initializer_list<Term> terms) {
  Term all;
  for (const Term& term : terms) all.insert(all.end(), term.begin(), term.end());
  return all;
}

Term Integer(uint64_t value) {
  ByteWriter out;
  if (value <= 1) return Byte(static_cast<uint8_t>(value));  // ZeroOp, OneOp
  if (value <= UINT8_MAX) return out.U8(kByteOp).U8(static_cast<uint8_t>(value)).Take();
  if (value <= UINT16_MAX) return out.U8(kWordOp).U16(static_cast<uint16_t>(value)).Take();
  if (value <= UINT32_MAX) return out.U8(kDwordOp).U32(static_cast<uint32_t>(value)).Take();
  return out.U8(kQwordOp).U64(value).Take();
}

Term String(std::string_view text) {
  return ByteWriter().U8(kStringOp).Text(text, text.size() + 1).Take();
}

Term Package(const std::vector<Term>& elements) {
  Term body = Byte(static_cast<uint8_t>(elements.size()));
  for (const Term& element : elements) body = Join({body, element});
  return Join({Byte(kPackageOp), WithLength(body)});
}

Term Buffer(std::span<const std::byte> bytes) {
  return Join({Byte(kBufferOp),
               WithLength(Join({Integer(bytes.size()), Term(bytes.begin(), bytes.end())}))});
}

Term Name(std::string_view name, const Term& value) {
  return Join({Byte(kNameOp), NameString(name), value});
}

Term Scope(std::string_view name, const Term& body) {
  return Join({Byte(kScopeOp), WithLength(Join({NameString(name), body}))});
}

Term Device(std::string_view name, const Term& body) {
  return Join({Byte(kExtendedOp), Byte(kDeviceOp), WithLength(Join({NameString(name), body}))});
}

Term Method(std::string_view name, const Term& body) {
  constexpr uint8_t kSerialized = 8;
  return Join({Byte(kMethodOp), WithLength(Join({NameString(name), Byte(kSerialized), body}))});
}

Term Notify(std::string_view object, uint8_t value) {
  return Join({Byte(kNotifyOp), NameString(object), Integer(value)});
}

Term Memory32(uint32_t base, uint32_t size) {
  constexpr uint8_t kTag = 0x86, kReadWrite = 1;
  return LargeResource(kTag, ByteWriter().U8(kReadWrite).U32(base).U32(size));
}

Term Interrupt(uint32_t number) {
  constexpr uint8_t kTag = 0x89, kConsumerLevelHigh = 1;
  return LargeResource(kTag, ByteWriter().U8(kConsumerLevelHigh).U8(1).U32(number));
}

// S. 6.4.3.8.1: what follows the fixed part, the pins and the controller's name, lies at offsets
// from the descriptor's begin.
Term GpioEvent(uint16_t pin, std::string_view controller) {
  constexpr uint8_t kTag = 0x8c, kRevision = 1, kInterruptKind = 0, kPullUp = 1;
  constexpr uint16_t kConsumer = 1, kEdgeActiveHigh = 1, kPinsAt = 23, kNameAt = kPinsAt + 2;
  ByteWriter body;
  body.U8(kRevision).U8(kInterruptKind).U16(kConsumer).U16(kEdgeActiveHigh).U8(kPullUp);
  body.U16(0).U16(0);  // drive strength, debounce time
  body.U16(kPinsAt).U8(0).U16(kNameAt);
  const auto end = static_cast<uint16_t>(kNameAt + controller.size() + 1);
  body.U16(end).U16(0).U16(pin).Text(controller, controller.size() + 1);
  return LargeResource(kTag, body);
}

Term BusRange(uint16_t first, uint16_t last) {
  return AddressSpace(kWordTag, 2, kBusKind, 0, {first, uint64_t{last} - first + 1, 0});
}

Term IoWindow(uint32_t processors_base, uint32_t size) {
  return AddressSpace(kDwordTag, 4, kIoKind, kEntireIo, {0, size, processors_base});
}

Term MemoryWindow32(uint32_t base, uint32_t size) {
  return AddressSpace(kDwordTag, 4, kMemoryKind, kNotCacheableWritable, {base, size, 0});
}

Term MemoryWindow64(uint64_t base, uint64_t size) {
  return AddressSpace(kQwordTag, 8, kMemoryKind, kNotCacheableWritable, {base, size, 0});
}

Term Resources(std::initializer_list<Term> resources) {
  constexpr uint8_t kEndTag = 0x79;  // and a sum that says "not summed"
  return Buffer(Join({Join(resources), Byte(kEndTag), Byte(0)}));
}

}  // namespace emu::tables::aml
