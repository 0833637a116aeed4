// The commands. Each function hangs its command, with flags, help and examples, under `parent`, and
// when that command is chosen puts its exit code into `code`.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "client/contexts.h"

namespace emu::client {

struct Session {
  Choice choice;
  Options options;  // what the choice has come to
  int code = 0;
};

// --request-id of a mutation; `request` lives as long as `owner`.
template <typename Request>
void AddRequestId(CLI::App& command, Request& request, std::shared_ptr<void> owner) {
  command.add_option_function<std::string>(
      "--request-id",
      [&request, owner = std::move(owner)](const std::string& id) { request.set_request_id(id); },
      "an id of yours, best a UUID: asked for again with it, nothing is done twice");
}

void AddVmCreate(CLI::App& parent, Session& session);
void AddVmList(CLI::App& parent, Session& session);
void AddVmUpdate(CLI::App& parent, Session& session);
void AddVmFork(CLI::App& parent, Session& session);
void AddVmMove(CLI::App& parent, Session& session);
void AddVmForward(CLI::App& parent, Session& session);  // add remove list
void AddVmGet(CLI::App& parent, Session& session);
void AddVmLifecycle(CLI::App& parent, Session& session);  // start stop pause resume reset
void AddVmRemove(CLI::App& parent, Session& session);
void AddVmWait(CLI::App& parent, Session& session);
void AddVmWatch(CLI::App& parent, Session& session);
void AddConsole(CLI::App& parent, Session& session);
void AddRun(CLI::App& parent, Session& session);
void AddCopy(CLI::App& parent, Session& session);
void AddExec(CLI::App& parent, Session& session);
void AddGuest(CLI::App& parent, Session& session);  // info execs kill forget sync-time freeze thaw
void AddConsoleScripting(CLI::App& console, Session& session);  // wait send info
void AddImage(CLI::App& parent, Session& session);              // list get update rm gc, and those:
void AddImageImport(CLI::App& image, Session& session);
void AddImageExport(CLI::App& image, Session& session);
void AddImagePull(CLI::App& image, Session& session);
void AddVolume(CLI::App& parent, Session& session);  // create list get rm
void AddSnapshot(CLI::App& parent,
                 Session& session);  // create list tree get restore rm, and those:
void AddSnapshotUpdate(CLI::App& snapshot, Session& session);
void AddSnapshotExport(CLI::App& snapshot, Session& session);
void AddSnapshotImport(CLI::App& snapshot, Session& session);
void AddPool(CLI::App& parent, Session& session);        // create list get update acquire rm
void AddVmStats(CLI::App& parent, Session& session);     // stats top
void AddManifests(CLI::App& parent, Session& session);   // apply diff delete
void AddOperations(CLI::App& parent, Session& session);  // op list get wait cancel rm
void AddEvents(CLI::App& parent, Session& session);
void AddDebug(CLI::App& parent, Session& session);    // regs mem devices stats gdb trace
void AddApi(CLI::App& parent, Session& session);      // list call
void AddAudit(CLI::App& parent, Session& session);    // list verify
void AddContext(CLI::App& parent, Session& session);  // add use list rm
void AddProject(CLI::App& parent, Session& session);  // create list get update rm
void AddRole(CLI::App& parent, Session& session);     // bind unbind list
void AddToken(CLI::App& parent, Session& session);    // create list revoke
void AddWhoAmI(CLI::App& parent, Session& session);
void AddVersion(CLI::App& parent, Session& session);
void AddHost(CLI::App& parent, Session& session);
void AddCompletion(CLI::App& parent, Session& session);  // bash zsh fish
void AddMan(CLI::App& parent, Session& session);

}  // namespace emu::client
