#include "client/image_transfer.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>
#include <vector>

namespace emu::client {
namespace {

using emud::v1::ImageService;
using grpc::Status;

constexpr size_t kChunkBytes = 256 * 1024;
// What is kept to be sent again, as a pipe is read only once.
constexpr size_t kSegmentBytes = 16 << 20;
// How long a daemon may be away.
constexpr std::chrono::seconds kPatience(60);

Status FileFailed(const char* what) {
  return Status(grpc::StatusCode::UNKNOWN, std::string(what) + ": " + std::strerror(errno));
}

// Waits for a daemon that is away; a broken connection is made again.
void SetPatience(grpc::ClientContext& context) {
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
}

// Bytes that follow each other in an upload.
class Segment {
 public:
  explicit Segment(uint64_t offset) : offset_(offset) {}

  // False if the file can't be read. Empty at its end.
  bool Read(int file) {
    bytes_.resize(kSegmentBytes);
    size_t done = 0;
    while (done < bytes_.size()) {
      const ssize_t got = read(file, &bytes_[done], bytes_.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    bytes_.resize(done);
    return true;
  }

  // From `offset` on, which lies in it or at its end.
  Status Send(ImageService::Stub& stub, const std::string& id, uint64_t offset,
              const OnBytes& on_bytes) const {
    grpc::ClientContext context;
    emud::v1::Upload upload;
    const auto stream = stub.UploadImage(&context, &upload);
    emud::v1::UploadImageRequest chunk;
    chunk.set_id(id);
    chunk.set_offset(offset);
    do {
      const std::string_view rest = std::string_view(bytes_).substr(offset - offset_, kChunkBytes);
      chunk.set_data(std::string(rest));
      if (!stream->Write(chunk)) break;  // why, Finish says
      offset += rest.size();
      on_bytes(offset);
      chunk.Clear();
    } while (offset < end());
    stream->WritesDone();
    return stream->Finish();
  }

  bool Has(uint64_t offset) const { return offset >= offset_ && offset <= end(); }
  bool is_empty() const { return bytes_.empty(); }
  uint64_t end() const { return offset_ + bytes_.size(); }

 private:
  const uint64_t offset_;
  std::string bytes_;
};

Status SendAll(ImageService::Stub& stub, const std::string& id, const Segment& segment,
               uint64_t offset, const OnBytes& on_bytes) {
  while (true) {
    Status status = segment.Send(stub, id, offset, on_bytes);
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return status;
    grpc::ClientContext context;
    SetPatience(context);
    emud::v1::GetUploadRequest request;
    request.set_id(id);
    emud::v1::Upload upload;
    status = stub.GetUpload(&context, request, &upload);
    if (!status.ok()) return status;
    if (!segment.Has(upload.offset())) {
      return Status(grpc::StatusCode::DATA_LOSS, "the daemon has lost a part of the upload");
    }
    offset = upload.offset();
  }
}

Status WriteAll(int file, std::string_view bytes, bool is_sparse) {
  if (is_sparse && !bytes.empty() && bytes.find_first_not_of('\0') == std::string_view::npos) {
    return lseek(file, static_cast<off_t>(bytes.size()), SEEK_CUR) < 0 ? FileFailed("writing")
                                                                       : Status::OK;
  }
  while (!bytes.empty()) {
    const ssize_t wrote = write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileFailed("writing");
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return Status::OK;
}

// All chunks of a stream into `file`; zeros are left out where it has an end that can be moved.
// `begin(context, offset)` begins one there, `await()` waits for a daemon that is away.
template <typename Chunk, typename Begin, typename Await>
Status Fetch(const Begin& begin, const Await& await, int file, const OnBytesOf& on_bytes) {
  struct stat info = {};
  const bool is_sparse = fstat(file, &info) == 0 && S_ISREG(info.st_mode);
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
  for (bool is_again = false;; is_again = true) {
    if (is_again) {
      const Status back = await();
      if (!back.ok()) return back;
    }
    grpc::ClientContext context;
    const auto stream = begin(context, offset);
    Chunk chunk;
    const uint64_t before = offset;
    while (stream->Read(&chunk)) {
      if (chunk.size_bytes() != 0) size_bytes = chunk.size_bytes();
      if (const Status wrote = WriteAll(file, chunk.data(), is_sparse); !wrote.ok()) {
        context.TryCancel();
        return wrote;
      }
      offset += chunk.data().size();
      on_bytes(offset, size_bytes);
    }
    const Status status = stream->Finish();
    const bool goes_on = status.error_code() == grpc::StatusCode::UNAVAILABLE && offset > before;
    if (goes_on) continue;
    if (!status.ok()) return status;
    if (offset != size_bytes) {
      return Status(grpc::StatusCode::DATA_LOSS, "there is less of it than there should be");
    }
    // What was left out at the end.
    if (is_sparse && ftruncate(file, static_cast<off_t>(size_bytes)) != 0) {
      return FileFailed("writing");
    }
    return Status::OK;
  }
}

}  // namespace

Status Upload(ImageService::Stub& stub, int file, uint64_t size_bytes, const OnBytes& on_bytes,
              std::string& id) {
  emud::v1::BeginUploadRequest request;
  request.set_size_bytes(size_bytes);
  grpc::ClientContext context;
  emud::v1::Upload upload;
  if (const Status begun = stub.BeginUpload(&context, request, &upload); !begun.ok()) return begun;
  id = upload.id();
  for (uint64_t offset = 0;;) {
    Segment segment(offset);
    if (!segment.Read(file)) return FileFailed("reading");
    if (segment.is_empty()) return Status::OK;
    if (const Status sent = SendAll(stub, id, segment, offset, on_bytes); !sent.ok()) return sent;
    offset = segment.end();
  }
}

Status Download(ImageService::Stub& stub, const std::string& name, emud::v1::Image::Role role,
                int file, const OnBytes& on_bytes) {
  const auto begin = [&](grpc::ClientContext& context, uint64_t offset) {
    emud::v1::DownloadImageRequest request;
    request.set_name(name);
    request.set_role(role);
    request.set_offset(offset);
    return stub.DownloadImage(&context, request);
  };
  const auto await = [&] {
    grpc::ClientContext context;
    SetPatience(context);
    emud::v1::GetImageRequest request;
    request.set_name(name);
    emud::v1::Image image;
    return stub.GetImage(&context, request, &image);
  };
  const auto show = [&](uint64_t done, uint64_t) { on_bytes(done); };
  return Fetch<emud::v1::DownloadImageResponse>(begin, await, file, show);
}

Status DownloadSnapshot(emud::v1::SnapshotService::Stub& stub,
                        emud::v1::ExportSnapshotRequest request, int file,
                        const OnBytesOf& on_bytes) {
  emud::v1::Snapshot snapshot;
  const auto find = [&](grpc::ClientContext& context) {
    emud::v1::GetSnapshotRequest get;
    get.set_name(request.name());
    return stub.GetSnapshot(&context, get, &snapshot);
  };
  const auto begin = [&](grpc::ClientContext& context, uint64_t offset) {
    request.set_offset(offset);
    return stub.ExportSnapshot(&context, request);
  };
  const auto await = [&] {
    grpc::ClientContext context;
    SetPatience(context);
    return find(context);
  };
  grpc::ClientContext context;
  if (const Status found = find(context); !found.ok()) return found;
  // What goes on is what was begun.
  request.set_etag(snapshot.etag());
  return Fetch<emud::v1::ExportSnapshotResponse>(begin, await, file, on_bytes);
}

}  // namespace emu::client
