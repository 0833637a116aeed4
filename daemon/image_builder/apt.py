"""Packages of a Debian of any release and architecture, through apt with a state directory of its own:
apt checks the signatures, and this machine's configuration stays as it is.

  apt.py closure CACHE ARCH SUITE FOLDER PACKAGE...   fetches the packages and all that they depend on
  apt.py single CACHE ARCH SUITE FOLDER PACKAGE       fetches one, and what it needs is not looked at
  apt.py source SUITE                                 prints the line that names this machine's mirror

ARCH is Debian's name. A mirror is the one that this machine's apt uses for Debian itself. FOLDER gets
links to the packages' files, or copies.
"""
import contextlib
import dataclasses
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile

import children

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class AptError(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Source:
    uri: str
    suite: str
    components: tuple = ("main",)

    def line(self):
        """Of sources.list(5)."""
        return f"deb [signed-by={KEYRING}] {self.uri} {self.suite} {' '.join(self.components)}"


def mirror_of(archive):
    """What this machine's apt fetches an archive from ("debian", "debian-security"), or None."""
    for uri in children.run("apt-get", "indextargets", "--format", "$(REPO_URI)",
                            "Created-By: Packages").split():
        if uri.rstrip("/").endswith("/" + archive):
            return uri
    return None


def sources(archives):
    """`archives`: name, suites and components of each. This machine must have a mirror of the first; the
    others are left out where it has none."""
    if not os.access(KEYRING, os.R_OK):
        raise AptError(f"{KEYRING} is missing: install debian-archive-keyring")
    mirrors = {name: mirror_of(name) for name, _, _ in archives}
    if not mirrors[archives[0][0]]:
        raise AptError(f"apt knows no mirror of {archives[0][0]}: run 'apt-get update' first")
    return [Source(mirrors[name], suite, tuple(components))
            for name, suites, components in archives if mirrors[name] for suite in suites]


def debian(suite):
    return sources([("debian", (suite,), ("main",))])


class Apt:
    """One at a time for each cache: apt's state has one owner, while this is entered. What has been
    fetched stays in the cache for as long as a mirror has it."""

    def __init__(self, cache, architecture, sources):
        self._lock_path = os.path.join(cache, "lock")
        self._state = os.path.join(cache, architecture)
        self._archives = os.path.join(self._state, "cache", "archives")
        self._sources = sources
        self._options = [option for pair in {
            "APT::Architecture": architecture, "APT::Architectures::": architecture,
            "APT::Default-Release": "", "APT::Install-Recommends": "false", "APT::Sandbox::User": "",
            "APT::Update::Error-Mode": "any", "Acquire::Languages": "none",
            "Dir::State": self._state, "Dir::State::lists": f"{self._state}/lists",
            "Dir::State::status": f"{self._state}/status", "Dir::Cache": f"{self._state}/cache",
            "Dir::Etc::sourcelist": f"{self._state}/sources.list",
            "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
        }.items() for option in ("-o", "=".join(pair))]
        self._resources = contextlib.ExitStack()

    def __enter__(self):
        for folder in ("lists/partial", "cache/archives/partial", "empty/partial"):
            os.makedirs(os.path.join(self._state, folder), exist_ok=True)
        lock = self._resources.enter_context(open(self._lock_path, "w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(f"{self._state}/status", "a"):
            pass
        return self

    def __exit__(self, *_):
        self._resources.close()

    def update(self):
        """Fetches what there is. Returns the sources that cannot be had; the first one must be."""
        try:
            self._update(self._sources)
            return []
        except children.ChildError:
            usable, missing = self._sources[:1], []
            self._update(usable)
        for source in self._sources[1:]:
            try:
                self._update([*usable, source])
                usable.append(source)
            except children.ChildError as error:
                print(f"{source.suite} is left out: {error}", file=sys.stderr)
                missing.append(source)
        self._update(usable)
        return missing

    def _update(self, sources):
        with open(f"{self._state}/sources.list", "w") as file:
            file.writelines(source.line() + "\n" for source in sources)
        self._run("update", "-qq")

    def closure(self, packages):
        """The names of the files of `packages` and of all that they depend on."""
        # With an empty cache, because what lies there already is not listed.
        return self._names("install", *packages, "-o", f"Dir::Cache::archives={self._state}/empty")

    def fetch_closure(self, packages, folder, report=lambda percent: None):
        """Returns the paths of the files in `folder`."""
        names = self.closure(packages)
        self._fetch_all(packages, report)
        self._run("autoclean", "-qq")
        return [self._place(name, folder) for name in names]

    def fetch(self, package, folder):
        """One package alone. One that is only a name for the current version of another stands for that
        one. Returns the path of its file in `folder`."""
        package = self._current_version_of(package)
        [name] = self._names("download", package)
        if not os.path.exists(os.path.join(self._archives, name)):
            partial = os.path.join(self._archives, "partial")
            self._run("download", "-qq", package, cwd=partial)
            os.rename(os.path.join(partial, name), os.path.join(self._archives, name))
        return self._place(name, folder)

    def _current_version_of(self, package):
        """linux-image-riscv64 depends on linux-image-VERSION-riscv64."""
        stem, _, flavour = package.rpartition("-")
        depends = children.run("apt-cache", *self._options, "depends", package)
        real = re.search(rf"Depends: ({re.escape(stem)}-[0-9]\S*-{re.escape(flavour)})\n", depends)
        return real[1] if real else package

    def _names(self, *command):
        lines = self._run("-qq", "--print-uris", *command)
        return re.findall(r"(?m)^'[^']*' (\S+) ", lines)

    def _run(self, *command, **options):
        return children.run("apt-get", *self._options, *command, **options)

    def _fetch_all(self, packages, report):
        with tempfile.TemporaryFile("w+") as errors, children.started(
                "apt-get", *self._options, "-o", "APT::Status-Fd=1", "install", "-qqy",
                "--download-only", *packages, text=True, stdout=subprocess.PIPE,
                stderr=errors) as process:
            for line in process.stdout:
                if match := re.match(r"dlstatus:\d+:([\d.]+):", line):
                    report(float(match[1]))
            if process.wait() != 0:
                errors.seek(0)
                raise AptError(f"apt-get install: {errors.read().strip()}")

    def _place(self, name, folder):
        path = os.path.join(folder, name)
        source = os.path.join(self._archives, name)
        try:
            os.link(source, path)
        except OSError:
            shutil.copy(source, path)
        return path


def main():
    verb, *arguments = sys.argv[1:]
    if verb == "source":
        print(debian(*arguments)[0].line())
        return
    cache, architecture, suite, folder, *packages = arguments
    with Apt(cache, architecture, debian(suite)) as apt:
        apt.update()
        if verb == "single":
            apt.fetch(*packages, folder)
        else:
            apt.fetch_closure(packages, folder)


if __name__ == "__main__":
    try:
        main()
    except (AptError, children.ChildError) as problem:
        sys.exit(f"apt: {problem}")
