#!/usr/bin/python3
"""Every method of the API, by its descriptor, is called by everybody: what he may and what he may not."""
import contextlib
import glob
import json
import os
import subprocess
import threading
import unittest

from harness import FIRMWARE, main, wait_for
from tls import TlsTest

try:
    import grpc
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
except ImportError:
    grpc = None

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../proto")
ROLES = ["viewer", "operator", "editor", "admin"]
ALL, HOST = "all", "host"  # everybody that is known; the administrator of the host

# Who may call what. A method that is not here fails the test: say who may, here and in
# daemon/access/method_table.cc.
NEEDS = {
    "HostService": {"GetServerInfo": ALL, "GetHost": ALL, "DrainHost": HOST, "UndrainHost": HOST},
    "VmService": {
        "CreateVm": "editor", "GetVm": "viewer", "ListVms": ALL, "UpdateVm": "editor",
        "StartVm": "operator", "StopVm": "operator", "PauseVm": "operator", "ResumeVm": "operator",
        "SuspendVm": "operator",
        "ResetVm": "operator", "DeleteVm": "editor", "WaitVm": "viewer", "WatchVms": ALL},
    "EventService": {"WatchEvents": ALL},
    "ConsoleService": {"Attach": "operator", "ReadLog": "viewer", "WaitForOutput": "viewer",
                       "GetConsole": "viewer"},
    "GuestService": {
        "Exec": "operator", "ListExecs": "viewer", "SignalExec": "operator", "DeleteExec": "operator",
        "GetGuestInfo": "viewer", "SyncGuestTime": "operator", "FreezeGuest": "operator",
        "ThawGuest": "operator"},
    "DebugService": {
        "ReadRegisters": "editor", "ReadMemory": "editor", "ReadDevices": "editor",
        "GetVmStats": "viewer", "Trace": "editor", "OpenGdb": "editor"},
    "AccessService": {
        "WhoAmI": ALL, "CreateProject": HOST, "GetProject": "viewer", "ListProjects": ALL,
        "UpdateProject": HOST, "DeleteProject": HOST, "BindRole": "admin", "UnbindRole": "admin",
        "ListRoleBindings": ALL, "CreateToken": "admin", "ListTokens": ALL, "RevokeToken": "admin"},
    "ImageService": {
        "BeginUpload": "editor", "UploadImage": "editor", "GetUpload": "editor",
        "DeleteUpload": "editor", "ImportImage": "editor", "GetImage": "viewer", "ListImages": ALL, "UpdateImage": "editor",
        "DeleteImage": "editor", "DownloadImage": "viewer", "CollectImages": HOST,
        "PullImage": "editor", "ListImageRecipes": ALL},
    "VolumeService": {"CreateVolume": "editor", "GetVolume": "viewer", "ListVolumes": ALL,
                      "DeleteVolume": "editor"},
    "SnapshotService": {
        "CreateSnapshot": "editor", "GetSnapshot": "viewer", "ListSnapshots": ALL,
        "DeleteSnapshot": "editor", "RestoreSnapshot": "editor", "ForkVm": "editor",
        "UpdateSnapshot": "editor", "ExportSnapshot": "editor", "ImportSnapshot": "editor"},
    "PoolService": {
        "CreatePool": "editor", "GetPool": "viewer", "ListPools": ALL, "UpdatePool": "editor",
        "DeletePool": "editor", "AcquireVm": "editor"},
    "AuditService": {"ListAuditEntries": HOST, "VerifyAuditLog": HOST},
    # Theirs depends on the VMs that are meant: below.
    "OperationService": {
        "BeginOperation": ALL, "GetOperation": ALL, "ListOperations": ALL, "WaitOperation": ALL,
        "CancelOperation": ALL, "DeleteOperation": ALL},
    "StatsService": {"WatchVmStats": ALL},
}

# What is asked for: of VM vm1 and project lab. Where it is granted, it fails for another reason or
# changes nothing, so that every caller finds the same. Without an entry: the VM by its name.
REQUESTS = {
    "CreateVm": {"project": "lab"},
    "UpdateVm": {"vm": {"name": "vm1", "etag": "old"}},
    "DeleteVm": {"name": "vm1", "etag": "old"},
    "Attach": {"start": {"vm": "vm1"}},
    "WaitForOutput": {"vm": "vm1", "regex": "never", "timeout": "0s"},
    "Exec": {"vm": "vm1", "start": {"command": ["true"]}},
    "CreateProject": {"project": {"name": "lab"}},
    "GetProject": {"name": "lab"},
    "UpdateProject": {"project": {"name": "lab"}},
    "DeleteProject": {"name": "lab"},
    "BindRole": {"binding": {"project": "lab", "principal": "unix:4711"}},
    "UnbindRole": {"project": "lab", "principal": "unix:4711"},
    "CreateToken": {"project": "lab", "name": "new"},
    "RevokeToken": {"name": "victim"},
    "BeginUpload": {"project": "lab"},
    "ImportImage": {"project": "lab"},
    "UpdateImage": {"image": {"name": "vm1", "etag": "old"}},
    "DeleteImage": {"name": "vm1", "etag": "old"},
    "CollectImages": {"validate_only": True},
    "PullImage": {"project": "lab", "name": "none"},
    "CreateVolume": {"project": "lab"},
    "DeleteVolume": {"name": "vm1", "etag": "old"},
    "DeleteSnapshot": {"name": "vm1", "etag": "old"},
    "UpdateSnapshot": {"snapshot": {"name": "vm1", "etag": "old"}},
    "ExportSnapshot": {"name": "vm1", "etag": "old"},
    "ImportSnapshot": {"project": "lab", "name": "No"},
    "ForkVm": {"vm": "vm1", "count": 1000},
    "CreatePool": {"project": "lab"},
    "UpdatePool": {"pool": {"name": "vm1", "etag": "old"}},
    "DeletePool": {"name": "vm1", "etag": "old"},
    "AcquireVm": {"pool": "vm1", "name": "No"},
    "DrainHost": {"grace_period": "-1s"},
}
HIDDEN = {"VM_NOT_FOUND", "PROJECT_NOT_FOUND", "TOKEN_NOT_FOUND", "IMAGE_NOT_FOUND",
          "UPLOAD_NOT_FOUND", "VOLUME_NOT_FOUND", "SNAPSHOT_NOT_FOUND",
          "POOL_NOT_FOUND"}


def load_services():
    """The services of emud.v1, as descriptors."""
    files = sorted(glob.glob(os.path.join(PROTO, "emud/v1/*.proto")))
    encoded = subprocess.run(["protoc", "-I", PROTO, "--include_imports",
                              "--descriptor_set_out=/dev/stdout", *files], check=True,
                             capture_output=True).stdout
    pool = descriptor_pool.DescriptorPool()
    services = []
    for file in descriptor_pb2.FileDescriptorSet.FromString(encoded).file:
        pool.Add(file)
        services += [pool.FindServiceByName(f"{file.package}.{service.name}")
                     for service in file.service]
    return services


@unittest.skipIf(grpc is None, "python3-grpcio is not installed")
class MatrixTest(TlsTest):
    def setUp(self):
        super().setUp()
        self.factory = message_factory.MessageFactory()
        with open(self.ca.certificate, "rb") as ca:
            credentials = grpc.ssl_channel_credentials(ca.read())
        self.channel = grpc.secure_channel(f"localhost:{self.port}", credentials)
        self.addCleanup(self.channel.close)
        self.ok("project", "create", "lab")
        self.ok("project", "create", "elsewhere")
        firmware = self.write("firmware", "x")
        self.ok("vm", "create", "vm1", "--firmware", firmware, "--project", "lab")
        self.ok("vm", "create", "vm2", "--firmware", FIRMWARE, "--project", "elsewhere")
        self.ok("snapshot", "create", "vm1", "--vm", "vm1", "--project", "lab")
        self.ok("snapshot", "create", "vm2", "--vm", "vm2", "--project", "elsewhere")
        self.ok("pool", "create", "vm1", "--snapshot", "vm1", "--size", "0", "--project", "lab")
        self.ok("pool", "create", "vm2", "--snapshot", "vm2", "--size", "0", "--project", "elsewhere")
        os.unlink(firmware)  # so that no start succeeds
        disk = self.write("disk", bytes(4096))
        self.ok("image", "import", disk, "--name", "vm1", "--project", "lab")
        self.ok("image", "import", disk, "--name", "vm2", "--project", "elsewhere")
        self.ok("volume", "create", "vm1", "--size", "1M", "--project", "lab")
        self.ok("volume", "create", "vm2", "--size", "1M", "--project", "elsewhere")
        self.callers = {role: self.token(role, role, "lab") for role in ROLES}
        self.callers["stranger"] = self.token("stranger", "admin", "elsewhere")
        self.callers[HOST] = self.token("root", "admin", "*")
        self.callers["nobody"] = None
        upload = self.upload()
        self.requests = {**REQUESTS, "UploadImage": upload, "GetUpload": upload}

    def upload(self):
        begun = self.ok("api", "call", "ImageService/BeginUpload", "-d", '{"project": "lab"}')
        return {"id": json.loads(begun)["id"]}

    def call(self, path, request, caller, response=None):
        """(code, reason, the first messages) of a call that is given up once it has answered."""
        secret = self.callers[caller]
        stub = self.channel.stream_stream(path, response_deserializer=response)
        call = stub(iter([request]), timeout=20,
                    metadata=[("authorization", f"Bearer {secret}")] if secret else [])
        messages = []
        try:
            for message in call:
                messages.append(message)
                if len(messages) == 1 and response is None:
                    call.cancel()
                    return "OK", "", messages
                if "SYNCED" in str(message) or "synced" in str(message):
                    call.cancel()
                    break
        except grpc.RpcError:
            pass
        if messages:
            return "OK", "", messages
        details = dict(call.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
        reasons = [reason for reason in HIDDEN if reason.encode() in details]
        return call.code().name, "".join(reasons), messages

    def ask(self, method, caller, response=None):
        """Calls `method` of its service's descriptor."""
        content = self.requests.get(method.name)
        if content is None:
            fields = method.input_type.fields_by_name
            content = {field: "vm1" for field in ("name", "vm") if field in fields}
        request = self.factory.GetPrototype(method.input_type)()
        json_format.ParseDict(content, request)
        path = f"/{method.containing_service.full_name}/{method.name}"
        return self.call(path, request.SerializeToString(), caller, response)

    def expected(self, service, need, caller):
        """(code, reason) of a refusal, or None."""
        if caller == "nobody":
            return "UNAUTHENTICATED", ""
        if need == ALL or caller == HOST:
            return None
        if need == HOST:
            return "PERMISSION_DENIED", ""
        if caller != "stranger" and ROLES.index(caller) >= ROLES.index(need[0]):
            return None
        if service == "AccessService" and need[1] == "RevokeToken":
            return "NOT_FOUND", "TOKEN_NOT_FOUND"
        if need[1] in ("UploadImage", "GetUpload", "DeleteUpload"):
            return "NOT_FOUND", "UPLOAD_NOT_FOUND"
        if caller != "stranger":
            return "PERMISSION_DENIED", ""
        by_project = service == "AccessService" or need[1] in ("CreateVm", "BeginUpload",
                                                               "ImportImage", "PullImage", "ImportSnapshot",
                                                               "CreateVolume", "CreatePool")
        hidden = {"ImageService": "IMAGE_NOT_FOUND",
                  "VolumeService": "VOLUME_NOT_FOUND",
                  "PoolService": "POOL_NOT_FOUND"}.get(service, "VM_NOT_FOUND")
        if need[1] in ("GetSnapshot", "DeleteSnapshot", "UpdateSnapshot", "ExportSnapshot"):
            hidden = "SNAPSHOT_NOT_FOUND"
        return "NOT_FOUND", "PROJECT_NOT_FOUND" if by_project else hidden

    def test_every_method_is_open_to_whom_it_should_be_and_nobody_else(self):
        services = load_services()
        self.assertEqual({service.name: set(service.methods_by_name) for service in services},
                         {name: set(methods) for name, methods in NEEDS.items()})
        for service in services:
            for method in service.methods:
                need = NEEDS[service.name][method.name]
                for caller in self.callers:
                    if method.name == "RevokeToken":
                        self.ctl("token", "create", "victim", "--project", "lab")
                    if method.name == "DeleteUpload":
                        self.requests[method.name] = self.upload()
                    with self.subTest(method=method.full_name, caller=caller):
                        code, reason, _ = self.ask(method, caller)
                        wanted = self.expected(service.name, need if need in (ALL, HOST)
                                               else (need, method.name), caller)
                        if wanted is None:
                            self.assertNotIn(code, ("PERMISSION_DENIED", "UNAUTHENTICATED",
                                                    "UNIMPLEMENTED", "UNAVAILABLE", "UNKNOWN"))
                            self.assertEqual(reason, "")
                        else:
                            self.assertEqual((code, reason), wanted)

    def test_nobody_gets_an_answer_of_gRPCs_own_services_or_of_none(self):
        for path in ("/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                     "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                     "/emud.v1.VmService/NoSuchMethod", "/no.such.Service/Method"):
            with self.subTest(path=path):
                self.assertEqual(self.call(path, b"", "nobody")[0], "UNAUTHENTICATED")
        self.assertEqual(self.call("/grpc.health.v1.Health/Check", b"", "viewer")[0], "OK")
        self.assertEqual(self.call("/no.such.Service/Method", b"", "viewer")[0], "UNIMPLEMENTED")

    def test_what_a_connection_may_have_is_bounded(self):
        metadata = [("authorization", f"Bearer {self.callers['viewer']}")]
        watch = self.channel.unary_stream("/emud.v1.VmService/WatchVms")
        calls = [watch(b"", metadata=metadata, timeout=60) for _ in range(300)]
        begun = []

        def begin(call):
            with contextlib.suppress(grpc.RpcError, StopIteration):
                next(call)
                begun.append(call)
        threads = [threading.Thread(target=begin, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        self.assertTrue(wait_for(lambda: len(begun) == 256, 30), len(begun))
        # The others wait here for one of them to end; other connections are served.
        self.assertEqual(self.remotely("vm", "list", EMUD_TOKEN=self.callers["viewer"]).returncode, 0)
        self.assertEqual(len(begun), 256)
        begun[0].cancel()
        self.assertTrue(wait_for(lambda: len(begun) == 257, 30), len(begun))
        for call in calls:
            call.cancel()
        for thread in threads:
            thread.join()
        large = self.call("/emud.v1.VmService/GetVm", b"\x0a\x80\x80\x80\x01" + bytes(1 << 21), HOST)
        self.assertEqual(large[0], "RESOURCE_EXHAUSTED")
        get = self.channel.unary_unary("/emud.v1.HostService/GetHost")
        with self.assertRaises(grpc.RpcError) as refused:
            get(b"", metadata=[*metadata, ("x-large", "x" * (64 << 10))], timeout=20)
        self.assertEqual(refused.exception.code().name, "RESOURCE_EXHAUSTED")

    def test_lists_and_watches_show_what_one_may_see(self):
        # What each shows of the one project, and of the other.
        shows = {"ListVms": ("vm1", "vm2"), "WatchVms": ("vm1", "vm2"),
                 "WatchEvents": ("vm1", "vm2"), "ListProjects": ('"lab"', '"elsewhere"'),
                 "ListTokens": ('name: "viewer"', 'name: "stranger"'),
                 "ListRoleBindings": ("unix:4711", "unix:4712"),
                 "ListOperations": ("vm1", "vm2"), "WatchVmStats": ("vm1", "vm2"),
                 "ListImages": ("vm1", "vm2"), "ListVolumes": ("vm1", "vm2"),
                 "ListSnapshots": ("vm1", "vm2"),
                 "ListPools": ("vm1", "vm2")}
        self.ok("vm", "stop", "vm1", "--no-wait")
        self.ok("vm", "stop", "vm2", "--no-wait")
        self.ok("role", "bind", "unix:4711", "viewer", "--project", "lab")
        self.ok("role", "bind", "unix:4712", "viewer", "--project", "elsewhere")
        methods = {method.name: method for service in load_services() for method in service.methods}
        listed = {name for name, method in methods.items()
                  if NEEDS[method.containing_service.name][name] == ALL
                  and name.startswith(("List", "Watch"))}
        # Recipes are the host's, the same for all.
        self.assertEqual(listed - {"ListImageRecipes"}, set(shows))
        for name, (own, other) in shows.items():
            response = self.factory.GetPrototype(methods[name].output_type).FromString
            for caller, sees in (("admin", (True, False)), ("stranger", (False, True)),
                                 (HOST, (True, True))):
                with self.subTest(method=name, caller=caller):
                    text = "".join(map(str, self.ask(methods[name], caller, response)[2]))
                    self.assertEqual((own in text, other in text), sees, text)

    def test_an_operation_takes_its_verbs_role_for_each_of_its_vms(self):
        service = next(service for service in load_services() if service.name == "OperationService")

        def ask(method, content, caller):
            self.requests[method] = content
            return self.ask(service.methods_by_name[method], caller)[:2]
        for verb, lowest in (("START", "operator"), ("STOP", "operator"), ("DELETE", "editor")):
            for caller in ROLES[:ROLES.index(lowest)]:
                with self.subTest(verb=verb, caller=caller):
                    for target in ({"vms": ["vm1"]}, {"filter": 'name="vm1"'}):
                        code, _ = ask("BeginOperation", {"verb": verb, **target}, caller)
                        self.assertEqual(code, "PERMISSION_DENIED")
        self.assertEqual(ask("BeginOperation", {"verb": "STOP", "vms": ["vm1"]}, "operator")[0], "OK")
        for caller in ("admin", "operator"):
            self.assertEqual(ask("BeginOperation", {"verb": "STOP", "vms": ["vm1", "vm2"]}, caller),
                             ("NOT_FOUND", "VM_NOT_FOUND"))
        # What a filter means is among what one sees.
        self.assertEqual(ask("BeginOperation", {"verb": "STOP", "filter": "spec.machine.cpus>=0"},
                             "operator")[0], "OK")
        begun = self.ok("vm", "stop", "vm1", "--no-wait", "-o", "name").strip()
        self.ok("op", "wait", begun)
        for method in ("GetOperation", "CancelOperation", "DeleteOperation", "WaitOperation"):
            self.assertEqual(ask(method, {"id": begun}, "stranger")[0], "NOT_FOUND")
        self.assertEqual(ask("GetOperation", {"id": begun}, "viewer")[0], "OK")
        self.assertEqual(ask("DeleteOperation", {"id": begun}, "viewer")[0], "PERMISSION_DENIED")
        self.assertEqual(ask("DeleteOperation", {"id": begun}, "operator")[0], "OK")


if __name__ == "__main__":
    main()
