#include "translator/runtime/sealed_code.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "vmm/base/bits.h"

namespace emu::translator {
namespace {

constexpr uint64_t kHostPage = 4096;

absl::Status CantMap() {
  return absl::InternalError(absl::StrCat("cannot map sealed code: ", std::strerror(errno)));
}

// The ELF note of the linker's (gABI, "Note Section"), which two different programs never share.
std::string BuildId() {
  std::string id;
  const auto look = [](dl_phdr_info* object, size_t, void* found) {
    for (int i = 0; i < object->dlpi_phnum; ++i) {
      const ElfW(Phdr)& part = object->dlpi_phdr[i];
      if (part.p_type != PT_NOTE) continue;
      // SAFETY: the loader has mapped the note, of this length.
      const auto* note = reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr);
      const char* const end = note + part.p_memsz;
      while (note + sizeof(ElfW(Nhdr)) <= end) {
        ElfW(Nhdr) header;
        std::memcpy(&header, note, sizeof header);
        const char* const name = note + sizeof header;
        const char* const content = name + AlignUp(header.n_namesz, 4);
        if (header.n_type == NT_GNU_BUILD_ID && std::string_view(name, 3) == "GNU") {
          static_cast<std::string*>(found)->assign(content, header.n_descsz);
        }
        note = content + AlignUp(header.n_descsz, 4);
      }
    }
    return 1;  // the program comes first, and is all that is asked for
  };
  dl_iterate_phdr(look, &id);
  return id;
}

}  // namespace

std::string SealedCodeMaker(std::string_view arch, std::string_view host_code) {
  const std::string build_id = BuildId();
  if (build_id.empty()) return "";
  std::string maker = absl::BytesToHexString(build_id);
  for (const std::string_view part : {arch, host_code}) maker.append(" ").append(part);
  maker.resize(std::tuple_size_v<decltype(SealedHeader::maker)>);
  return maker;
}

bool SealedLayer::IsWithin(uint64_t file_bytes) const {
  const auto fits = [this](uint64_t count, uint64_t size) { return count <= bytes / size; };
  return start % kHostPage == 0 && code_bytes % kHostPage == 0 && start <= file_bytes &&
         bytes <= file_bytes - start && fits(code_bytes, 1) && fits(pages, sizeof(SealedPage)) &&
         fits(blocks, sizeof(SealedBlock)) && fits(site_bytes, 1) &&
         sites_start() + site_bytes <= start + bytes;
}

absl::StatusOr<std::unique_ptr<SealedCode>> SealedCode::Map(int file, std::string_view maker) {
  struct stat info = {};
  if (fstat(file, &info) != 0) return CantMap();
  const auto bytes = static_cast<uint64_t>(info.st_size);
  if (bytes < SealedHeader::kBytes) {
    return absl::FailedPreconditionError("sealed code: the file was not finished");
  }
  auto sealed = std::unique_ptr<SealedCode>(new SealedCode());
  void* const mapping = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
  if (mapping == MAP_FAILED) return CantMap();
  sealed->mapping_ = static_cast<const std::byte*>(mapping);
  sealed->bytes_ = bytes;
  const SealedHeader& header = sealed->header();
  if (header.magic != SealedHeader::kMagic || maker.empty() ||
      std::string_view(header.maker.data(), header.maker.size()) != maker) {
    return absl::FailedPreconditionError("sealed code: another program has made it");
  }
  if (header.layer_count > SealedHeader::kMostLayers) {
    return absl::DataLossError("sealed code: it has too many layers");
  }
  sealed->layer_count_ = header.layer_count;
  for (const SealedLayer& layer : sealed->layers()) {
    if (!layer.IsWithin(bytes)) return absl::DataLossError("sealed code: a layer is cut short");
    sealed->taken_[static_cast<size_t>(&layer - header.layers.data())].resize(layer.blocks);
    void* const place = const_cast<std::byte*>(sealed->mapping_) + layer.start;
    if (mmap(place, layer.code_bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, file,
             static_cast<off_t>(layer.start)) == MAP_FAILED) {
      return CantMap();
    }
  }
  return sealed;
}

SealedCode::~SealedCode() {
  if (mapping_ != nullptr) munmap(const_cast<std::byte*>(mapping_), bytes_);
}

const SealedHeader& SealedCode::header() const {
  // SAFETY: mapped, as long as this is, and of an implicit-lifetime type.
  return *reinterpret_cast<const SealedHeader*>(mapping_);
}

std::vector<SealedCode::Unit> SealedCode::Take(GuestPhysAddr start, uint64_t mode) {
  std::vector<Unit> units;
  for (size_t number = 0; number < layer_count_; ++number) {
    const SealedLayer& layer = layers()[number];
    const std::span<const SealedBlock> blocks = BlocksOf(layer, start.PageBase(), mode);
    if (blocks.empty()) continue;
    const auto first = taken_[number].begin() + (blocks.data() - AllBlocks(layer).data());
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].page_offset != start.PageOffset() || first[static_cast<ptrdiff_t>(i)]) continue;
      Unit unit;
      for (size_t other = 0; other < blocks.size(); ++other) {
        if (blocks[other].unit != blocks[i].unit) continue;
        first[static_cast<ptrdiff_t>(other)] = true;
        unit.push_back(ToBlock(layer, blocks[other], start.PageBase(), mode));
      }
      const bool is_whole = std::ranges::none_of(
          unit, [](const std::unique_ptr<CodeBlock>& block) { return block == nullptr; });
      if (is_whole) units.push_back(std::move(unit));
    }
  }
  return units;
}

std::span<const SealedBlock> SealedCode::AllBlocks(const SealedLayer& layer) const {
  // SAFETY: IsWithin has said that they are there; aligned by what lies before them.
  return {reinterpret_cast<const SealedBlock*>(mapping_ + layer.blocks_start()), layer.blocks};
}

std::span<const SealedBlock> SealedCode::BlocksOf(const SealedLayer& layer, GuestPhysAddr page,
                                                  uint64_t mode) const {
  // SAFETY: as above.
  const std::span pages(reinterpret_cast<const SealedPage*>(mapping_ + layer.pages_start()),
                        layer.pages);
  const std::pair wanted(page.value, mode);
  const auto key = [](const SealedPage& entry) { return std::pair(entry.page, entry.mode); };
  const auto found = std::ranges::lower_bound(pages, wanted, std::less<>(), key);
  if (found == pages.end() || key(*found) != wanted || found->first_block > layer.blocks ||
      found->block_count > layer.blocks - found->first_block) {
    return {};
  }
  return AllBlocks(layer).subspan(found->first_block, found->block_count);
}

// nullptr for one that nobody could have written.
std::unique_ptr<CodeBlock> SealedCode::ToBlock(const SealedLayer& layer, const SealedBlock& sealed,
                                               GuestPhysAddr page, uint64_t mode) const {
  const auto fits = [](uint64_t start, uint64_t bytes, uint64_t room) {
    return start <= room && bytes <= room - start;
  };
  if (!fits(sealed.code, sealed.code_bytes, layer.code_bytes) ||
      !fits(sealed.fault_sites, sealed.fault_site_bytes, layer.site_bytes) ||
      !fits(sealed.page_offset, sealed.length_bytes, kPageSize)) {
    return nullptr;
  }
  auto block = std::make_unique<CodeBlock>();
  block->start = page + sealed.page_offset;
  block->mode = mode;
  block->second_page = sealed.second_page;
  block->content_hash = sealed.content_hash;
  block->length_bytes = sealed.length_bytes;
  block->guest_instructions = sealed.guest_instructions;
  block->code_bytes = sealed.code_bytes;
  block->code = mapping_ + layer.start + sealed.code;
  block->fault_site_bytes = sealed.fault_site_bytes;
  if (sealed.fault_site_bytes != 0) {
    // SAFETY: bytes as bytes.
    block->fault_sites =
        reinterpret_cast<const uint8_t*>(mapping_ + layer.sites_start() + sealed.fault_sites);
  }
  return block;
}

}  // namespace emu::translator
