"""Holds the committed C++ sources against .clang-format.

  check_format.py ROOT CLANG_FORMAT      exits 1 and names each file that it would change, 77 where
                                         CLANG_FORMAT is of another version than the sources follow
"""
import re
import subprocess
import sys

# Debian 12's. Versions differ on the same style.
VERSION = 14
SKIPPED = 77


def main():
    root, clang_format = sys.argv[1:3]
    version = subprocess.run([clang_format, "--version"], capture_output=True, text=True, check=True)
    major = int(re.search(r"version (\d+)", version.stdout)[1])
    if major != VERSION:
        print(f"skipped: {clang_format} is version {major}, the sources follow {VERSION}")
        sys.exit(SKIPPED)
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.cc", "*.h"],
                            capture_output=True, text=True)
    if listed.returncode != 0:
        print("not a git checkout: nothing to check")
        return
    paths = [path for path in listed.stdout.split("\0") if path]
    problems = [path for path in paths if is_misformatted(root, clang_format, path)]
    for path in problems:
        print(f"{path}: run {clang_format} -i on it")
    sys.exit(1 if problems else 0)


def is_misformatted(root, clang_format, path):
    # What is committed, whatever is being edited.
    committed = subprocess.run(["git", "-C", root, "show", f":{path}"], capture_output=True)
    formatted = subprocess.run([clang_format, f"--assume-filename={root}/{path}"],
                               input=committed.stdout, capture_output=True)
    return formatted.returncode != 0 or formatted.stdout != committed.stdout


main()
