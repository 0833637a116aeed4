// A translator that executes nothing: for tests of what is around it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "translator/vcpu.h"

namespace emu {

// Waits until it is kicked or interrupted; counts what happens to it.
class FakeVcpu final : public translator::Vcpu {
 public:
  translator::VcpuExit Run() override {
    runs.fetch_add(1);
    if (on_run) on_run();
    std::lock_guard lock(mutex_);
    if (debug_stops != 0) {
      --debug_stops;
      return translator::VcpuExit::kDebugStop;
    }
    if (std::exchange(kicked_, false)) return translator::VcpuExit::kStopRequested;
    return translator::VcpuExit::kWaitForInterrupt;
  }
  void Sleep() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return kicked_ || interrupts != 0; });
  }
  void Kick() override {
    {
      std::lock_guard lock(mutex_);
      kicked_ = true;
    }
    changed_.notify_all();
  }
  void SetInterrupt(uint32_t input, bool level) override {
    {
      std::lock_guard lock(mutex_);
      const uint64_t bit = uint64_t{1} << input;
      interrupts = level ? interrupts | bit : interrupts & ~bit;
    }
    changed_.notify_all();
  }
  void Reset(GuestVirtAddr pc) override {
    resets.fetch_add(1);
    reset_pc = pc;
    is_on = true;
  }
  void PowerOff() override { is_on = false; }
  bool PowerOn(GuestVirtAddr pc, uint64_t argument) override {
    start_pc = pc;
    start_argument = argument;
    return !std::exchange(is_on, true);
  }
  void VisitState(StateVisitor&) override {}
  Counters counters() const override { return {}; }

  std::function<void()> on_run;
  uint32_t debug_stops = 0;  // how many runs end for a debugger; set before the first
  std::atomic<uint32_t> runs = 0;
  std::atomic<uint32_t> resets = 0;
  std::atomic<uint64_t> interrupts = 0;
  GuestVirtAddr reset_pc;
  bool is_on = true;
  GuestVirtAddr start_pc;  // of PowerOn
  uint64_t start_argument = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool kicked_ = false;
};

class FakeTranslator final : public translator::Translator {
 public:
  // A Machine::TranslatorFactory.
  static absl::StatusOr<std::unique_ptr<translator::Translator>> New(
      const translator::TranslatorOptions&, AddressSpace&, VirtualClock&) {
    return std::make_unique<FakeTranslator>();
  }

  translator::Vcpu& AddVcpu(uint32_t) override {
    vcpus_.push_back(std::make_unique<FakeVcpu>());
    return *vcpus_.back();
  }
  void SetProcessorPort(translator::ProcessorPort& port) override { processor_port = &port; }
  std::vector<CpuProperty> cpu_properties() const override {
    return {{"compatible", {"fake"}}, {"fake,extensions", {"one", "two"}}};
  }
  void StopTheWorld(const std::function<void()>& action) override { action(); }
  void RevokeWrites() override {}
  absl::Status SaveCode(const translator::CodeSink&) override {
    return absl::FailedPreconditionError("a fake has no code");
  }

  translator::ProcessorPort* processor_port = nullptr;

 private:
  std::vector<std::unique_ptr<FakeVcpu>> vcpus_;
};

}  // namespace emu
