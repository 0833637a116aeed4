#include "daemon/vm_states.h"

#include <algorithm>
#include <iterator>

namespace emu::daemon {
namespace {

using emud::v1::Vm;

struct Move {
  Vm::State from;
  Vm::State to;
};

constexpr Move kMoves[] = {
    {Vm::CREATING, Vm::STOPPED},  {Vm::CREATING, Vm::DELETING}, {Vm::STOPPED, Vm::STARTING},
    {Vm::STOPPED, Vm::DELETING},  {Vm::STARTING, Vm::RUNNING},  {Vm::STARTING, Vm::PAUSED},
    {Vm::STARTING, Vm::STOPPING}, {Vm::STARTING, Vm::STOPPED},  {Vm::STARTING, Vm::CRASHED},
    {Vm::RUNNING, Vm::PAUSED},    {Vm::RUNNING, Vm::STOPPING},  {Vm::RUNNING, Vm::STOPPED},
    {Vm::RUNNING, Vm::CRASHED},   {Vm::PAUSED, Vm::RUNNING},    {Vm::PAUSED, Vm::STOPPING},
    {Vm::PAUSED, Vm::STOPPED},    {Vm::PAUSED, Vm::CRASHED},    {Vm::STOPPING, Vm::STOPPED},
    {Vm::STOPPING, Vm::CRASHED},  {Vm::CRASHED, Vm::STARTING},  {Vm::CRASHED, Vm::DELETING},
    {Vm::CREATING, Vm::FAILED},   {Vm::FAILED, Vm::DELETING},   {Vm::RUNNING, Vm::UNKNOWN},
    {Vm::PAUSED, Vm::UNKNOWN},    {Vm::UNKNOWN, Vm::RUNNING},   {Vm::UNKNOWN, Vm::PAUSED},
    {Vm::UNKNOWN, Vm::STOPPING},  {Vm::UNKNOWN, Vm::STOPPED},   {Vm::UNKNOWN, Vm::CRASHED},
};

}  // namespace

bool IsLegalMove(Vm::State from, Vm::State to) {
  return std::any_of(std::begin(kMoves), std::end(kMoves),
                     [&](const Move& move) { return move.from == from && move.to == to; });
}

bool HasProcess(Vm::State state) {
  return state == Vm::STARTING || state == Vm::RUNNING || state == Vm::STOPPING ||
         state == Vm::PAUSED || state == Vm::UNKNOWN;
}

}  // namespace emu::daemon
