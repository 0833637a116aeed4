#!/usr/bin/env python3
"""Any method of the daemon by its name, as its own reflection describes it."""
import base64
import json
import subprocess

from harness import EMUCTL, FIRMWARE, EmudTest, main


class ApiTest(EmudTest):
    def call(self, method, message=None):
        data = [] if message is None else ["-d", json.dumps(message)]
        return json.loads(self.ok("api", "call", method, *data))

    def test_methods_are_listed_with_their_messages(self):
        table = self.ok("api", "list")
        self.assertRegex(table, r"emud\.v1\.VmService/GetVm +emud\.v1\.GetVmRequest +emud\.v1\.Vm\n")
        self.assertRegex(table, r"ConsoleService/Attach +stream emud\.v1\.Att\S+ +stream emud\.v1\.Att")
        for service in ["VmService", "DebugService", "HostService"]:
            self.assertIn(f"emud.v1.{service}/", table)
        methods = json.loads(self.ok("api", "list", "HostService", "-o", "json"))["methods"]
        self.assertEqual({m["method"].partition("/")[0] for m in methods}, {"emud.v1.HostService"})
        self.fails(3, ["no service VmServise", "Did you mean 'emud.v1.VmService'?"],
                   "api", "list", "VmServise")

    def test_a_vm_lives_by_calls_alone(self):
        created = self.call("VmService/CreateVm", {
            "name": "a", "labels": {"x": "y"},
            "spec": {"machine": {"arch": "riscv64", "memoryMib": "64"},
                     "boot": {"firmware": FIRMWARE}}})
        self.assertEqual(created, self.get("a"))
        self.assertEqual(self.call("emud.v1.VmService/StartVm", {"name": "a"})["state"], "RUNNING")
        self.assertEqual(self.call("VmService/ListVms")["vms"][0]["labels"], {"x": "y"})
        self.assertIn("state: RUNNING\n", self.ok("api", "call", "VmService/GetVm", "-d",
                                                   '{"name": "a"}', "-o", "yaml"))
        request = self.write("request.json", '{"name": "a", "force": true}')
        self.ok("api", "call", "VmService/DeleteVm", "-d", "@" + request)
        self.assertEqual(self.vms(), [])

    def test_a_stream_is_a_line_for_each_message(self):
        self.start("a")
        with subprocess.Popen(
                [EMUCTL, "--endpoint", self.endpoint, "api", "call", "ConsoleService/ReadLog", "-d",
                 '{"vm": "a", "follow": true}'], stdout=subprocess.PIPE, text=True) as follower:
            messages = [json.loads(follower.stdout.readline()) for _ in range(3)]
            follower.terminate()
        text = b"".join(base64.b64decode(message["data"]) for message in messages)
        self.assertTrue(text.startswith(b"tick\ntick\n"), text)
        self.assertEqual(int(messages[1]["offset"]), len(base64.b64decode(messages[0]["data"])))

    def test_mistakes_are_named(self):
        call = ("api", "call")
        self.fails(3, ["no method 'GetVmm'", "Did you mean 'GetVm'?"], *call, "VmService/GetVmm")
        self.fails(3, ["no service emud.v1.Vms", "emuctl api list"], *call, "Vms/GetVm")
        self.fails(3, ["has no method ''"], *call, "VmService")
        self.fails(2, ["no emud.v1.GetVmRequest", "nome", "string name = 1;"],
                   *call, "VmService/GetVm", "-d", '{"nome": "a"}')
        self.fails(2, ["can't be read"], *call, "VmService/GetVm", "-d", "@/nowhere")
        self.fails(3, ["there is no VM a"], *call, "VmService/GetVm", "-d", '{"name": "a"}')
        result = subprocess.run([EMUCTL, "--endpoint", "unix:/nowhere/emud.sock", *call, "A/B"],
                                capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 7, result.stderr)


if __name__ == "__main__":
    main()
