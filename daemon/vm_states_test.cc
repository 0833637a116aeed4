#include "daemon/vm_states.h"

#include <gtest/gtest.h>

namespace emu::daemon {
namespace {

using emud::v1::Vm;

TEST(VmStatesTest, NoStateMovesToItself) {
  for (int state = Vm::State_MIN; state <= Vm::State_MAX; ++state) {
    EXPECT_FALSE(IsLegalMove(static_cast<Vm::State>(state), static_cast<Vm::State>(state)));
  }
}

TEST(VmStatesTest, EveryStateWithAProcessCanCrash) {
  for (int state = Vm::State_MIN; state <= Vm::State_MAX; ++state) {
    const auto from = static_cast<Vm::State>(state);
    EXPECT_EQ(IsLegalMove(from, Vm::CRASHED), HasProcess(from)) << Vm::State_Name(from);
  }
}

TEST(VmStatesTest, NothingIsDeletedWhileItHasAProcess) {
  for (const Vm::State from : {Vm::STARTING, Vm::RUNNING, Vm::PAUSED, Vm::STOPPING, Vm::UNKNOWN,
                               Vm::SUSPENDING, Vm::RESTORING}) {
    EXPECT_FALSE(IsLegalMove(from, Vm::DELETING));
  }
}

TEST(VmStatesTest, WhatWasSavedIsGoneOnFromBeforeAnythingElseRuns) {
  for (int state = Vm::State_MIN; state <= Vm::State_MAX; ++state) {
    const auto to = static_cast<Vm::State>(state);
    const bool is_legal = to == Vm::RESTORING || to == Vm::STOPPED || to == Vm::DELETING;
    EXPECT_EQ(IsLegalMove(Vm::SUSPENDED, to), is_legal) << Vm::State_Name(to);
  }
}

TEST(VmStatesTest, OneThatCouldNotBeMadeCanOnlyBeDeleted) {
  for (int state = Vm::State_MIN; state <= Vm::State_MAX; ++state) {
    const auto to = static_cast<Vm::State>(state);
    EXPECT_EQ(IsLegalMove(Vm::FAILED, to), to == Vm::DELETING) << Vm::State_Name(to);
  }
}

}  // namespace
}  // namespace emu::daemon
