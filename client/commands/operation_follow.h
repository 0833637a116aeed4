// Operations: begun, followed and shown, by the commands that have them.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/endpoint.h"
#include "emud/v1/operation.grpc.pb.h"

namespace emu::client {

// What a verb for several VMs was typed with.
struct BatchFlags {
  emud::v1::BeginOperationRequest request;
  bool no_wait = false;
};

// NAME..., --filter, --no-wait and --request-id; `flags` lives as long as the command.
void AddBatchFlags(CLI::App& command, BatchFlags& flags);
// Whether it takes an operation: more than one VM, or nobody who waits.
bool NeedsOperation(const BatchFlags& flags);
// In any form; `table` is the one for people.
void PrintOperation(const emud::v1::Operation& operation, const std::string& table,
                    const Options& options);
// Begins it, follows it unless nobody waits, and shows what has become of each VM. The exit code is
// that of the first that failed.
int RunOperation(const BatchFlags& flags, const Options& options);

// Waits until it is done, `seconds` at most unless negative, and shows how it goes on.
grpc::Status FollowOperation(emud::v1::OperationService::Stub& stub, const Options& options,
                             int64_t seconds, emud::v1::Operation& operation);
int ShowOperation(const emud::v1::Operation& operation, const Options& options);
// Follows what a command has begun, unless nobody waits. The exit code, with all shown, where the
// command ends here: nobody waits, or it failed; nothing where what came of it is to be shown.
std::optional<int> FollowToSuccess(const std::shared_ptr<grpc::Channel>& channel,
                                   const Options& options, bool no_wait,
                                   emud::v1::Operation& operation);
std::string OperationTable(const std::vector<emud::v1::Operation>& operations);

}  // namespace emu::client
