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

# sources_line SUITE: from the mirror that this machine's apt uses for Debian itself.
sources_line() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  [ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
  mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 'Created-By: Packages' |
    awk '$2 ~ /\/debian\/?$/ { print $2; exit }')
  [ -n "$mirror" ] || die "apt knows no Debian mirror: run 'apt-get update' first"
  echo "deb [signed-by=$keyring] $mirror $1 main"
}

# open_apt ARCH: sets APT to options for apt-get with a state directory of its own, so that the
# signature is checked by apt and the machine's own configuration stays as it is. One at a time:
# apt's state has one owner, until close_apt.
open_apt() {
  local arch=$1 state=$CACHE/apt/$1 sources
  sources=$(sources_line trixie)
  mkdir -p "$state"/{lists/partial,cache/archives/partial}
  exec {apt_lock}>"$CACHE/apt/lock"
  flock "$apt_lock"
  touch "$state/status"
  echo "$sources" >"$state/sources.list"
  APT=(-o APT::Architecture="$arch" -o APT::Architectures::="$arch"
    -o Dir::State="$state" -o Dir::State::lists="$state/lists"
    -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o Acquire::Languages=none -o APT::Sandbox::User=)
  apt-get "${APT[@]}" update -q >&2
}
close_apt() { exec {apt_lock}>&-; }

# unpack_debian_package PACKAGE FOLDER [ARCH]: into FOLDER/tree. A package that is only a name for
# the current version of another stands for that one.
unpack_debian_package() {
  local package=$1 folder=$2
  say "fetching $package" >&2
  open_apt "${3:-$(dpkg --print-architecture)}"
  package=$(current_version_of "$package")
  mkdir -p "$folder"
  (cd "$folder" && apt-get "${APT[@]}" download -q "$package" >&2)
  close_apt
  dpkg-deb -x "$folder"/*.deb "$folder/tree"
}

# current_version_of PACKAGE: e.g. linux-image-riscv64 depends on linux-image-VERSION-riscv64.
current_version_of() {
  local package=$1 real
  real=$(apt-cache "${APT[@]}" depends "$package" |
    awk -v p="^${package%-*}-[0-9].*-${package##*-}$" '$1 == "Depends:" && $2 ~ p { print $2 }')
  echo "${real:-$package}"
}

# unpack_debian_programs PACKAGES FOLDER [ARCH]: with all that it depends on, the C library too, into
# FOLDER/tree. Nothing is installed, and its scripts do not run.
unpack_debian_programs() {
  local packages=$1 folder=$2 archive
  say "fetching $packages and what is needed with it" >&2
  open_apt "${3:-$(dpkg --print-architecture)}"
  mkdir -p "$folder/archives/partial" "$folder/tree"
  apt-get "${APT[@]}" -o Dir::Cache::archives="$folder/archives" install -qy --download-only \
    --no-install-recommends $packages >&2
  close_apt
  for archive in "$folder"/archives/*.deb; do dpkg-deb -x "$archive" "$folder/tree"; done
}
