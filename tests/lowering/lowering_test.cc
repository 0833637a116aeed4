// Holds the code of each function in x86_64/*.ir against what stands behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/lowering/disassembly.h"
#include "translator/host/x86_64/backend.h"
#include "translator/host/x86_64/stubs.h"
#include "translator/ir/parser.h"
#include "translator/ir/verifier.h"

namespace emu::translator::x86_64 {
namespace {

constexpr uint64_t kStubs = 0x1000'0000;  // nothing runs: any address will do
constexpr uint64_t kCode = 0x1001'0000;
constexpr std::string_view kSeparator = "host:\n";

constexpr Helper kHelpers[] = {
    {.name = "pure", .function = nullptr, .may_raise = false, .is_pure = true},
    {.name = "effect", .function = nullptr, .may_raise = true, .is_pure = false},
};

std::vector<std::filesystem::path> Files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(EMU_LOWERING_FILES)) {
    if (entry.path().extension() == ".ir") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string WithoutComments(const std::string& text) {
  std::istringstream lines(text);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) rest += line + "\n";
  }
  return rest;
}

DisassemblyContext Context() {
  asmjit::CodeHolder holder;
  holder.init(asmjit::Environment::host(), kStubs);
  const Stubs stubs = WriteStubs(holder, kStubs, MemoryAccess::kGroups);
  DisassemblyContext context = {.address = kCode, .names = {}, .link_stub = stubs.link};
  context.names = {{stubs.leave, "leave"},
                   {stubs.lookup, "lookup"},
                   {stubs.link, "link"},
                   {stubs.translate_read[0], "translate_read"},
                   {stubs.translate_read[1], "translate_read_other"},
                   {stubs.translate_write[0], "translate_write"},
                   {stubs.translate_write[1], "translate_write_other"},
                   {stubs.operation, "operation"},
                   {stubs.helper, "helper"}};
  for (size_t log2 = 0; log2 < 4; ++log2) {
    context.names[stubs.load[log2]] = "load" + std::to_string(8 << log2);
    context.names[stubs.store[log2]] = "store" + std::to_string(8 << log2);
  }
  return context;
}

class LoweringTest : public testing::TestWithParam<std::filesystem::path> {};

// EMU_REWRITE_LOWERING=1 writes the files anew instead: look at the difference.
TEST_P(LoweringTest, TheCodeIsWhatItWas) {
  const std::string file = ReadFile(GetParam());
  const size_t separator = file.find(kSeparator);
  ASSERT_NE(separator, std::string::npos) << "no line \"host:\"";
  const size_t host_start = separator + kSeparator.size();

  std::string error;
  const auto function = ir::Parse(WithoutComments(file.substr(0, separator)), &error);
  ASSERT_TRUE(function.has_value()) << error;
  ASSERT_EQ(ir::Verify(*function), "");
  // The same on every processor.
  setenv("EMU_MASK_CPU", "baseline", /*replace=*/1);
  const std::unique_ptr<HostBackend> host = CreateBackend(kHelpers, MemoryAccess::kGroups);
  // SAFETY: addresses for relative distances only.
  host->CompileStubs(reinterpret_cast<const void*>(kStubs));
  const auto code = host->Compile({.function = *function,
                                   .address = reinterpret_cast<const void*>(kCode),
                                   .crosses_page = false});
  ASSERT_TRUE(code.has_value());
  const std::string actual = Disassemble(code->bytes, Context());

  if (std::getenv("EMU_REWRITE_LOWERING") != nullptr) {
    std::ofstream(GetParam()) << file.substr(0, host_start) << actual;
    return;
  }
  EXPECT_EQ(file.substr(host_start), actual);
}

INSTANTIATE_TEST_SUITE_P(Files, LoweringTest, testing::ValuesIn(Files()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace emu::translator::x86_64
