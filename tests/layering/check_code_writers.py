"""Translated code that is published changes through PatchSites alone.

  check_code_writers.py ROOT

The writable view of the code cache is the one way to any code, and PatchSites the one to ask for it.
"""
import os
import re
import sys

# What leads to the writable view, and where alone it may be called.
CALLS = {
    r"(?:\.|->)Writable\(": {"translator/runtime/patch_site.h"},
    # The writer patches its own copy, which nobody executes.
    r"(?:\.|->)PatchJump\(": {"translator/runtime/patch_site.h",
                              "translator/runtime/sealed_code_writer.cc"},
    r"\bwritable_\b": {"translator/runtime/code_cache.cc", "translator/runtime/code_cache.h"},
    # Of memory that perf knows, when it is mapped and holds no code yet.
    r"\bmprotect\(": {"translator/runtime/code_cache.cc"},
}
FOLDERS = ("translator", "vmm", "devices")


def sources(root):
    for folder in FOLDERS:
        for parent, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if re.search(r"\.(cc|h)$", name) and not re.search(r"_test\.cc$", name):
                    yield os.path.relpath(os.path.join(parent, name), root)


def main():
    root = sys.argv[1]
    problems = []
    used = set()
    for path in sources(root):
        with open(os.path.join(root, path)) as file:
            text = re.sub(r"//.*", "", file.read())
        for call, allowed in CALLS.items():
            if re.search(call, text):
                used.add(call)
                if path not in allowed:
                    problems.append(f"{path}: {call} is for {', '.join(sorted(allowed)) or 'nobody'}")
    # A rule that matches nothing guards nothing.
    problems += [f"nothing matches {call}: was it renamed?"
                 for call, allowed in CALLS.items() if allowed and call not in used]
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
