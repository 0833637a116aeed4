#include "daemon/store/request_store.h"

#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

int64_t ToMs(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

absl::StatusOr<std::optional<RequestStore::Row>> RequestStore::Find(const RequestOrigin& origin,
                                                                    TimePoint now) {
  Statement select = transaction_.Prepare(
      "SELECT fingerprint, vm_uid, answer FROM request_ids "
      "WHERE principal=?1 AND method=?2 AND id=?3 AND time_ms>?4");
  select.Bind(origin.principal).Bind(origin.method).Bind(origin.request_id);
  ASSIGN_OR_RETURN(const bool has_row, select.Bind(ToMs(now - kKept)).Step());
  if (!has_row) return std::nullopt;
  Row row = {select.Bytes(0), select.Bytes(1), std::nullopt};
  if (!select.IsNull(2)) row.answer = select.Bytes(2);
  return row;
}

absl::Status RequestStore::Begin(const RequestOrigin& origin, const std::string& vm_uid,
                                 TimePoint now) {
  if (origin.request_id.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(DropOld(now));
  // One that is there is past its time: Find has been asked.
  return transaction_
      .Prepare("INSERT OR REPLACE INTO request_ids VALUES(?1, ?2, ?3, ?4, ?5, NULL, ?6)")
      .Bind(origin.principal)
      .Bind(origin.method)
      .Bind(origin.request_id)
      .BindBlob(origin.fingerprint)
      .Bind(vm_uid)
      .Bind(ToMs(now))
      .Run();
}

absl::Status RequestStore::Finish(const RequestOrigin& origin, const std::string& vm_uid,
                                  const std::string& answer, TimePoint now) {
  RETURN_IF_ERROR(Begin(origin, vm_uid, now));
  return transaction_
      .Prepare("UPDATE request_ids SET answer=?4 WHERE principal=?1 AND method=?2 AND id=?3")
      .Bind(origin.principal)
      .Bind(origin.method)
      .Bind(origin.request_id)
      .BindBlob(answer)
      .Run();
}

absl::Status RequestStore::Forget(const RequestOrigin& origin) {
  return transaction_.Prepare("DELETE FROM request_ids WHERE principal=?1 AND method=?2 AND id=?3")
      .Bind(origin.principal)
      .Bind(origin.method)
      .Bind(origin.request_id)
      .Run();
}

absl::Status RequestStore::ForgetVm(const std::string& vm_uid) {
  return transaction_.Prepare("DELETE FROM request_ids WHERE vm_uid=?1").Bind(vm_uid).Run();
}

absl::Status RequestStore::DropOld(TimePoint now) {
  RETURN_IF_ERROR(transaction_.Prepare("DELETE FROM request_ids WHERE time_ms<=?1")
                      .Bind(ToMs(now - kKept))
                      .Run());
  Statement count = transaction_.Prepare("SELECT count(*) FROM request_ids");
  RETURN_IF_ERROR(count.Step().status());
  if (count.Number(0) < kMaxRows) return absl::OkStatus();
  // A hundredth at once, so that this is rare.
  return transaction_
      .Prepare(
          "DELETE FROM request_ids WHERE (principal, method, id) IN "
          "(SELECT principal, method, id FROM request_ids ORDER BY time_ms LIMIT ?1)")
      .Bind(kMaxRows / 100)
      .Run();
}

}  // namespace emu::daemon
