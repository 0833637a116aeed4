"""The stages of a build, from a recipe to a disk."""
import hashlib
import json
import os
import re
import shutil

import apt
import archives
import children
import gpt
import second_stage
import select_modules

DISK = "disk.img"
MANIFEST = "manifest.json"
MIB = 1 << 20
# What the ext4 driver of GRUB 2.12 and a system's own programs know, whatever this machine's do.
EXT4_FEATURES = "^orphan_file,^metadata_csum_seed"
BUSYBOX = "busybox-static"
AGENT = "usr/sbin/emu-agent"
KERNEL = re.compile(r"linux-image-[0-9]")


class Build:
    """`work`: an empty folder, on the file system that the disk is made on. `agents`: a folder with
    ARCH/emu-agent, or None."""

    def __init__(self, recipe, emu_vm, agents, cache, work, progress):
        self._recipe = recipe
        self._emu_vm = emu_vm
        self._agents = agents
        self._cache = cache
        self._work = work
        self._progress = progress
        self._result = self._path("result")

    def run(self):
        """Returns the folder of what is built."""
        packages, essential = self._download()
        self._prepare(packages, essential)
        self._install(len(packages))
        self._write_manifest()
        return self._result

    def _path(self, *names):
        return os.path.join(self._work, *names)

    def _download(self):
        """The packages' files, and the names of the essential ones."""
        self._progress.begin("index")
        for folder in ("packages", "others"):
            os.mkdir(self._path(folder))
        recipe = self._recipe
        self._sources = apt.sources([(archive.name, archive.suites, recipe.components)
                                     for archive in recipe.archives])
        with apt.Apt(self._cache, recipe.debian, self._sources) as packages:
            self._missing_sources = packages.update()
            essential = packages.closure(["?essential"])
            self._progress.begin("download")
            for package in {firmware.package for firmware in recipe.firmware} | {BUSYBOX}:
                archives.unpack(packages.fetch(package, self._path("others")),
                                self._path("others", package))
            return packages.fetch_closure(recipe.packages, self._path("packages"),
                                          self._progress.report), essential

    def _prepare(self, packages, essential):
        """What the guest needs."""
        self._progress.begin("unpack")
        os.mkdir(self._result)
        for firmware in self._recipe.firmware:
            children.run("cp", "--sparse=always", self._path("others", firmware.package, firmware.path),
                         self._firmware_path(firmware))
        self._make_small_linux(packages)
        tree, finish = self._path("tree"), self._path("finish")
        for path, text in self._recipe.files(sources=self._stanzas()).items():
            write(os.path.join(tree, path), text)
        if self._agents:
            agent = os.path.join(tree, AGENT)
            os.makedirs(os.path.dirname(agent), exist_ok=True)
            shutil.copy(os.path.join(self._agents, self._recipe.arch, "emu-agent"), agent)
        write(finish, self._recipe.finish())
        second_stage.make_packages_disk(packages, essential, tree, finish,
                                        self._path("packages.img"), self._progress.report)
        self._make_disk()

    def _firmware_path(self, firmware):
        return os.path.join(self._result, firmware.role.lower())

    def _stanzas(self):
        """deb822(5), as sources.list(5) has it."""
        return "\n".join(
            f"Enabled: {'no' if source in self._missing_sources else 'yes'}\nTypes: deb\n"
            f"URIs: {source.uri}\nSuites: {source.suite}\n"
            f"Components: {' '.join(source.components)}\nSigned-By: {apt.KEYRING}\n"
            for source in self._sources)

    def _make_small_linux(self, packages):
        """With the kernel that is installed."""
        [package] = [path for path in packages if KERNEL.match(os.path.basename(path))]
        unpacked = self._path("others", "kernel")
        archives.unpack(package, unpacked)
        os.mkdir(self._path("linux"))
        [kernel] = [name for name in os.listdir(f"{unpacked}/boot") if name.startswith("vmlinu")]
        shutil.copy(f"{unpacked}/boot/{kernel}", self._path("linux", "linux"))
        shutil.copy(self._path("others", BUSYBOX, "usr/bin/busybox"), self._path("linux"))
        select_modules.select(unpacked, self._path("linux", "modules"),
                              self._recipe.initramfs_modules)

    def _make_disk(self):
        recipe, disk = self._recipe, self._path("result", DISK)
        size = recipe.disk_mib * MIB
        esp, root = gpt.lay_out(size, [(gpt.ESP, "EFI", recipe.esp_mib * MIB),
                                       (gpt.LINUX, "root", 0)])
        with open(disk, "wb") as file:
            file.truncate(size)
        gpt.write(disk, [esp, root])
        children.run("mformat", "-i", f"{disk}@@{esp.offset}", "-T",
                     str(esp.size // gpt.SECTOR_BYTES), "-h", "255", "-s", "63", "-v", "EFI", "::")
        gpt.clear_nested_table(disk, esp)
        children.run("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-O", EXT4_FEATURES,
                     "-E", f"offset={root.offset},root_owner=0:0", disk, f"{root.size // 1024}k")

    def _install(self, count):
        self._progress.begin("install")
        flags = []
        for firmware in self._recipe.firmware:
            if firmware.role == "FIRMWARE":
                flags = ["--firmware", self._firmware_path(firmware)]
        second_stage.install(self._emu_vm, self._recipe.arch, self._path("linux"),
                             self._path("result", DISK), self._path("packages.img"), self._work,
                             *flags, console=self._recipe.console, count=count,
                             report=self._progress.report)

    def _write_manifest(self):
        self._progress.begin("finish")
        files = [("DISK", DISK)] + [(firmware.role, firmware.role.lower())
                                    for firmware in self._recipe.firmware]
        parts = [{"role": role, "file": name, "sha256": sha256_of(os.path.join(self._result, name))}
                 for role, name in files]
        write(os.path.join(self._result, MANIFEST),
              json.dumps({"name": self._recipe.name, "arch": self._recipe.arch, "parts": parts,
                          "cmdline": "", "memory_mib": self._recipe.memory_mib}, indent=2) + "\n")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
