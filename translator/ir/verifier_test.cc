#include "translator/ir/verifier.h"

#include <gtest/gtest.h>

#include "translator/ir/parser.h"
#include "translator/ir/printer.h"

namespace emu::ir {
namespace {

Function FunctionOf(std::string_view text) {
  std::string error;
  std::optional<Function> function = Parse(text, &error);
  EXPECT_TRUE(function.has_value()) << error;
  return function.value_or(Function());
}

constexpr std::string_view kSound = R"(function 2
b0:
  insn 0x10, 4
  v0 = get.i64 #8
  v1 = load.i32 v0, #-16 !0x11
  v2 = sext.i64 v1
  set v2, #8
  insn 0x14, 2
  v3 = const.i64 0xffffffffffffffff
  v4 = slt.i1 v2, v3
  brcond v4, b2, b1
b1:
  v5 = call.i64 v2, _, v3, #7
  goto_ind v5 !0x2
b2:
  raise v3, #2
)";

TEST(VerifierTest, FindsNothingInASoundFunction) {
  EXPECT_EQ(Verify(FunctionOf(kSound)), "");
  EXPECT_EQ(Verify(FunctionOf("function 1\nb0:\n  insn 0, 4\n  goto\n")), "");
}

TEST(ParserTest, ReadsWhatThePrinterWrites) { EXPECT_EQ(Print(FunctionOf(kSound)), kSound); }

TEST(ParserTest, TellsTheLineItCannotRead) {
  std::string error;
  EXPECT_EQ(Parse("function 1\nb0:\n  frobnicate v1\n", &error), std::nullopt);
  EXPECT_EQ(error, "line 3: 'frobnicate v1'");
  EXPECT_EQ(Parse("function 1\nb0:\n  goto_ind v1\n", &error), std::nullopt);
  EXPECT_EQ(Parse("function 1\nb0:\n  v0 = add.i64 v1\n", &error), std::nullopt);
}

TEST(PrinterTest, NumbersValuesInTheOrderOfBlocks) {
  // Block 1 stands behind block 2 in memory.
  Function function = FunctionOf(kSound);
  std::swap(function.blocks[1], function.blocks[2]);
  std::swap(function.blocks[0].taken, function.blocks[0].not_taken);
  const std::string text = Print(function);
  EXPECT_EQ(Print(FunctionOf(text)), text);
  EXPECT_EQ(Verify(function), "");
}

struct Case {
  const char* name;
  const char* body;  // behind `insn 0x0, 4` of block 0
  const char* complaint;
};

class BrokenFunctionTest : public testing::TestWithParam<Case> {};

TEST_P(BrokenFunctionTest, IsFound) {
  const std::string text = std::string("function 1\nb0:\n  insn 0x0, 4\n") + GetParam().body;
  const std::string complaint = Verify(FunctionOf(text), 1024);
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
}

constexpr Case kCases[] = {
    {"NoTerminal", "v0 = const.i64 1\n", "is a terminal"},
    {"TwoTerminals", "goto\n goto\n", "is a terminal"},
    {"BranchToNoBlock", "br b1\n", "goes elsewhere"},
    {"ConditionOnAWord", "v0 = const.i64 1\n brcond v0, b1, b1\nb1:\n goto\n", "type of operand"},
    {"MissingOperand", "v0 = const.i64 1\n v1 = add.i64 v0, _\n goto\n", "is missing"},
    {"OperandWithoutValue", "goto_ind _\n", "is missing"},
    {"UsesOfOtherTypes", "v0 = const.i64 1\n v1 = const.i32 1\n v2 = add.i64 v0, v1\n goto\n",
     "type of operand"},
    {"ResultOfOtherType", "v0 = const.i64 1\n v1 = add.i32 v0, v0\n goto\n", "type of result"},
    {"ComparisonWithoutBit", "v0 = const.i64 1\n v1 = eq.i64 v0, v0\n goto\n", "type of result"},
    {"IntegerOperationOnFloats", "v0 = const.f64 0\n v1 = add.f64 v0, v0\n goto\n",
     "type of operand"},
    {"FloatOperationOnIntegers", "v0 = const.i64 0\n v1 = fadd.i64 v0, v0\n goto\n",
     "type of operand"},
    {"LookupInAWord", "v0 = const.i32 1\n v1 = lookup.b.i32 v0, v0\n goto\n", "type of operand"},
    {"NarrowingExtension", "v0 = const.i64 1\n v1 = sext.i32 v0\n goto\n", "type of operand"},
    {"WideningTruncation", "v0 = const.i32 1\n v1 = trunc.i64 v0\n goto\n", "type of operand"},
    {"CastOfOtherWidth", "v0 = const.i32 1\n v1 = bitcast.f64 v0\n goto\n", "type of operand"},
    {"SelectByAWord", "v0 = const.i64 1\n v1 = select.i64 v0, v0, v0\n goto\n", "type of operand"},
    {"AesOfHalfAState", "v0 = const.i32 1\n v1 = aes.enc.i32 v0, v0\n goto\n", "type of operand"},
    {"AesOfTwoWords", "v0 = const.i64 1\n v1 = aes.subword.i64 v0\n goto\n", "type of operand"},
    {"LoadOfABit", "v0 = const.i64 1\n v1 = load.i1 v0\n goto\n", "type of operand"},
    {"HalfOfOtherWidth", "v0 = const.f32 0\n v1 = tohalf.i32 v0\n goto\n", "type of operand"},
    {"ConstantTooWide", "v0 = const.i8 256\n goto\n", "immediate"},
    {"UnknownRmw", "v0 = const.i64 8\n v1 = rmw.i64 v0, v0, #9\n goto\n", "immediate"},
    {"ImmediateWithoutMeaning", "v0 = const.i64 8\n v1 = not.i64 v0, #1\n goto\n", "immediate"},
    {"RoundingOfAnInteger", "v0 = const.i64 1\n v1 = add.i64 v0, v0 !0x1\n goto\n", "attribute"},
    {"RoundingOfAnExactConversion", "v0 = const.i16 0\n v1 = fromhalf.f32 v0 !0x1\n goto\n",
     "attribute"},
    {"UnknownRounding", "v0 = const.f64 0\n v1 = fadd.f64 v0, v0 !0x6\n goto\n", "attribute"},
    {"NansOfAnInteger", "v0 = const.f64 0\n v1 = ftos.i64 v0 !0x15\n goto\n", "attribute"},
    {"ZeroOfAFloat", "v0 = const.f64 0\n v1 = fadd.f64 v0, v0 !0x45\n goto\n", "attribute"},
    {"RoundingOfAMinimum", "v0 = const.f64 0\n v1 = fmin.f64 v0, v0 !0x15\n goto\n", "attribute"},
    {"OtherSpaceOfAFloat", "v0 = const.i64 8\n v1 = load.f64 v0 !0x40\n goto\n", "attribute"},
    {"OtherSpaceAligned", "v0 = const.i64 8\n v1 = load.i64 v0 !0x50\n goto\n", "attribute"},
    {"OtherSpaceOfAnAtomic", "v0 = const.i64 8\n v1 = rmw.i64 v0, v0 !0x40\n goto\n", "attribute"},
    {"OrderAsAByte", "v0 = const.f64 0\n v1 = fcmp.i8 v0, v0\n goto\n", "type of operand"},
    {"UnknownHint", "v0 = const.i64 0\n goto_ind v0 !0x3\n", "attribute"},
    {"LaneOfNoType", "v0 = get.v128 #16\n v1 = vadd.v128 v0, v0 !0x1\n goto\n", "attribute"},
    {"SplatOfAnotherType", "v0 = const.i32 1\n v1 = vsplat.v128 v0 !0x5\n goto\n",
     "type of operand"},
    {"ScalarOfAnotherType", "v0 = const.f64 1\n v1 = vscalar.v128 v0 !0x5\n goto\n",
     "type of operand"},
    {"ExtractToAnotherType", "v0 = const.v128 1\n v1 = vextract.i32 v0 !0x5\n goto\n",
     "type of operand"},
    {"InsertOfAnotherType", "v0 = const.v128 1\n v1 = vinsert.v128 v0, v0 !0x5\n goto\n",
     "type of operand"},
    {"LaneBeyondTheLast", "v0 = const.v128 1\n v1 = vcopylane.v128 v0, #2 !0x5\n goto\n",
     "immediate"},
    {"IntegerLanesOfFloats", "v0 = const.v128 1\n v1 = vadd.v128 v0, v0 !0x6\n goto\n",
     "attribute"},
    {"LanesTooWide", "v0 = const.v128 1\n v1 = vmul.v128 v0, v0 !0x5\n goto\n", "attribute"},
    {"ShiftByTheWidth", "v0 = const.v128 1\n v1 = vshl.v128 v0, #8 !0x2\n goto\n", "immediate"},
    {"ElementOfOneLane", "v0 = const.v128 1\n v1 = vreverse.v128 v0, #32 !0x4\n goto\n",
     "immediate"},
    {"HalfThatIsNone", "v0 = const.v128 1\n v1 = vclmul.v128 v0, v0, #4 !0x5\n goto\n",
     "immediate"},
    {"VectorOfAWord", "v0 = const.i64 1\n v1 = vabs.i64 v0 !0x2\n goto\n", "type of operand"},
    {"FloatsOfIntegerLanes", "v0 = const.v128 1\n v1 = vfadd.v128 v0, v0 !0x5\n goto\n",
     "attribute"},
    {"RoundingOfLanesUnknown", "v0 = const.v128 1\n v1 = vfadd.v128 v0, v0, #6 !0x7\n goto\n",
     "immediate"},
    {"ZeroOfFloatLanes", "v0 = const.v128 1\n v1 = vfadd.v128 v0, v0, #64 !0x7\n goto\n",
     "immediate"},
    {"NansOfIntegers", "v0 = const.v128 1\n v1 = vftos.v128 v0, #16 !0x7\n goto\n", "immediate"},
    {"RoundingOfLanesMinimum", "v0 = const.v128 1\n v1 = vfmin.v128 v0, v0, #1 !0x7\n goto\n",
     "immediate"},
    {"UseBeforeDefinition", "v1 = not.i64 v0\n v0 = const.i64 1\n goto\n", "not defined"},
    {"UseFromTheOtherWay",
     "v0 = const.i1 1\n brcond v0, b1, b2\nb1:\n v1 = const.i64 1\n br b3\n"
     "b2:\n br b3\nb3:\n goto_ind v1\n",
     "not defined"},
    {"SlotOutside", "v0 = get.i64 #1020\n goto\n", "outside"},
    {"SlotsOverlap", "v0 = get.i64 #8\n v1 = get.i32 #12\n goto\n", "overlap"},
    {"SlotOfTwoTypes", "v0 = get.i64 #8\n v1 = get.f64 #8\n goto\n", "overlap"},
    {"SetBeforeLoad", "v0 = const.i64 8\n set v0, #8\n v1 = load.i64 v0\n goto\n", "may leave"},
    {"StoreBeforeStore", "v0 = const.i64 8\n store v0, v0\n store v0, v0, #8\n goto\n",
     "may leave"},
    {"StoreBesideWhatWasProbed",
     "v0 = const.i64 8\n probe v0, #34359738368 !0x20\n store v0, v0\n store v0, v0, #8\n goto\n",
     "may leave"},
    {"LoadWhereWritingWasProbed",
     "v0 = const.i64 8\n probe v0, #68719476736 !0x20\n store v0, v0\n v1 = load.i64 v0, #8\n"
     " goto\n",
     "may leave"},
    {"StoreElsewhereThanWasProbed",
     "v0 = const.i64 8\n probe v0, #68719476736 !0x20\n store v0, v0\n store v0, v0, #8 !0x40\n"
     " goto\n",
     "may leave"},
    {"ProbeOfNothing", "v0 = const.i64 8\n probe v0 !0x20\n goto\n", "immediate"},
    {"FlagsBeforeLoad",
     "v0 = get.f64 #16\n v1 = fadd.f64 v0, v0\n v2 = get.i64 #8\n v3 = load.i64 v2\n goto\n",
     "may leave"},
    {"SetBeforeRaise", "v0 = const.i64 8\n set v0, #8\n raise _, #2\n", "may leave"},
    {"SetBeforeLoadInTheNextBlock",
     "v0 = const.i64 8\n set v0, #8\n br b1\nb1:\n v1 = load.i64 v0\n goto\n", "may leave"},
    {"HostAddressThatIsNone", "v0 = const.i64 8\n v1 = hload.i64 v0\n goto\n", "not valid here"},
    {"HostAddressAfterACall",
     "v0 = const.i64 8\n v1 = xlat.i64 v0, #34359738368\n call _, _, _, #1\n"
     " v2 = hload.i64 v1\n goto\n",
     "not valid here"},
    {"HostAddressTooFar",
     "v0 = const.i64 8\n v1 = xlat.i64 v0, #34359738368\n v2 = hload.i64 v1, #4\n goto\n",
     "beyond"},
    {"HostAddressForReading",
     "v0 = const.i64 8\n v1 = xlat.i64 v0, #34359738368\n hstore v1, v0\n goto\n", "for reading"},
};
INSTANTIATE_TEST_SUITE_P(Rules, BrokenFunctionTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(VerifierTest, FindsBlocksThatAreNone) {
  Function function = FunctionOf(kSound);
  function.blocks[1].end = function.blocks[1].first;
  EXPECT_NE(Verify(function), "");
  function = FunctionOf(kSound);
  function.blocks.push_back(function.blocks[2]);
  EXPECT_NE(Verify(function).find("in two blocks"), std::string::npos);
  function = FunctionOf(kSound);
  function.insts.push_back(function.insts.back());
  EXPECT_NE(Verify(function).find("in no block"), std::string::npos);
  EXPECT_NE(Verify(Function()), "");
}

TEST(VerifierTest, WantsAMarkerForEveryGuestInstruction) {
  Function function = FunctionOf(kSound);
  ++function.guest_instruction_count;
  EXPECT_NE(Verify(function), "");
  EXPECT_NE(Verify(FunctionOf("function 0\nb0:\n  goto\n")), "");
  EXPECT_NE(Verify(FunctionOf("function 1\nb0:\n  insn 0, 0\n  goto\n")), "");
}

TEST(VerifierTest, FindsOperandsThatAreNone) {
  Function function = FunctionOf(kSound);
  function.insts[2].a = ValueId{0};  // a marker
  EXPECT_NE(Verify(function).find("no value"), std::string::npos);
  function.insts[2].a = ValueId{1000};
  EXPECT_NE(Verify(function).find("no value"), std::string::npos);
  function = FunctionOf(kSound);
  function.insts[2].b = ValueId{1};
  EXPECT_NE(Verify(function).find("too many"), std::string::npos);
}

}  // namespace
}  // namespace emu::ir
