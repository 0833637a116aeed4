#include "daemon/store/secret_store.h"

#include <errno.h>
#include <sys/random.h>

#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::StatusOr<std::string> FindOrDrawSecret(Transaction& transaction, const std::string& name) {
  Statement select = transaction.Prepare("SELECT value FROM secrets WHERE name=?1");
  ASSIGN_OR_RETURN(const bool is_there, select.Bind(name).Step());
  if (is_there) return select.Bytes(0);
  std::string secret(kSecretBytes, '\0');
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
    return errors::Host("random numbers", errno);
  }
  RETURN_IF_ERROR(transaction.Prepare("INSERT INTO secrets(name, value) VALUES(?1, ?2)")
                      .Bind(name)
                      .BindBlob(secret)
                      .Run());
  return secret;
}

}  // namespace emu::daemon
