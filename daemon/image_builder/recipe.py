"""What an image is made of: a file for each release, read by name."""
import dataclasses
import os
import re
import tomllib

ROLES = ("FIRMWARE", "FLASH")


class RecipeError(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Firmware:
    role: str
    package: str
    path: str  # in the package


@dataclasses.dataclass(frozen=True)
class Archive:
    name: str
    suites: tuple


@dataclasses.dataclass(frozen=True)
class Recipe:
    name: str
    arch: str  # as guests are called here
    debian: str  # as Debian calls it
    console: str
    firmware: tuple
    components: tuple
    archives: tuple
    packages: tuple
    initramfs_modules: tuple
    disk_mib: int
    esp_mib: int
    memory_mib: int
    _words: dict
    _files: dict
    _finish: str

    def files(self, **words):
        """Contents by path. `words`: what else stands between two @."""
        return {path: self._fill(text, words).removeprefix("\n")
                for path, text in self._files.items()}

    def finish(self):
        return self._fill(self._finish, {})

    def _fill(self, text, words):
        def word(match):
            try:
                return {**self._words, **words}[match[1]]
            except KeyError:
                raise RecipeError(f"recipe {self.name}: nobody knows {match[0]}") from None
        return re.sub(r"@([a-z_]+)@", word, text)


def known_names(folder):
    return [f"{match[1]}:{match[2]}/{arch}"
            for file in sorted(os.listdir(folder))
            if (match := re.fullmatch(r"(.+)-([^-]+)\.toml", file))
            for arch in _table(folder, file)["architectures"]]


def read(folder, name):
    """The recipe DISTRIBUTION:RELEASE/ARCH, of the file DISTRIBUTION-RELEASE.toml."""
    if name not in known_names(folder):
        raise RecipeError(f"there is no image {name!r}: give one of {', '.join(known_names(folder))}")
    image, _, arch = name.partition("/")
    file = image.replace(":", "-") + ".toml"
    table = _table(folder, file)
    try:
        machine = table["architectures"][arch]
        return Recipe(
            name=name, arch=arch, debian=machine["debian"], console=machine["console"],
            firmware=tuple(Firmware(role, *machine["firmware"][role])
                           for role in ROLES if role in machine["firmware"]),
            components=tuple(table["components"]),
            archives=tuple(Archive(archive["name"], tuple(archive["suites"]))
                           for archive in table["archives"]),
            packages=(*table["packages"], machine["kernel"], machine["boot_loader"]),
            initramfs_modules=tuple(table["initramfs_modules"]),
            disk_mib=int(table["disk_mib"]), esp_mib=int(table["esp_mib"]),
            memory_mib=int(table["memory_mib"]),
            _words={"initramfs_modules": "\n".join(table["initramfs_modules"]),
                    **{key: text for key, text in machine.items() if isinstance(text, str)}},
            _files=table["files"], _finish=table["finish"])
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"recipe {file}: {type(error).__name__}: {error}") from error


def _table(folder, file):
    try:
        with open(os.path.join(folder, file), "rb") as text:
            return tomllib.load(text)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"recipe {file}: {error}") from error
