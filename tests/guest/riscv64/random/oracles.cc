#include "tests/guest/riscv64/random/oracles.h"

#include <algorithm>
#include <set>

namespace emu::testing {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::count(names, name) != 0;
}

bool IsNewerThanUnicorn(std::string_view name) {
  static const std::set<std::string_view> kNames = {
      // Zba, Zbb, Zbc, Zbs
      "sh1add", "sh1add.uw", "sh2add", "sh2add.uw", "sh3add", "sh3add.uw", "add.uw", "slli.uw",
      "andn", "orn", "xnor", "clz", "clzw", "ctz", "ctzw", "cpop", "cpopw", "sext.b", "sext.h",
      "zext.h", "min", "minu", "max", "maxu", "rol", "ror", "rolw", "rorw", "rori", "roriw",
      "orc.b", "rev8", "clmul", "clmulh", "clmulr", "bclr", "bclri", "bext", "bexti", "binv",
      "binvi", "bset", "bseti",
      // Zbkb, Zbkx, Zicond
      "pack", "packh", "packw", "brev8", "xperm4", "xperm8", "czero.eqz", "czero.nez",
      // Zknd, Zkne, Zknh, Zksed, Zksh
      "aes64ds", "aes64dsm", "aes64es", "aes64esm", "aes64im", "aes64ks1i", "aes64ks2",
      "sha256sum0", "sha256sum1", "sha256sig0", "sha256sig1", "sha512sum0", "sha512sum1",
      "sha512sig0", "sha512sig1", "sm4ed", "sm4ks", "sm3p0", "sm3p1",
      // Zcb
      "c.lbu", "c.lhu", "c.lh", "c.sb", "c.sh", "c.zext.b", "c.sext.b", "c.zext.h", "c.sext.h",
      "c.zext.w", "c.not", "c.mul"};
  const bool is_half = name == "flh" || name == "fsh" || name.ends_with(".h") ||
                       name.starts_with("fcvt.h.") || name == "fmv.h.x";
  const bool is_zfa = name.starts_with("fli.") || name.starts_with("fminm.") ||
                      name.starts_with("fmaxm.") || name.starts_with("fround") ||
                      name.starts_with("fltq.") || name.starts_with("fleq.") ||
                      name == "fcvtmod.w.d";
  return kNames.contains(name) || is_half || is_zfa || name.starts_with("cbo.") ||
         name.starts_with("wrs.") || name.starts_with("sinval") || name.starts_with("sfence.w") ||
         name.starts_with("sfence.inval");
}

bool IsWrongInUnicorn(std::string_view name) {
  return name.starts_with("fmin.") || name.starts_with("fmax.") || name.starts_with("fmadd.") ||
         name.starts_with("fmsub.") || name.starts_with("fnmadd.") || name.starts_with("fnmsub.") ||
         IsOneOf(name, {"amomin.w", "amomax.w", "amominu.w", "amomaxu.w"});
}

}  // namespace emu::testing
