#include "client/vm_flags.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "client/disk_option.h"
#include "client/forward.h"
#include "client/manifest.h"
#include "client/size.h"

namespace emu::client {
namespace {

// "user,bus=pci,tftp=/srv/tftp,bootfile=grub.efi".
bool ParseNetwork(const std::string& text, emud::v1::Nic& nic) {
  std::stringstream parts(text);
  std::string part;
  std::getline(parts, part, ',');
  nic.set_mode(emud::v1::Nic::USER);
  if (part != "user") return false;
  while (std::getline(parts, part, ',')) {
    const std::string value = part.substr(part.find('=') + 1);
    if (part == "bus=pci") {
      nic.set_bus(emud::v1::Disk::VIRTIO_PCI);
    } else if (part.starts_with("tftp=")) {
      nic.mutable_boot_server()->set_folder(value);
    } else if (part.starts_with("bootfile=")) {
      nic.mutable_boot_server()->set_boot_file(value);
    } else {
      return false;
    }
  }
  return true;
}

// A forward needs a network, so it is one.
bool AddNetwork(const VmFlags& flags, emud::v1::VmSpec& spec, std::string& error) {
  if (!flags.net.empty() || (!flags.forwards.empty() && spec.nics().empty())) {
    if (!ParseNetwork(flags.net.empty() ? "user" : flags.net, *spec.add_nics())) {
      error = "--net " + flags.net + ": give user, user,bus=pci or user,tftp=FOLDER,bootfile=NAME";
      return false;
    }
  }
  for (const std::string& text : flags.forwards) {
    if (!ParseForward(text, *spec.mutable_nics(spec.nics_size() - 1)->add_forwards(), error)) {
      return false;
    }
  }
  return true;
}

// The image's disk is the first, so that it is what its kernel calls so.
bool AddDisks(const VmFlags& flags, emud::v1::VmSpec& spec, std::string& error) {
  if (!flags.image.empty()) {
    emud::v1::Disk first;
    if (!ParseDisk("image=" + flags.image, first, error)) return false;
    *spec.add_disks() = std::move(first);
    std::rotate(spec.mutable_disks()->begin(), spec.mutable_disks()->end() - 1,
                spec.mutable_disks()->end());
  }
  for (const std::string& disk : flags.disks) {
    if (!ParseDisk(disk, *spec.add_disks(), error)) return false;
  }
  return true;
}

}  // namespace

bool SetVmFlags(const VmFlags& flags, emud::v1::VmSpec& spec, std::string& error) {
  emud::v1::Machine& machine = *spec.mutable_machine();
  if (!flags.arch.empty()) machine.set_arch(flags.arch);
  if (flags.cpus != 0) machine.set_cpus(flags.cpus);
  if (flags.gic_version != 0) machine.set_gic_version(flags.gic_version);
  if (flags.code_cache_mib != 0) machine.set_code_cache_mib(flags.code_cache_mib);
  if (!flags.memory.empty()) {
    uint64_t mib = 0;
    if (!ParseMib(flags.memory, mib)) {
      error = "--memory " + flags.memory + ": give a size like 512M or 2G";
      return false;
    }
    machine.set_memory_mib(mib);
  }
  emud::v1::Boot& boot = *spec.mutable_boot();
  if (!flags.kernel.empty()) boot.set_kernel(flags.kernel);
  if (!flags.initrd.empty()) boot.set_initrd(flags.initrd);
  if (!flags.firmware.empty()) boot.set_firmware(flags.firmware);
  if (!flags.flash.empty()) boot.set_flash(flags.flash);
  if (!flags.append.empty()) boot.set_cmdline(flags.append);
  if (!AddDisks(flags, spec, error)) return false;
  if (!AddNetwork(flags, spec, error) || !SetCloudInit(flags.cloud_init, spec, error)) return false;
  MakeAbsolute("", spec);
  return true;
}

void AddVmFlags(CLI::App& command, VmFlags& flags) {
  command
      .add_option("--arch", flags.arch,
                  "guest architecture (default: what its image is for, else riscv64)")
      ->type_name("{aarch64,riscv64}");
  command.add_option("--cpus", flags.cpus, "processors, 1 to 8 (default 1)")
      ->check(CLI::PositiveNumber);
  command.add_option("--memory", flags.memory,
                     "RAM, like 512M or 2G (default: what its image wishes, else 512M)");
  command
      .add_option(
          "--image", flags.image,
          "NAME[,size=8G]: an image of emud's; its first disk is of it, and it boots as the "
          "image says, unless --kernel and so on do")
      ->type_name("IMAGE");
  command.add_option("--kernel", flags.kernel, "Linux Image, plain or gzip'ed")->type_name("FILE");
  command.add_option("--initrd", flags.initrd, "initial RAM disk")->type_name("FILE");
  command.add_option("--append", flags.append, "kernel command line");
  command.add_option("--firmware", flags.firmware, "ELF or raw image that runs from reset")
      ->type_name("FILE");
  command
      .add_option("--flash", flags.flash,
                  "raw image that runs in the flash, like EDK2, in place of a kernel")
      ->type_name("FILE");
  command
      .add_option(
          "--disk", flags.disks,
          "PATH[,format=raw|qcow2], image=NAME[,size=8G] or volume=NAME, then [,readonly][,bus=pci]"
          "[,id=ID][,cache=C][,werror=E][,rerror=E]: disk image, raw unless told otherwise, or one "
          "of emud's, which stays as it is, or a volume, which outlives the VM; may be repeated. C "
          "is as in QEMU: writeback (default), "
          "none, writethrough, directsync or unsafe. PATH,media=cdrom is a CD (an ISO image) in "
          "a SCSI drive. E is stop (pause the VM, try again on "
          "resume; default of writes) or report (to the guest)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option(
      "--net", flags.net,
      "user[,bus=pci][,tftp=FOLDER][,bootfile=NAME]: a network behind the host's; its "
      "card on PCI; firmware boots NAME in FOLDER from it");
  command
      .add_option("--forward", flags.forwards,
                  "tcp or udp, port of the host (0: any), of the guest: tcp:8080:80; with --net "
                  "user; may be repeated")
      ->allow_extra_args(false)
      ->type_name("P:[A:]H:G");
  command
      .add_option("--user-data", flags.cloud_init.user_data,
                  "for cloud-init in the guest: #cloud-config, or a script; - is standard input")
      ->type_name("FILE");
  command
      .add_option("--ssh-key", flags.cloud_init.ssh_keys,
                  "public key for the image's own user, or the file that has it; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE|KEY");
  command.add_option("--hostname", flags.cloud_init.hostname,
                     "of the guest, by cloud-init (default with --user-data or --ssh-key: NAME)");
  command
      .add_option("--gic-version", flags.gic_version,
                  "aarch64: of the interrupt controller, 2 or 3 (the default)")
      ->check(CLI::IsMember({2, 3}));
  command.add_option("--code-cache-mib", flags.code_cache_mib,
                     "memory for translated code (default: a quarter of the guest's, 64 to 256)");
}

}  // namespace emu::client
