"""Holds the tree against allowed_includes.txt and the limits of size.

  check_includes.py ROOT [RULES]     exits 1 and names each line that may not be
"""
import fnmatch
import os
import re
import subprocess
import sys

MAX_LINES = 600
MAX_README_LINES = 60
SOURCE = re.compile(r"\.(cc|h|inc)$")
# Tables of data may be long.
LONG_BY_NATURE = re.compile(r"^tests/guest/")
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
GENERATED = {"vm/v1/": "proto/vm/v1/", "net/v1/": "proto/net/v1/", "emud/v1/": "proto/emud/v1/"}


class Rules:
    def __init__(self, text):
        self.allowed = {}  # folder, pattern or file -> list of what it may include
        self.outside = {}  # prefix of a foreign header -> folders
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if not line:
                continue
            name, colon, rest = line.partition(":")
            if not colon:
                raise ValueError(f"allowed_includes.txt: no colon in {line!r}")
            words = [word for word in rest.split() if word != "-"]
            if name.startswith("outside "):
                self.outside[name.split()[1]] = words
            else:
                self.allowed[name] = words

    def row_for(self, path):
        """What `path` may include: the row of the longest name that it lies under."""
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            prefix = "/".join(parts[:length])
            if prefix in self.allowed:
                return self.allowed[prefix]
            siblings = "/".join(parts[:length - 1]) + "/*"
            if length < len(parts) and siblings in self.allowed:
                return self.allowed[siblings]
        return None

    def allows(self, path, header):
        if is_ours(header):
            if os.path.dirname(header) == os.path.dirname(path):
                return True
            return any(matches(header, word) for word in self.row_for(path) or [])
        for prefix, folders in self.outside.items():
            if header.startswith(prefix):
                return any(path.startswith(folder + "/") for folder in folders + ["tests"])
        return True


def is_ours(header):
    return header.split("/")[0] in ("vmm", "translator", "devices", "daemon", "client", "proto",
                                    "tests") and "/" in header


def matches(header, word):
    if word.endswith("/"):
        return header.startswith(word)
    # A star stays within one folder.
    return word == "*" or (header.count("/") == word.count("/") and fnmatch.fnmatch(header, word))


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            header = match.group(1)
            for generated, folder in GENERATED.items():
                if header.startswith(generated):
                    header = folder + header[len(generated):]
            yield number, header


def check_file(rules, path, text):
    """The violations in one file, as lines for people."""
    problems = []
    lines = text.count("\n")
    if os.path.basename(path) == "README.md" and lines > MAX_README_LINES:
        problems.append(f"{path}: {lines} lines; a folder's README has at most {MAX_README_LINES}")
    if not SOURCE.search(path):
        return problems
    if lines > MAX_LINES and not LONG_BY_NATURE.match(path):
        problems.append(f"{path}: {lines} lines; at most {MAX_LINES}")
    if rules.row_for(path) is None:
        problems.append(f"{path}: its folder has no row in allowed_includes.txt")
    for number, header in includes_of(text):
        if not rules.allows(path, header):
            problems.append(f"{path}:{number}: may not include {header}")
    return problems


def check_readmes(paths):
    """Each folder that builds or tests something says what it is, down to the second level."""
    folders = {os.path.dirname(path) for path in paths
               if os.path.basename(path) == "CMakeLists.txt" and path.count("/") <= 2}
    folders -= {"vmm", "tests"}  # lists of folders
    return [f"{folder or '.'}: has no README.md" for folder in sorted(folders)
            if os.path.join(folder, "README.md") not in paths]


def tracked_files(root):
    found = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True)
    if found.returncode == 0:
        return [path for path in found.stdout.split("\0") if path]
    # An export without its history.
    return [os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root) for name in names
            if not os.path.relpath(folder, root).startswith("build")]


def main():
    root = sys.argv[1]
    rules_path = sys.argv[2] if len(sys.argv) > 2 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "allowed_includes.txt")
    with open(rules_path) as file:
        rules = Rules(file.read())
    paths = [path for path in tracked_files(root) if os.path.exists(os.path.join(root, path))]
    problems = check_readmes(set(paths))
    for path in paths:
        if SOURCE.search(path) or path.endswith("README.md"):
            with open(os.path.join(root, path), errors="replace") as file:
                problems += check_file(rules, path, file.read())
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
