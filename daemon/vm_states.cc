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

// To SUSPENDED at once: of one whose suspension an earlier daemon had asked for, and of one that is
// what a snapshot was.
constexpr Move kMoves[] = {
    {Vm::CREATING, Vm::STOPPED},     {Vm::CREATING, Vm::DELETING},   {Vm::STOPPED, Vm::STARTING},
    {Vm::STOPPED, Vm::DELETING},     {Vm::STARTING, Vm::RUNNING},    {Vm::STARTING, Vm::PAUSED},
    {Vm::STARTING, Vm::STOPPING},    {Vm::STARTING, Vm::STOPPED},    {Vm::STARTING, Vm::CRASHED},
    {Vm::RUNNING, Vm::PAUSED},       {Vm::RUNNING, Vm::STOPPING},    {Vm::RUNNING, Vm::STOPPED},
    {Vm::RUNNING, Vm::CRASHED},      {Vm::PAUSED, Vm::RUNNING},      {Vm::PAUSED, Vm::STOPPING},
    {Vm::PAUSED, Vm::STOPPED},       {Vm::PAUSED, Vm::CRASHED},      {Vm::STOPPING, Vm::STOPPED},
    {Vm::STOPPING, Vm::CRASHED},     {Vm::CRASHED, Vm::STARTING},    {Vm::CRASHED, Vm::DELETING},
    {Vm::CREATING, Vm::FAILED},      {Vm::FAILED, Vm::DELETING},     {Vm::RUNNING, Vm::UNKNOWN},
    {Vm::PAUSED, Vm::UNKNOWN},       {Vm::UNKNOWN, Vm::RUNNING},     {Vm::UNKNOWN, Vm::PAUSED},
    {Vm::UNKNOWN, Vm::STOPPING},     {Vm::UNKNOWN, Vm::STOPPED},     {Vm::UNKNOWN, Vm::CRASHED},
    {Vm::RUNNING, Vm::SUSPENDING},   {Vm::PAUSED, Vm::SUSPENDING},   {Vm::UNKNOWN, Vm::SUSPENDING},
    {Vm::RUNNING, Vm::SUSPENDED},    {Vm::PAUSED, Vm::SUSPENDED},    {Vm::UNKNOWN, Vm::SUSPENDED},
    {Vm::SUSPENDING, Vm::SUSPENDED}, {Vm::SUSPENDING, Vm::RUNNING},  {Vm::SUSPENDING, Vm::PAUSED},
    {Vm::SUSPENDING, Vm::STOPPING},  {Vm::SUSPENDING, Vm::STOPPED},  {Vm::SUSPENDING, Vm::CRASHED},
    {Vm::CREATING, Vm::SUSPENDED},   {Vm::STOPPED, Vm::SUSPENDED},   {Vm::CRASHED, Vm::STOPPED},
    {Vm::SUSPENDED, Vm::RESTORING},  {Vm::SUSPENDED, Vm::STOPPED},   {Vm::SUSPENDED, Vm::DELETING},
    {Vm::RESTORING, Vm::RUNNING},    {Vm::RESTORING, Vm::SUSPENDED}, {Vm::RESTORING, Vm::STOPPING},
    {Vm::RESTORING, Vm::STOPPED},    {Vm::RESTORING, Vm::CRASHED},   {Vm::RESTORING, Vm::PAUSED},
};

}  // namespace

bool IsLegalMove(Vm::State from, Vm::State to) {
  return std::any_of(std::begin(kMoves), std::end(kMoves),
                     [&](const Move& move) { return move.from == from && move.to == to; });
}

bool HasProcess(Vm::State state) {
  return state == Vm::STARTING || state == Vm::RUNNING || state == Vm::STOPPING ||
         state == Vm::PAUSED || state == Vm::UNKNOWN || state == Vm::SUSPENDING ||
         state == Vm::RESTORING;
}

}  // namespace emu::daemon
