// A small mutating fuzzer: the same inputs for the same seed, for EMU_FUZZ_SECONDS (3; 600 with
// EMU_TEST_LONG=1).
//
//   TARGET [--replay FILE]   EMU_SEED=N for other inputs
//
// The input that is being tried lies in TARGET.input, also after a crash.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/fuzz_target.h"
#include "vmm/base/unique_fd.h"

namespace emu::fuzz {
namespace {

using Random = std::mt19937_64;

size_t Below(Random& random, size_t end) { return end == 0 ? 0 : random() % end; }

// What parsers trip over: bounds of numbers, lengths that lie, the ends of strings.
constexpr std::string_view kTokens[] = {std::string_view("\0", 1),
                                        "\x7f",
                                        "\xff",
                                        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                                        "\x80\x80\x80\x80\x08",
                                        "-1",
                                        "18446744073709551616",
                                        "{",
                                        "[",
                                        "]",
                                        "}",
                                        ":",
                                        "&a *a",
                                        "\n",
                                        "  ",
                                        "\"",
                                        "\\",
                                        "%s",
                                        "\xc3\x28",
                                        "|",
                                        "!!binary",
                                        "<<"};

std::string Mutate(const std::vector<std::string>& corpus, Random& random) {
  std::string input = corpus[Below(random, corpus.size())];
  for (size_t count = 1 + Below(random, 8); count-- > 0;) {
    const size_t at = Below(random, input.size() + 1);
    const size_t length = Below(random, 16);
    switch (Below(random, 6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << Below(random, 8)));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(random());
        break;
      case 2:
        input.insert(at, kTokens[Below(random, std::size(kTokens))]);
        break;
      case 3:
        input.erase(at, length);
        break;
      case 4:
        input.insert(at, input.substr(Below(random, input.size() + 1), length));
        break;
      default:
        const std::string& other = corpus[Below(random, corpus.size())];
        input = input.substr(0, at) + other.substr(Below(random, other.size() + 1));
    }
  }
  return input;
}

uint64_t Number(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

int Run(const std::string& target) {
  const uint64_t seed = Number("EMU_SEED", 1);
  const uint64_t seconds = Number("EMU_FUZZ_SECONDS", Number("EMU_TEST_LONG", 0) == 1 ? 600 : 3);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::printf("EMU_SEED=%llu, inputs in %s.input\n", static_cast<unsigned long long>(seed),
              target.c_str());
  std::fflush(stdout);
  const UniqueFd kept(open((target + ".input").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const std::vector<std::string> corpus = Seeds();
  for (const std::string& input : corpus) TryInput(input);
  Random random(seed);
  uint64_t tried = 0;
  for (; std::chrono::steady_clock::now() < end; ++tried) {
    const std::string input = Mutate(corpus, random);
    if (ftruncate(kept.get(), 0) != 0 || pwrite(kept.get(), input.data(), input.size(), 0) < 0) {
      Fail("the input can't be kept");
    }
    TryInput(input);
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(tried));
  return 0;
}

}  // namespace

void Fail(std::string_view why) {
  std::fprintf(stderr, "fuzz: %.*s\n", static_cast<int>(why.size()), why.data());
  std::fflush(nullptr);
  abort();
}

int Main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--replay") {
    std::ifstream file(argv[2]);
    TryInput(std::string{std::istreambuf_iterator<char>(file), {}});
    return 0;
  }
  return Run(argv[0]);
}

}  // namespace emu::fuzz

int main(int argc, char** argv) { return emu::fuzz::Main(argc, argv); }
