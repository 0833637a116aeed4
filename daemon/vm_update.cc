#include "daemon/vm_update.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/labels.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::UpdateVmRequest;
using emud::v1::Vm;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

constexpr size_t kMaxAnnotationBytes = 64 * 1024;  // all of a VM's

// The paths of all fields below `message` that are set.
void AddSetPaths(const google::protobuf::Message& message, const std::string& prefix,
                 FieldMask& mask) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      AddSetPaths(message.GetReflection()->GetMessage(message, field), path + ".", mask);
    } else {
      mask.add_paths(path);
    }
  }
}

FieldMask MaskOf(const UpdateVmRequest& request) {
  FieldMask mask = request.update_mask();
  if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    mask.clear_paths();
    for (const char* path : {"labels", "annotations", "spec"}) mask.add_paths(path);
  } else if (mask.paths().empty()) {
    if (!request.vm().labels().empty()) mask.add_paths("labels");
    if (!request.vm().annotations().empty()) mask.add_paths("annotations");
    AddSetPaths(request.vm().spec(), "spec.", mask);
  }
  return mask;
}

bool IsAtOrBelow(absl::string_view path, absl::string_view field) {
  return path == field || absl::StartsWith(path, absl::StrCat(field, "."));
}

absl::Status ApplyPath(const std::string& path, const Vm& from, Vm& to) {
  const absl::string_view view = path;
  for (const absl::string_view field : {"labels", "annotations"}) {
    if (!IsAtOrBelow(view, field)) continue;
    const bool is_label = field == "labels";
    ApplyNotes(view.substr(field.size()), is_label ? from.labels() : from.annotations(),
               is_label ? *to.mutable_labels() : *to.mutable_annotations());
    return absl::OkStatus();
  }
  if (!IsAtOrBelow(view, "spec") || !FieldMaskUtil::IsValidPath<Vm>(path)) {
    const bool is_field = FieldMaskUtil::IsValidPath<Vm>(path);
    return errors::InvalidField(
        "update_mask", absl::StrCat(path, is_field ? " can't be updated" : " is no field of a VM"),
        "give labels, annotations, spec or what is below them");
  }
  FieldMask mask;
  mask.add_paths(path);
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(from, mask, options, &to);
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyUpdate(const UpdateVmRequest& request, Vm& vm) {
  const FieldMask mask = MaskOf(request);
  for (const std::string& path : mask.paths()) {
    RETURN_IF_ERROR(ApplyPath(path, request.vm(), vm));
  }
  return absl::OkStatus();
}

bool IsOtherMachine(const emud::v1::VmSpec& left, const emud::v1::VmSpec& right) {
  emud::v1::VmSpec one = left;
  emud::v1::VmSpec other = right;
  for (emud::v1::VmSpec* spec : {&one, &other}) {
    spec->clear_lifecycle();
    for (emud::v1::Nic& nic : *spec->mutable_nics()) nic.clear_forwards();
  }
  return !google::protobuf::util::MessageDifferencer::Equals(one, other);
}

bool AreEqual(const Vm& left, const Vm& right) {
  return google::protobuf::util::MessageDifferencer::Equals(left, right);
}

absl::Status CheckNotes(const Vm& vm) {
  RETURN_IF_ERROR(CheckLabels(vm.labels()));
  size_t bytes = 0;
  for (const auto& [key, value] : vm.annotations()) bytes += key.size() + value.size();
  if (bytes <= kMaxAnnotationBytes) return absl::OkStatus();
  return errors::InvalidField("annotations", absl::StrCat(bytes, " bytes are too many"),
                              absl::StrCat("give at most ", kMaxAnnotationBytes));
}

}  // namespace emu::daemon
