#include "devices/backend/work_queue.h"

#include <utility>

namespace emu {

void WorkQueue::Start(FileTransfer transfer) {
  PostUnordered([transfer = std::move(transfer)]() mutable {
    transfer.Carry();
    transfer.client->BatchFinished();
  });
}

}  // namespace emu
