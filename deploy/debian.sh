# Packages of Debian 13, whatever this machine runs. Sourced after lib.sh, not run.

CACHE=${EMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emu}

# is_cached FOLDER: whether all that remember noted there is there.
is_cached() { (cd "$1" 2>/dev/null && sha256sum -c --status checksums); }
# remember FOLDER FILE...
remember() { (cd "$1" && sha256sum "${@:2}" >checksums); }

# unpack_debian_package PACKAGE FOLDER [ARCH]: into FOLDER/tree, through apt, with a state directory
# of its own, so that the signature is checked by apt and the machine's own configuration stays as it
# is.
# A package that is only a name for the current version of another stands for that one.
unpack_debian_package() {
  local package=$1 folder=$2 suite=trixie arch mirror state
  arch=${3:-$(dpkg --print-architecture)}
  state=$CACHE/apt/$arch
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
  # The mirror that this machine's apt uses for Debian itself.
  mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 'Created-By: Packages' |
    awk '$2 ~ /\/debian\/?$/ { print $2; exit }')
  [ -n "$mirror" ] || die "apt knows no Debian mirror: run 'apt-get update' first"

  # One at a time: apt's state has one owner.
  mkdir -p "$CACHE/apt"
  exec {apt_lock}>"$CACHE/apt/lock"
  flock "$apt_lock"
  mkdir -p "$state"/{lists/partial,cache/archives/partial} "$folder"
  touch "$state/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
  local apt=(-o APT::Architecture="$arch" -o APT::Architectures::="$arch"
    -o Dir::State="$state" -o Dir::State::lists="$state/lists"
    -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o Acquire::Languages=none -o APT::Sandbox::User=)
  say "fetching $package" >&2
  apt-get "${apt[@]}" update -q >&2
  package=$(current_version_of "$package" apt-cache "${apt[@]}")
  (cd "$folder" && apt-get "${apt[@]}" download -q "$package" >&2)
  exec {apt_lock}>&-
  dpkg-deb -x "$folder"/*.deb "$folder/tree"
}

# current_version_of PACKAGE APT-CACHE...: e.g. linux-image-riscv64 depends on the package
# linux-image-VERSION-riscv64.
current_version_of() {
  local package=$1 real
  real=$("${@:2}" depends "$package" | awk -v p="^${package%-*}-[0-9].*-${package##*-}$" \
    '$1 == "Depends:" && $2 ~ p { print $2; exit }')
  echo "${real:-$package}"
}
