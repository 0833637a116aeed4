"""Copies kernel modules with what they depend on, decompressed, and writes the order to load them.

  select_modules.py TREE OUT NAME...      TREE: an unpacked linux-image package
"""
import lzma
import os
import re
import sys


def stem(name):
    return re.sub(r"\.ko(\.xz)?$", "", name).replace("-", "_")


def content(path):
    with (lzma.open if path.endswith(".xz") else open)(path, "rb") as file:
        return file.read()


def select(tree, out, wanted):
    """A module that is part of the kernel is none, and left out."""
    modules = {stem(name): os.path.join(folder, name)
               for folder, _, names in os.walk(tree) for name in names
               if re.search(r"\.ko(\.xz)?$", name)}
    os.makedirs(out)
    order = []

    def add(name):
        if name in order or name not in modules:
            return
        data = content(modules[name])
        # The module's own word (section .modinfo), as there is no modules.dep yet.
        depends = re.search(rb"\0depends=([^\0]*)\0", data).group(1).decode()
        for other in filter(None, depends.split(",")):
            add(other.replace("-", "_"))
        with open(os.path.join(out, name + ".ko"), "wb") as file:
            file.write(data)
        order.append(name)

    for name in wanted:
        add(name)
    with open(os.path.join(out, "order"), "w") as file:
        file.write("".join(name + ".ko\n" for name in order))


if __name__ == "__main__":
    select(sys.argv[1], sys.argv[2], sys.argv[3:])
