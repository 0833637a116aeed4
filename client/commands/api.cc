// api list and api call: any method of the daemon, by its name.
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/reference/suggestion.h"
#include "client/reflection/dynamic_call.h"
#include "client/reflection/reflected_api.h"

namespace emu::client {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kPackage[] = "emud.v1.";  // of services that are named without one

struct Flags {
  std::string method;
  std::string service;
  std::string data = "{}";
};

std::string WithPackage(const std::string& service) {
  return service.find('.') == std::string::npos ? kPackage + service : service;
}

// Null, and said why, if there is no such method.
const MethodDescriptor* FindMethod(ReflectedApi& api, const std::string& path) {
  const size_t slash = path.find('/');
  const std::string service_name = WithPackage(path.substr(0, slash));
  const std::vector<std::string> services = api.Services();
  const ServiceDescriptor* const service = api.FindService(service_name);
  if (service == nullptr) {
    if (services.empty()) return nullptr;  // nobody answers: Finish tells
    std::fprintf(stderr, "emuctl: there is no service %s.%s See emuctl api list\n",
                 service_name.c_str(), DidYouMean(service_name, services).c_str());
    return nullptr;
  }
  const std::string name = slash == std::string::npos ? "" : path.substr(slash + 1);
  std::vector<std::string> known;
  for (int i = 0; i < service->method_count(); ++i) {
    if (service->method(i)->name() == name) return service->method(i);
    known.push_back(service->method(i)->name());
  }
  std::fprintf(stderr, "emuctl: %s has no method '%s'.%s See emuctl api list %s\n",
               service_name.c_str(), name.c_str(), DidYouMean(name, known).c_str(),
               service_name.c_str());
  return nullptr;
}

// What -d means: JSON itself, or @FILE; false if the file can't be read.
bool ReadData(const std::string& data, std::string& json) {
  json = data;
  if (!data.starts_with("@")) return true;
  std::ifstream file(data == "@-" ? "/dev/stdin" : data.substr(1));
  if (!file) return false;
  json.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

// A call that answers once is printed for people; of a stream each message is a line.
void PrintResponse(const Message& response, bool is_stream, const std::string& output) {
  if (!is_stream || output == "yaml") {
    if (is_stream) std::fputs("---\n", stdout);
    Print(output == "yaml" ? output : "json", response, "");
  } else {
    std::string line;
    (void)google::protobuf::util::MessageToJsonString(response, &line);
    std::puts(line.c_str());
  }
  std::fflush(stdout);
}

int Call(const Flags& flags, const Options& options) {
  const auto channel = Connect(options);
  ReflectedApi api(channel);
  const MethodDescriptor* const method = FindMethod(api, flags.method);
  if (method == nullptr) {
    const int code = Report(api.Finish(), options.endpoint);
    return code != kDone ? code : int{kNotFound};
  }
  std::string json;
  if (!ReadData(flags.data, json)) {
    std::fprintf(stderr, "emuctl: -d %s can't be read; check the path\n", flags.data.c_str());
    return kUsage;
  }
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> request(factory.GetPrototype(method->input_type())->New());
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) {
    std::fprintf(stderr, "emuctl: -d is no %s: %s\n%s", method->input_type()->full_name().c_str(),
                 std::string(parsed.message()).c_str(),
                 method->input_type()->DebugString().c_str());
    return kUsage;
  }
  const grpc::Status status = CallMethod(channel, *method, *request, [&](const Message& response) {
    PrintResponse(response, method->server_streaming(), options.output);
  });
  return Report(status, options.endpoint);
}

std::string TypeName(const google::protobuf::Descriptor& type, bool is_stream) {
  return (is_stream ? "stream " : "") + type.full_name();
}

int List(const Flags& flags, const Options& options) {
  ReflectedApi api(Connect(options));
  google::protobuf::ListValue listed;
  std::vector<std::vector<std::string>> rows;
  const std::vector<std::string> services = api.Services();
  for (const std::string& name : services) {
    if (!flags.service.empty() && name != WithPackage(flags.service)) continue;
    const ServiceDescriptor* const service = api.FindService(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      rows.push_back({name + "/" + method.name(),
                      TypeName(*method.input_type(), method.client_streaming()),
                      TypeName(*method.output_type(), method.server_streaming())});
      auto& fields = *listed.add_values()->mutable_struct_value()->mutable_fields();
      fields["method"].set_string_value(rows.back()[0]);
      fields["request"].set_string_value(rows.back()[1]);
      fields["response"].set_string_value(rows.back()[2]);
    }
  }
  if (const int code = Report(api.Finish(), options.endpoint); code != kDone) return code;
  if (rows.empty()) {
    std::fprintf(stderr, "emuctl: there is no service %s.%s\n", flags.service.c_str(),
                 DidYouMean(WithPackage(flags.service), services).c_str());
    return kNotFound;
  }
  google::protobuf::Struct all;
  *(*all.mutable_fields())["methods"].mutable_list_value() = listed;
  Print(options.output, all, ToTable({"METHOD", "REQUEST", "RESPONSE"}, rows));
  return kDone;
}

}  // namespace

void AddApi(CLI::App& parent, Session& session) {
  auto* api = parent.add_subcommand("api", "Call the daemon's API by the names of its methods");
  api->require_subcommand(1);
  api->footer(
      "Examples:\n  emuctl api list\n  emuctl api call VmService/GetVm -d '{\"name\": \"web1\"}'");
  auto flags = std::make_shared<Flags>();
  auto* list = api->add_subcommand("list", "Show services, methods and messages");
  list->add_option("SERVICE", flags->service, "this one only");
  list->footer("Examples:\n  emuctl api list\n  emuctl api list VmService -o json");
  list->callback([flags, &session] { session.code = List(*flags, session.options); });
  auto* call = api->add_subcommand("call", "Call a method with a message in JSON");
  call->add_option("METHOD", flags->method, "SERVICE/METHOD; without a package: emud.v1")
      ->required();
  call->add_option("-d,--data", flags->data, "the message in JSON, @FILE or @- (default {})");
  call->footer(
      "Examples:\n"
      "  emuctl api call VmService/ListVms\n"
      "  emuctl api call emud.v1.ConsoleService/ReadLog -d '{\"vm\": \"web1\", \"follow\": true}'\n"
      "The answer is JSON; of a method that streams, one line for each message. The daemon says "
      "what\n"
      "methods and messages there are (server reflection).");
  call->callback([flags, &session] { session.code = Call(*flags, session.options); });
  for (CLI::App* command : api->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
