# Packages of Debian 13, whatever this machine runs. Sourced after lib.sh, not run.

CACHE=${EMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emu}

# is_cached FOLDER: whether all that remember noted there is there.
is_cached() { (cd "$1" 2>/dev/null && sha256sum -c --status checksums); }
# remember FOLDER FILE...
remember() { (cd "$1" && sha256sum "${@:2}" >checksums); }

# debian_name_of ARCH: what Debian calls a guest's architecture.
debian_name_of() {
  case $1 in
    riscv64) echo riscv64 ;;
    aarch64) echo arm64 ;;
    *) die "there is no guest '$1': give riscv64 or aarch64" ;;
  esac
}

# What fetches packages in the daemon does it here, too.
BUILDER=$ROOT/daemon/image_builder
fetch_packages() { python3 "$BUILDER/apt.py" "$1" "$CACHE/apt" "${@:2}" >&2; }

# sources_line SUITE: from the mirror that this machine's apt uses for Debian itself.
sources_line() { python3 "$BUILDER/apt.py" source "$1"; }

# unpack_debian_package PACKAGE FOLDER [ARCH]: into FOLDER/tree. A package that is only a name for
# the current version of another stands for that one.
unpack_debian_package() {
  say "fetching $1" >&2
  mkdir -p "$2/tree"
  fetch_packages single "${3:-$(dpkg --print-architecture)}" trixie "$2" "$1"
  dpkg-deb -x "$2"/*.deb "$2/tree"
}

# unpack_debian_programs PACKAGES FOLDER [ARCH]: with all that it depends on, the C library too, into
# FOLDER/tree. Nothing is installed, and its scripts do not run.
unpack_debian_programs() {
  local archive
  say "fetching $1 and what is needed with it" >&2
  mkdir -p "$2/archives" "$2/tree"
  fetch_packages closure "${3:-$(dpkg --print-architecture)}" trixie "$2/archives" $1
  for archive in "$2"/archives/*.deb; do dpkg-deb -x "$archive" "$2/tree"; done
}
