# check.sh ROMAN: exits 1 at the first number that comes out wrong.
fail() { echo "FAILED: $*"; exit 1; }
while read -r number expected; do
  [ "$("$1" "$number")" = "$expected" ] || fail "$number is not $expected"
done <<END
1 I
4 IV
14 XIV
949 CMXLIX
1994 MCMXCIV
3999 MMMCMXCIX
END
for wrong in 0 4000 -1 x ''; do
  "$1" "$wrong" 2>/dev/null && fail "'$wrong' was taken for a number"
done
echo "all passed on $(uname -m)"
