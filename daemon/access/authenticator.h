// Who is at the other end of a call: by the socket's peer, a client certificate, or a token.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/auth_metadata_processor.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/access_records.h"
#include "daemon/access/caller.h"
#include "daemon/peer_registry.h"

namespace emu::daemon {

// For every thread. Lives longer than the server.
class Authenticator {
 public:
  using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

  Authenticator(const AccessRecords& records, PeerRegistry& peers)
      : records_(records), peers_(peers) {}

  // Asks what gRPC knows of the call; at its start, see PeerRegistry. UNAUTHENTICATED.
  absl::StatusOr<Caller> CallerOf(const grpc::ServerContextBase& context) const;
  // Likewise of a call over TLS that has not come to a service yet.
  absl::StatusOr<Caller> RemoteCaller(const Metadata& metadata,
                                      const grpc::AuthContext& connection) const;

 private:
  const AccessRecords& records_;
  PeerRegistry& peers_;
};

// Refuses calls over TLS before gRPC looks which service they are for, so that reflection, health
// and methods that do not exist are as closed as the others.
class CallGate final : public grpc::AuthMetadataProcessor {
 public:
  explicit CallGate(const Authenticator& authenticator) : authenticator_(authenticator) {}
  bool IsBlocking() const override { return false; }  // it looks into memory
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* connection,
                       OutputMetadata* consumed, OutputMetadata* response) override;

 private:
  const Authenticator& authenticator_;
};

}  // namespace emu::daemon
