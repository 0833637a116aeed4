#include "client/contexts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace emu::client {
namespace {

struct Key {
  const char* name;
  std::string Endpoint::*member;
};
constexpr Key kKeys[] = {
    {"endpoint", &Endpoint::address}, {"ca", &Endpoint::ca},
    {"token", &Endpoint::token},      {"certificate", &Endpoint::certificate},
    {"key", &Endpoint::key},          {"project", &Endpoint::project},
};

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string Contexts::Path() {
  std::string folder = Environment("XDG_CONFIG_HOME");
  if (folder.empty()) folder = Environment("HOME") + "/.config";
  return folder + "/emuctl/contexts.yaml";
}

bool Contexts::Load(std::string& error) {
  const std::string path = Path();
  if (access(path.c_str(), F_OK) != 0) return true;
  try {
    const YAML::Node root = YAML::LoadFile(path);
    current = root["current"].as<std::string>("");
    for (const auto& pair : root["contexts"]) {
      Endpoint& endpoint = by_name[pair.first.as<std::string>()];
      for (const Key& key : kKeys) {
        endpoint.*key.member = pair.second[key.name].as<std::string>("");
      }
    }
    return true;
  } catch (const YAML::Exception& exception) {
    error = path + ": " + exception.what();
    return false;
  }
}

bool Contexts::Save(std::string& error) const {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "current" << YAML::Value << current;
  out << YAML::Key << "contexts" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, endpoint] : by_name) {
    out << YAML::Key << name << YAML::Value << YAML::BeginMap;
    for (const Key& key : kKeys) {
      if ((endpoint.*key.member).empty()) continue;
      out << YAML::Key << key.name << YAML::Value << endpoint.*key.member;
    }
    out << YAML::EndMap;
  }
  out << YAML::EndMap << YAML::EndMap << YAML::Newline;
  const std::string path = Path();
  const std::string beside = path + ".new";
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  unlink(beside.c_str());
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto size = static_cast<ssize_t>(out.size());
  const bool is_written = fd >= 0 && write(fd, out.c_str(), out.size()) == size;
  if (fd >= 0) close(fd);
  if (is_written && rename(beside.c_str(), path.c_str()) == 0) return true;
  error = path + ": " + std::strerror(errno);
  return false;
}

bool Resolve(const Choice& choice, Options& options, std::string& error) {
  Endpoint endpoint;
  const std::string given =
      choice.context.empty() && choice.address.empty() ? Environment("EMUD_ENDPOINT") : "";
  if (!choice.address.empty() || !given.empty()) {
    endpoint = {choice.address.empty() ? given : choice.address,
                Environment("EMUD_CA"),
                Environment("EMUD_CERTIFICATE"),
                Environment("EMUD_KEY"),
                Environment("EMUD_TOKEN"),
                ""};
  } else {
    Contexts contexts;
    if (!contexts.Load(error)) return false;
    const std::string& name = choice.context.empty() ? contexts.current : choice.context;
    const auto found = contexts.by_name.find(name);
    if (found != contexts.by_name.end()) {
      endpoint = found->second;
    } else if (!name.empty()) {
      error = "there is no context " + name + "; see emuctl context list";
      return false;
    }
  }
  if (endpoint.address.empty()) endpoint.address = DefaultAddress();
  if (const std::string problem = CheckAddress(endpoint.address); !problem.empty()) {
    error = (given.empty() ? "endpoint " : "EMUD_ENDPOINT ") + endpoint.address + ": " + problem;
    return false;
  }
  if (const std::string project = Environment("EMUD_PROJECT"); !project.empty()) {
    endpoint.project = project;
  }
  if (!choice.project.empty()) endpoint.project = choice.project;
  options.endpoint = endpoint.address;
  options.connection = std::move(endpoint);
  return true;
}

}  // namespace emu::client
