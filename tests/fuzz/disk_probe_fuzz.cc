// Files that are to become images: what each is, by its first bytes or by what is stated. ISOs, and
// all else that is told apart from them.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "daemon/images/image_probe.h"
#include "tests/fuzz/fuzz_target.h"
#include "vmm/base/unique_fd.h"

namespace emu::fuzz {
namespace {

using emud::v1::Image;

std::string MadeBy(const std::string& command) {
  std::string folder = "/tmp/emu-probe-fuzz-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Fail("no folder for images");
  const std::string all = "cd " + folder + " && echo hello > file && " + command;
  if (system(all.c_str()) != 0) Fail("no image: " + command);
  std::ifstream file(folder + "/image", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  (void)system(("rm -rf " + folder).c_str());
  return bytes;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string iso = MadeBy("xorriso -as mkisofs -quiet -o image file 2>/dev/null");
  // The descriptors alone, which is all that is looked at: what mutates is then seldom elsewhere.
  const std::string begin = iso.substr(0, 16 * 2048 + 4096);
  return {iso,
          begin,
          MadeBy("xorriso -as mkisofs -quiet -o image -b file -no-emul-boot file 2>/dev/null"),
          MadeBy("qemu-img create -q -f qcow2 -o cluster_size=512 image 300k"),
          MadeBy("qemu-img create -q -f vmdk image 300k"),
          MadeBy("qemu-img create -q -f vdi image 300k"),
          std::string(512, '\0')};
}

void TryInput(std::string_view input) {
  const UniqueFd file(memfd_create("image", MFD_CLOEXEC));
  if (write(file.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    Fail("the input can't be written");
  }
  for (const Image::Format stated :
       {Image::FORMAT_UNSPECIFIED, Image::RAW, Image::QCOW2, Image::ISO}) {
    const auto facts = daemon::ProbeDisk(file.get(), stated);
    if (!facts.ok()) {
      if (facts.status().message().find("; ") == std::string::npos) Fail("refused, but no remedy");
      continue;
    }
    if (stated != Image::FORMAT_UNSPECIFIED && facts->format != stated) Fail("not as stated");
    if (facts->format == Image::ISO && input.substr(16 * 2048 + 1, 5) != "CD001") {
      Fail("an ISO without a descriptor");
    }
    if (facts->format != Image::QCOW2 && facts->virtual_size_bytes != input.size()) {
      Fail("of another size");
    }
  }
}

}  // namespace emu::fuzz
