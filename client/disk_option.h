// A disk as --disk and --image name it.
#pragma once

#include <string>

#include "emud/v1/vm.pb.h"

namespace emu::client {

// "PATH", "image=NAME" or "volume=NAME", and behind it ",readonly", ",bus=pci|scsi",
// ",media=cdrom", ",id=ID",
// ",cache=MODE",
// ",werror=stop|report", ",rerror=stop|report", of a path
// ",format=raw|qcow2", of an image ",size=8G". False, and says what to give, for anything else. A
// path keeps what commas it has of its own.
bool ParseDisk(const std::string& text, emud::v1::Disk& disk, std::string& error);

}  // namespace emu::client
