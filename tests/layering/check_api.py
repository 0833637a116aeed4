#!/usr/bin/env python3
"""Holds the public API against what was released: nothing that is there may go, or get another number
or type. What is new is free.

    check_api.py ROOT           compares proto/emud/v1 with proto/emud/v1/released_api.txt
    check_api.py ROOT --print   prints what that file would have now
"""
import os
import subprocess
import sys

RELEASED = os.path.join("proto", "emud", "v1", "released_api.txt")


def describe(proto_dir):
    """The descriptors of all files, as protobuf's text format."""
    folder = os.path.join("emud", "v1")
    names = sorted(name for name in os.listdir(os.path.join(proto_dir, folder))
                   if name.endswith(".proto"))
    encoded = subprocess.run(
        ["protoc", "-I", proto_dir, "--descriptor_set_out=/dev/stdout",
         *(os.path.join(folder, name) for name in names)], check=True, capture_output=True).stdout
    return subprocess.run(
        ["protoc", "-I", "/usr/include", "--decode=google.protobuf.FileDescriptorSet",
         "google/protobuf/descriptor.proto"], check=True, input=encoded,
        capture_output=True).stdout.decode()


def parse(lines):
    """Text format as a list of (key, value); a message's value is such a list."""
    fields = []
    for line in lines:
        line = line.strip()
        if line == "}":
            break
        if line.endswith("{"):
            fields.append((line[:-1].strip(), parse(lines)))
        else:
            key, _, value = line.partition(": ")
            fields.append((key, value.strip('"')))
    return fields


def get(fields, key, default=""):
    return next((value for name, value in fields if name == key), default)


def each(fields, key):
    return [value for name, value in fields if name == key]


def lines_of_message(message, scope):
    name = f"{scope}.{get(message, 'name')}"
    yield f"message {name}"
    for field in each(message, "field"):
        kind = get(field, "type_name") or get(field, "type")
        yield (f"field {name}.{get(field, 'name')} = {get(field, 'number')} "
               f"{get(field, 'label')} {kind}")
    for inner in each(message, "nested_type"):
        yield from lines_of_message(inner, name)
    for inner in each(message, "enum_type"):
        yield from lines_of_enum(inner, name)


def lines_of_enum(enum, scope):
    name = f"{scope}.{get(enum, 'name')}"
    for value in each(enum, "value"):
        yield f"value {name}.{get(value, 'name')} = {get(value, 'number')}"


def lines_of_api(proto_dir):
    lines = set()
    for file in each(parse(iter(describe(proto_dir).splitlines())), "file"):
        package = get(file, "package")
        for message in each(file, "message_type"):
            lines.update(lines_of_message(message, package))
        for enum in each(file, "enum_type"):
            lines.update(lines_of_enum(enum, package))
        for service in each(file, "service"):
            for method in each(service, "method"):
                streams = " ".join(key for key in ("client_streaming", "server_streaming")
                                   if get(method, key) == "true")
                lines.add(f"method {package}.{get(service, 'name')}.{get(method, 'name')} "
                          f"{get(method, 'input_type')} {get(method, 'output_type')} "
                          f"{streams}".rstrip())
    return lines


def missing(proto_dir, released):
    return sorted(set(released) - lines_of_api(proto_dir))


def main():
    root = sys.argv[1]
    proto_dir = os.path.join(root, "proto")
    if "--print" in sys.argv[2:]:
        print("\n".join(sorted(lines_of_api(proto_dir))))
        return
    with open(os.path.join(root, RELEASED)) as file:
        broken = missing(proto_dir, file.read().splitlines())
    for line in broken:
        print(f"{RELEASED}: clients rely on: {line}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
