#include "client/commands/image_sending.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "client/exit_code.h"
#include "client/format/progress.h"
#include "client/image_transfer.h"

namespace emu::client {
using emud::v1::ImageService;
using emud::v1::ImportImageRequest;

int SendFile(ImageService::Stub& stub, const std::string& path, const Options& options,
             std::string& upload_id) {
  const bool is_input = path == "-";
  const int file = is_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info = {};
  if (file < 0 || fstat(file, &info) != 0) {
    std::fprintf(stderr, "emuctl: %s: %s\n", path.c_str(), std::strerror(errno));
    return kUsage;
  }
  const uint64_t size_bytes =
      S_ISREG(info.st_mode) && !is_input ? static_cast<uint64_t>(info.st_size) : 0;
  grpc::Status status;
  {
    Progress progress(options.progress, "upload", path);
    const auto show = [&](uint64_t bytes) {
      Progress::State state;
      state.stage = "upload " + path;
      if (size_bytes != 0) state.percent = static_cast<int>(bytes * 100 / size_bytes);
      state.bytes_done = bytes;
      state.bytes_total = size_bytes;
      progress.Update(state);
    };
    status = Upload(stub, file, size_bytes, show, upload_id);
  }
  if (!is_input) close(file);
  return Report(status, options.endpoint);
}

void DropUpload(ImageService::Stub& stub, const std::string& upload_id) {
  grpc::ClientContext context;
  emud::v1::DeleteUploadRequest drop;
  drop.set_id(upload_id);
  google::protobuf::Empty nothing;
  (void)stub.DeleteUpload(&context, drop, &nothing);
}

namespace {

// Where nobody knows how it went, they are left, and expire.
void DropUploads(ImageService::Stub& stub, const ImportImageRequest& request) {
  for (const ImportImageRequest::Source& source : request.sources()) {
    if (!source.upload_id().empty()) DropUpload(stub, source.upload_id());
  }
}

}  // namespace

int ImportOnHost(ImageService::Stub& stub, const ImportImageRequest& request,
                 const Options& options, emud::v1::Image& image) {
  grpc::ClientContext context;
  const Progress progress(options.progress, "import", request.name());
  return Report(stub.ImportImage(&context, request, &image), options.endpoint);
}

int SendAndImport(ImageService::Stub& stub, ImportImageRequest request, const Options& options,
                  emud::v1::Image& image) {
  for (ImportImageRequest::Source& source : *request.mutable_sources()) {
    const std::string path = std::exchange(*source.mutable_path(), "");
    const int code = SendFile(stub, path, options, *source.mutable_upload_id());
    if (code == kDone) continue;
    DropUploads(stub, request);
    return code;
  }
  const int code = ImportOnHost(stub, request, options, image);
  if (code != kDone && code != kUnavailable) DropUploads(stub, request);
  return code;
}

}  // namespace emu::client
