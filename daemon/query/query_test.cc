// Filters, orders and page tokens.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "daemon/query/filter.h"
#include "daemon/query/order.h"
#include "daemon/query/page_token.h"
#include "emud/v1/image.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;

Vm MakeVm(const std::string& name = "web1") {
  Vm vm;
  vm.set_name(name);
  vm.set_uid("uid-" + name);
  vm.set_state(Vm::RUNNING);
  vm.mutable_spec()->mutable_machine()->set_cpus(4);
  vm.mutable_spec()->mutable_lifecycle()->set_protected_(true);
  vm.mutable_create_time()->set_seconds(1'767'225'600);  // 2026-01-01
  (*vm.mutable_labels())["course"] = "os";
  (*vm.mutable_labels())["a.b/c"] = "\"quoted\"";
  return vm;
}

bool Matches(const std::string& filter) {
  const auto parsed = Filter::Parse(filter, *Vm::descriptor());
  EXPECT_TRUE(parsed.ok()) << filter << ": " << parsed.status();
  return parsed.ok() && parsed->Matches(MakeVm());
}

TEST(FilterTest, RestrictionsOfEveryKind) {
  for (const char* filter : {"",
                             "  ",
                             "state=RUNNING",
                             "state!=STOPPED",
                             "labels.course=\"os\"",
                             "labels.course=os",
                             "name:\"web\"",
                             "name:WEB",
                             "name='web1'",
                             "spec.machine.cpus>=4",
                             "spec.machine.cpus<5",
                             "spec.machine.cpus>-1",
                             "spec.lifecycle.protected=true",
                             "create_time>\"2025-12-31T00:00:00Z\"",
                             "labels:course",
                             "labels.course:*",
                             "labels.a.b/c='\"quoted\"'",
                             "labels.a.b/c=\"\\\"quoted\\\"\"",
                             "labels.none!=x",
                             "NOT last_exit.signal:*",
                             "-name=db",
                             "start_time!=\"2025-12-31T00:00:00Z\""}) {
    EXPECT_TRUE(Matches(filter)) << filter;
  }
  for (const char* filter :
       {"state=STOPPED", "labels.course=net", "labels.none=x", "labels:none", "name:db",
        "spec.machine.cpus<4", "state_reason:*", "NOT state=RUNNING", "labels.none<x",
        "start_time>\"2025-12-31T00:00:00Z\""}) {
    EXPECT_FALSE(Matches(filter)) << filter;
  }
}

TEST(FilterTest, OrBindsCloserThanAnd) {
  EXPECT_FALSE(Matches("state=STOPPED AND name=x OR name=web1"));
  EXPECT_TRUE(Matches("(state=STOPPED AND name=x) OR name=web1"));
  EXPECT_TRUE(Matches("state=RUNNING AND labels.course=\"os\" AND name:\"web\""));
  EXPECT_TRUE(Matches("NOT (state=STOPPED OR NOT name:web)"));
}

TEST(FilterTest, MistakesAreNamedWithTheirPosition) {
  const struct {
    const char* filter;
    const char* words;
  } cases[] = {
      {"stat=RUNNING", "at character 1: stat is no field; there are name"},
      {"state=RUNING", "at character 7: \"RUNING\" is not one of state's values"},
      {"state RUNNING", "at character 7: one of = != < <= > >= : is wanted, not \"RUNNING\""},
      {"state=", "at character 7: a value is wanted, not the end"},
      {"name=\"web", "at character 6: the text that begins here has no end"},
      {"(name=a", "at character 8: AND, OR or ) is wanted"},
      {"name=a name=b", "at character 8: AND, OR or the end is wanted"},
      {"name=a AND", "at character 11: a field is wanted, not the end"},
      {"labels=x", "at character 7: : and a key"},
      {"spec=x", "at character 1: spec has no value of its own"},
      {"spec.disks=x", "at character 1: disks can't be compared"},
      {"spec.machine.cpus=two", "at character 19: \"two\" is not a number"},
      {"create_time>yesterday", "at character 13: \"yesterday\" is not a time"},
      {"name=a;", "at character 7: ';' means nothing here"},
      {"name.x=a", "at character 1: name has no fields"},
  };
  for (const auto& [filter, words] : cases) {
    const auto parsed = Filter::Parse(filter, *Vm::descriptor());
    ASSERT_FALSE(parsed.ok()) << filter;
    EXPECT_NE(parsed.status().message().find(words), std::string::npos)
        << filter << ": " << parsed.status().message();
  }
}

TEST(FilterTest, DepthAndLengthAreBounded) {
  EXPECT_FALSE(Filter::Parse(std::string(2000, '(') + "name=a", *Vm::descriptor()).ok());
  EXPECT_FALSE(Filter::Parse(std::string(5000, ' '), *Vm::descriptor()).ok());
}

// Pieces that filters are made of, in any order: never a crash, and a position inside the text.
TEST(FilterTest, RandomTextIsAnsweredOneWayOrTheOther) {
  const char* const given = std::getenv("EMU_SEED");
  const uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::strtoul(given, nullptr, 10))
                                         : std::random_device()();
  std::printf("seed %u (EMU_SEED repeats it)\n", seed);
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"name",
                                           "state",
                                           "labels.a",
                                           "labels",
                                           "spec.machine.cpus",
                                           "=",
                                           "!=",
                                           "<",
                                           ">=",
                                           ":",
                                           "AND",
                                           "OR",
                                           "NOT",
                                           "-",
                                           "(",
                                           ")",
                                           "\"x\"",
                                           "'",
                                           "\"",
                                           "RUNNING",
                                           "4",
                                           "*",
                                           " ",
                                           "\\",
                                           "\xc3\xa4",
                                           "\x01",
                                           "create_time",
                                           "\"2026-01-01T00:00:00Z\"",
                                           "."};
  int good = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (uint32_t count = random() % 12; count > 0; --count) {
      text += pieces[random() % pieces.size()] + (random() % 3 == 0 ? "" : " ");
    }
    const auto parsed = Filter::Parse(text, *Vm::descriptor());
    if (parsed.ok()) {
      ++good;
      (void)parsed->Matches(MakeVm());
    } else {
      ASSERT_TRUE(absl::IsInvalidArgument(parsed.status())) << text;
    }
  }
  EXPECT_GT(good, 100);
}

TEST(OrderTest, SortsByEachFieldInItsDirection) {
  const auto order = Order::Parse("spec.machine.cpus desc, name", *Vm::descriptor());
  ASSERT_TRUE(order.ok());
  std::vector<SortKey> keys;
  for (const char* name : {"c", "a", "b"}) {
    Vm vm = MakeVm(name);
    vm.mutable_spec()->mutable_machine()->set_cpus(*name == 'b' ? 8 : 1);
    keys.push_back(order->KeyOf(vm));
  }
  std::sort(keys.begin(), keys.end(), [&](const SortKey& left, const SortKey& right) {
    return order->IsBefore(left, right);
  });
  EXPECT_EQ(std::get<std::string>(keys[0].back()), "uid-b");
  EXPECT_EQ(std::get<std::string>(keys[1].back()), "uid-a");
  EXPECT_EQ(std::get<std::string>(keys[2].back()), "uid-c");
}

TEST(FilterTest, ImagesHaveFieldsOfTheirOwn) {
  emud::v1::Image image;
  image.set_format(emud::v1::Image::QCOW2);
  const auto& type = *emud::v1::Image::descriptor();
  EXPECT_TRUE(Filter::Parse("format=QCOW2", type)->Matches(image));
  EXPECT_FALSE(Filter::Parse("format=RAW", type)->Matches(image));
  EXPECT_FALSE(Filter::Parse("state=RUNNING", type).ok());
}

TEST(OrderTest, MistakesAreNamed) {
  for (const char* text : {"nam", "name up", ",", "name,", "labels", "spec", "name desc asc"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Order::Parse(text, *Vm::descriptor()).status())) << text;
  }
}

TEST(OrderTest, KeysSurviveTheirBytes) {
  const SortKey key = {FieldValue(), FieldValue(int64_t{-5}), FieldValue(""), FieldValue("uid")};
  SortKey decoded;
  ASSERT_TRUE(DecodeKey(EncodeKey(key), decoded));
  EXPECT_EQ(decoded, key);
}

TEST(PageTokenTest, OnlyOursAndOnlyForItsList) {
  const PageTokens tokens("key");
  const std::string token = tokens.Seal("filter", "place");
  EXPECT_EQ(*tokens.Open("filter", token), "place");
  EXPECT_FALSE(tokens.Open("filte", token).ok());
  EXPECT_FALSE(PageTokens("other key").Open("filter", token).ok());
  EXPECT_FALSE(tokens.Open("filter", "").ok());
  EXPECT_FALSE(tokens.Open("filter", "not base64!").ok());
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    EXPECT_FALSE(tokens.Open("filter", changed).ok()) << i;
  }
}

}  // namespace
}  // namespace emu::daemon
