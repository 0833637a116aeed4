// One specimen of every device, for tests of what holds for all.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "absl/strings/str_format.h"
#include "devices/backend/inline_disk.h"
#include "devices/backend/raw_disk.h"
#include "devices/core/device_test_bench.h"
#include "devices/firmware/fw_cfg_test_commands.h"
#include "devices/flash/flash_test_commands.h"
#include "devices/gpio/pl061.h"
#include "devices/interrupt/aclint.h"
#include "devices/interrupt/gicv2_test_frames.h"
#include "devices/interrupt/gicv2m.h"
#include "devices/interrupt/gicv3.h"
#include "devices/interrupt/gicv3_its.h"
#include "devices/interrupt/gicv3_test_frames.h"
#include "devices/interrupt/plic.h"
#include "devices/pci/pci_test_frames.h"
#include "devices/power/sifive_test.h"
#include "devices/serial/ns16550a.h"
#include "devices/serial/pl011.h"
#include "devices/timer/goldfish_rtc.h"
#include "devices/timer/pl031.h"
#include "devices/virtio/block.h"
#include "devices/virtio/console.h"
#include "devices/virtio/entropy.h"
#include "devices/virtio/mmio_transport.h"
#include "devices/virtio/net.h"
#include "devices/virtio/pci_transport.h"
#include "devices/virtio/recording_port.h"
#include "devices/virtio/scsi.h"
#include "devices/virtio/serial_port.h"
#include "devices/virtio/virtio_faces.h"
#include "vmm/base/test_seed.h"

namespace emu {

// A device with everything around it.
struct Specimen {
  DeviceTestBench bench;
  RecordingStream stream;
  RecordingPort port{stream.text};
  RecordingBytePort bytes{stream.text};
  std::unique_ptr<Gicv3> gic;  // what a translation service needs
  std::unique_ptr<Device> device;
  MmioHandler* mmio = nullptr;
  std::unique_ptr<MmioHandler> frames;  // of a device that has several: `mmio`, all of them in one
  const VirtioFace* virtio = nullptr;   // of a virtio device: how its driver reaches it
  std::function<void(std::span<const std::byte>)> receive;  // of devices that are typed into
  std::vector<InterruptLine> inputs;                        // of an interrupt controller
  std::deque<bool> lines;                                   // levels of its interrupts

  InterruptLine NewLine() { return DeviceTestBench::Wire(lines.emplace_back(false)); }

  template <typename T>
  void Own(std::unique_ptr<T> made) {
    if constexpr (std::is_base_of_v<MmioHandler, T>) {
      if (frames == nullptr) mmio = made.get();
    }
    device = std::move(made);
  }
  void OwnFrames(std::unique_ptr<MmioHandler> made) {
    frames = std::move(made);
    mmio = frames.get();
  }
  void OwnVirtio(std::unique_ptr<virtio::VirtioDevice> made) {
    virtio = &kVirtioMmioFace;
    Own(std::make_unique<virtio::MmioTransport>(bench.memory(), NewLine(), std::move(made)));
  }
  // Its messages show in `stream`.
  void OwnVirtioPci(std::unique_ptr<virtio::VirtioDevice> made) {
    virtio = &kVirtioPciFace;
    pci::Slot slot = {.pin = NewLine(), .messages = [this](uint64_t address, uint32_t data) {
                        stream.text += absl::StrFormat("%#x: %#x\n", address, data);
                      }};
    auto transport = std::make_unique<virtio::PciTransport>(bench.memory(), std::move(slot),
                                                            0x00ff00, std::move(made));
    OwnFrames(std::make_unique<PciFrames>(*transport));
    Own(std::move(transport));
  }
};

// What two specimens can agree on.
inline bool FillWithSame(std::span<std::byte> bytes) {
  std::ranges::fill(bytes, std::byte{0x5a});
  return true;
}
inline int SharedDisk() {
  static const int file = [] {
    const int made = memfd_create("disk", 0);
    if (ftruncate(made, 1 << 20) != 0) abort();
    return made;
  }();
  return file;
}

// One that has no room when it is to be flushed, so that such requests are kept.
class FullDisk final : public Disk {
 public:
  explicit FullDisk(std::unique_ptr<DiskImage> image) : disk_(std::move(image)) {}
  uint64_t size_bytes() const override { return disk_.size_bytes(); }
  bool is_readonly() const override { return false; }
  void Submit(DiskRequest request, Done done) override {
    if (request.kind == DiskRequest::Kind::kFlush) return done(ENOSPC);
    disk_.Submit(std::move(request), std::move(done));
  }
  void Cancel(uint32_t) override {}

 private:
  InlineDisk disk_;
};

// Says in the specimen's output that it wants the machine to stop.
inline std::unique_ptr<virtio::VirtioDevice> SharedBlock(Specimen& specimen) {
  UniqueFd file(dup(SharedDisk()));
  return std::make_unique<virtio::Block>(
      std::make_unique<FullDisk>(*RawDisk::Open(std::move(file), RawDisk::Mode::kReadWrite)),
      virtio::Block::Options{
          .id = "id",
          .queue_count = 2,
          .on_write_error = OnDiskError::kStop,
          .stop = [&specimen](const DiskError& error) { specimen.stream.text += error.disk; }});
}

// One with scratches: every other block can't be read, today.
class ScratchedDisc final : public Disk {
 public:
  explicit ScratchedDisc(std::unique_ptr<DiskImage> image) : disk_(std::move(image)) {}
  uint64_t size_bytes() const override { return disk_.size_bytes(); }
  bool is_readonly() const override { return true; }
  void Submit(DiskRequest request, Done done) override {
    if (request.offset / scsi::kBlockBytes % 2 != 0) return done(EIO);
    disk_.Submit(std::move(request), std::move(done));
  }
  void Cancel(uint32_t) override {}

 private:
  InlineDisk disk_;
};

inline std::unique_ptr<virtio::VirtioDevice> SharedCd(Specimen& specimen) {
  UniqueFd file(dup(SharedDisk()));
  return std::make_unique<virtio::ScsiHost>(
      std::make_unique<ScratchedDisc>(*RawDisk::Open(std::move(file), RawDisk::Mode::kReadOnly)),
      virtio::ScsiHost::Options{
          .id = "cd",
          .on_read_error = OnDiskError::kStop,
          .stop = [&specimen](const DiskError& error) { specimen.stream.text += error.disk; }});
}

// The first bytes of a request to a virtio device.
using Request = std::array<uint8_t, 112>;

// To the first unit of a SCSI host's first target.
inline Request ScsiRequest(std::initializer_list<uint8_t> command) {
  Request request = {1, 0};
  std::ranges::copy(command, request.begin() + sizeof(virtio::scsi_host::RequestHeader));
  return request;
}

struct Entry {
  const char* name;
  uint64_t mmio_size;
  void (*make)(Specimen& specimen);
  // Registers of 4 bytes that a driver uses, where they lie far apart.
  std::vector<uint64_t> registers = {};
  // What its driver asks; of others they are small numbers.
  std::vector<Request> requests = {};
  uint32_t request_bytes = 32;
  uint32_t data_bytes = 512;  // behind it
  // What they are put into, in proportion.
  std::vector<uint32_t> queues = {0, 1, 2};
};

// What comes to a network card, told by `bytes`: a frame for one of many, or news of the link.
inline void ReceiveFrame(virtio::Net& net, std::span<const std::byte> bytes) {
  if (bytes[0] < std::byte{32}) return net.SetLink(bytes[0] < std::byte{16});
  static constexpr std::byte kDestinations[][virtio::net::kMacBytes] = {
      {std::byte{2}},
      {std::byte{3}},
      {std::byte{4}},
      {std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255}, std::byte{255},
       std::byte{255}}};
  std::vector<std::byte> packet(sizeof(FrameHeader) + kEthernetHeaderBytes);
  packet[0] = std::byte{kChecksumIsValid};
  std::ranges::copy(kDestinations[static_cast<size_t>(bytes[0]) % 4],
                    packet.begin() + sizeof(FrameHeader));
  packet.insert(packet.end(), bytes.begin(), bytes.end());
  (void)net.Receive(packet);
}

inline const Entry kDevices[] = {
    {"aclint",
     0x10000,
     [](Specimen& s) {
       std::vector<Aclint::HartLines> harts;
       for (int hart = 0; hart < 2; ++hart) harts.push_back({s.NewLine(), s.NewLine()});
       s.Own(std::make_unique<Aclint>(s.bench.clock(), std::move(harts)));
     },
     {0x0, 0x4, 0x4000, 0x4004, 0x4008, 0x400c, 0xbff8, 0xbffc}},
    {"plic",
     0x600000,
     [](Specimen& s) {
       std::vector<InterruptLine> contexts;
       for (int context = 0; context < 4; ++context) contexts.push_back(s.NewLine());
       auto plic = std::make_unique<Plic>(std::move(contexts));
       for (uint32_t source = 1; source < 8; ++source) s.inputs.push_back(plic->Source(source));
       s.Own(std::move(plic));
     },
     {0x4, 0x8, 0xc, 0x1000, 0x2000, 0x2080, 0x2100, 0x2180, 0x200000, 0x200004, 0x201000, 0x201004,
      0x202000, 0x202004, 0x203000, 0x203004}},
    {"cfi_flash", FlashCommands::kArray + FlashCommands::kArrayBytes,
     [](Specimen& s) {
       auto flash = std::make_unique<CfiFlash>(
           *FlashStore::Open(UniqueFd(), nullptr, FlashCommands::kArrayBytes, kPageSize));
       s.OwnFrames(std::make_unique<FlashCommands>(*flash));
       s.Own(std::move(flash));
     },
     FlashCommands::Registers()},
    {"gicv2", Gicv2Frames::kSize,
     [](Specimen& s) {
       std::vector<Gic::CpuLines> cpus;
       for (int cpu = 0; cpu < 2; ++cpu) cpus.push_back({s.NewLine(), s.NewLine()});
       auto gic = std::make_unique<Gicv2>(std::move(cpus));
       for (uint32_t bank = 1; bank < gic::kBankCount; ++bank) {
         s.inputs.push_back(gic->SharedInput(32 * (bank - 1)));
       }
       for (uint32_t cpu = 0; cpu < 2; ++cpu) {
         s.inputs.push_back(InterruptLine(
             [gic = gic.get(), cpu](bool level) { gic->SetPrivateInput(cpu, 27, level); }));
       }
       auto frames = std::make_unique<Gicv2Frames>(*gic);
       frames->TurnOn();
       s.OwnFrames(std::move(frames));
       s.Own(std::move(gic));
     },
     Gicv2Frames::Registers()},
    {"gicv2m",
     gicv2m::kMmioSize,
     [](Specimen& s) {
       std::vector<InterruptLine> lines;
       for (int i = 0; i < 4; ++i) lines.push_back(s.NewLine());
       s.Own(std::make_unique<Gicv2m>(80, std::move(lines)));
     },
     {0x8, 0x40, 0xfcc}},
    {"gicv3", Gicv3Frames::kSize,
     [](Specimen& s) {
       std::vector<Gicv3::CpuLines> cpus;
       for (int cpu = 0; cpu < 2; ++cpu) cpus.push_back({s.NewLine(), s.NewLine()});
       auto gic = std::make_unique<Gicv3>(s.bench.memory(), std::move(cpus));
       for (uint32_t bank = 1; bank < gic::kBankCount; ++bank) {
         s.inputs.push_back(gic->SharedInput(32 * (bank - 1)));
       }
       for (uint32_t cpu = 0; cpu < 2; ++cpu) {
         s.inputs.push_back(InterruptLine(
             [gic = gic.get(), cpu](bool level) { gic->SetPrivateInput(cpu, 27, level); }));
         s.inputs.push_back(InterruptLine([gic = gic.get(), cpu](bool level) {
           gic->SetLpiPending(cpu, gicv3::kFirstLpi + cpu, level);
         }));
       }
       auto frames = std::make_unique<Gicv3Frames>(*gic);
       frames->TurnOn(s.bench.memory());
       s.OwnFrames(std::move(frames));
       s.Own(std::move(gic));
     },
     Gicv3Frames::Registers()},
    {"gicv3_its",
     gicv3_its::kMmioSize,
     [](Specimen& s) {
       s.gic = std::make_unique<Gicv3>(s.bench.memory(), std::vector<Gicv3::CpuLines>(1));
       auto its = std::make_unique<Gicv3Its>(s.bench.memory(), *s.gic);
       its->MmioWrite(0x80, 8, gicv3_its::kValid | DeviceTestBench::kRam.value);
       s.Own(std::move(its));
     },
     {0x0, 0x84, 0x88, 0x90, 0x100, 0x104, 0x108, 0x10c, 0x10040}},
    {"ns16550a", 0x100,
     [](Specimen& s) {
       auto uart = std::make_unique<Ns16550a>(s.stream, s.NewLine());
       s.receive = [uart = uart.get()](auto bytes) { uart->Receive(bytes); };
       s.Own(std::move(uart));
     }},
    {"fw_cfg", fw_cfg::kMmioSize,
     [](Specimen& s) {
       auto device = std::make_unique<FwCfg>(s.bench.memory());
       s.OwnFrames(std::make_unique<FwCfgCommands>(*device, s.bench.memory()));
       s.Own(std::move(device));
     },
     FwCfgCommands::Registers()},
    {"sifive_test", 0x1000,
     [](Specimen& s) {
       s.Own(std::make_unique<SifiveTest>([](SifiveTest::Request, uint32_t) {}));
     }},
    {"goldfish_rtc", 0x1000,
     [](Specimen& s) {
       s.Own(std::make_unique<GoldfishRtc>(
           s.bench.clock(), [] { return uint64_t{1'000'000}; }, s.NewLine()));
     }},
    {"pl011",
     0x1000,
     [](Specimen& s) {
       auto uart = std::make_unique<Pl011>(s.stream, s.NewLine());
       s.receive = [uart = uart.get()](auto bytes) { uart->Receive(bytes); };
       s.Own(std::move(uart));
     },
     {0x0, 0x18, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x48}},
    {"pl031",
     0x1000,
     [](Specimen& s) {
       s.Own(std::make_unique<Pl031>(
           s.bench.clock(), [] { return uint64_t{1'000'000}; }, s.NewLine()));
     },
     {0x0, 0x4, 0x8, 0xc, 0x10, 0x14, 0x18, 0x1c}},
    {"pl061",
     0x1000,
     [](Specimen& s) {
       auto gpio = std::make_unique<Pl061>(s.NewLine());
       for (uint32_t pin = 0; pin < pl061::kPins; ++pin) s.inputs.push_back(gpio->Input(pin));
       s.Own(std::move(gpio));
     },
     {0x020, 0x3fc, 0x400, 0x404, 0x408, 0x40c, 0x410, 0x414, 0x418, 0x41c, 0x420}},
    {"virtio_empty", 0x1000, [](Specimen& s) { s.OwnVirtio(nullptr); }},
    {"virtio_console", 0x1000,
     [](Specimen& s) {
       auto console = std::make_unique<virtio::Console>(s.stream);
       s.receive = [console = console.get()](auto bytes) { console->Receive(bytes); };
       s.OwnVirtio(std::move(console));
     }},
    {"virtio_entropy", 0x1000,
     [](Specimen& s) { s.OwnVirtio(std::make_unique<virtio::Entropy>(&FillWithSame)); }},
    {"virtio_block", 0x1000, [](Specimen& s) { s.OwnVirtio(SharedBlock(s)); }},
    {"virtio_pci_block", PciFrames::kSize, [](Specimen& s) { s.OwnVirtioPci(SharedBlock(s)); },
     PciFrames::Registers()},
    {"virtio_net",
     0x1000,
     [](Specimen& s) {
       auto net = std::make_unique<virtio::Net>(s.port, virtio::net::MacAddress{std::byte{2}});
       s.receive = [net = net.get()](auto bytes) { ReceiveFrame(*net, bytes); };
       s.OwnVirtio(std::move(net));
     },
     {0x10, 0x14, 0x34, 0x60, 0x64, 0x70, 0x100, 0x104, 0x108},
     // A mode off, tables of one entry each, another address.
     {{0, 0, 0},
      {0, 0, 0},
      {1, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3},
      {1, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3},
      {1, 1, 4}}},
    {"virtio_scsi",
     0x1000,
     [](Specimen& s) { s.OwnVirtio(SharedCd(s)); },
     {0x00, 0x04,  0x08,  0x0c,  0x10,  0x14,  0x34,  0x60,  0x64,  0x70,
      0xfc, 0x100, 0x104, 0x108, 0x10c, 0x110, 0x114, 0x118, 0x11c, 0x120},
     // Commands, and resets by the control queue. The tray moves often, and is asked for often: only that makes events.
     {ScsiRequest({0x1b, 0, 0, 0, 2}),
      ScsiRequest({0x1b, 0, 0, 0, 3}),
      ScsiRequest({0x1b, 0, 0, 0, 2}),
      ScsiRequest({0x1b, 0, 0, 0, 3}),
      ScsiRequest({0x1b, 0, 0, 0, 2}),
      ScsiRequest({0x1b, 0, 0, 0, 3}),
      ScsiRequest({0x00}),
      ScsiRequest({0x03, 0, 0, 0, 18}),
      ScsiRequest({0x12, 0, 0, 0, 36}),
      ScsiRequest({0x1a, 0, 0x2a, 0, 30}),
      ScsiRequest({0x1b, 0, 0, 0, 2}),
      ScsiRequest({0x1b, 0, 0, 0, 3}),
      ScsiRequest({0x1e, 0, 0, 0, 1}),
      ScsiRequest({0x1e}),
      ScsiRequest({0x28, 0, 0, 0, 0, 0}),
      ScsiRequest({0x08, 0, 0, 1, 1}),
      ScsiRequest({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8}),
      ScsiRequest({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8}),
      ScsiRequest({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8}),
      ScsiRequest({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8}),
      {0, 0, 0, 0, 5, 0, 0, 0, 1}},
     112,
     2560,
     {0, 1, 2, 2, 2, 2, 2, 2}},
    {"virtio_serial",
     0x1000,
     [](Specimen& s) {
       auto serial = std::make_unique<virtio::SerialPort>(s.bytes, "name");
       s.receive = [serial = serial.get()](auto bytes) {
         if (bytes[0] < std::byte{64}) return serial->SetConnection(bytes[0] < std::byte{32});
         (void)serial->Receive(bytes);
       };
       s.OwnVirtio(std::move(serial));
     },
     {0x10, 0x14, 0x34, 0x60, 0x64, 0x70, 0x100, 0x104, 0x108},
     // The driver is there, it has taken the port up, a program opens it.
     {{0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 3, 0, 1}, {0, 0, 0, 0, 6, 0, 1}, {0, 0, 0, 0, 6, 0, 0}},
     32,
     512,
     {0, 1, 2, 3, 3}},
};

}  // namespace emu
