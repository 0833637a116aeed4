#include "daemon/uid.h"

#include <sys/random.h>

#include <cstdint>
#include <cstdio>

#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {

std::string NewUid() {
  unsigned char bytes[16] = {};
  (void)!getrandom(bytes, sizeof(bytes), 0);
  const int64_t now_ms = google::protobuf::util::TimeUtil::TimestampToMilliseconds(WallClockNow());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now_ms >> (40 - 8 * i));
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  std::string uid;
  for (int i = 0; i < 16; ++i) {
    char digits[4];
    std::snprintf(digits, sizeof(digits), "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
    uid += digits;
  }
  return uid;
}

}  // namespace emu::daemon
