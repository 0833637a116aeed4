#!/usr/bin/env python3
"""Callers from elsewhere: TLS, tokens, certificates, contexts; projects, quotas; the audit log."""
import glob
import grp
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import unittest

from harness import EMUCTL, EMUD, FIRMWARE, EmudTest, main, wait_for
from tls import TlsTest


class TransportTest(TlsTest):
    def s_client(self, *args):
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile",
             self.ca.certificate, "-alpn", "h2", "-brief", *args], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=30)

    def test_tls_is_1_3_or_1_2_with_authenticated_ciphers(self):
        shown = self.s_client()
        self.assertIn("Protocol version: TLSv1.3", shown.stderr)
        self.assertIn("Verification: OK", shown.stderr)
        older = self.s_client("-tls1_2")
        self.assertIn("Protocol version: TLSv1.2", older.stderr)
        self.assertRegex(older.stderr, "Ciphersuite: ECDHE-ECDSA-(AES...-GCM|CHACHA20)")
        for refused in (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"],
                        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA"],
                        ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"]):
            with self.subTest(refused=refused):
                self.assertNotEqual(self.s_client(*refused).returncode, 0)

    def test_emuctl_speaks_1_3(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(["h2"])
        versions = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                    versions.append(connection.version())
            thread = threading.Thread(target=serve)
            thread.start()
            self.remotely("whoami", EMUD_ENDPOINT=f"tls:localhost:{listener.getsockname()[1]}",
                          EMUD_TOKEN="emt_x")
            thread.join()
        self.assertEqual(versions, ["TLSv1.3"])

    def test_tcp_without_tls_is_refused(self):
        result = subprocess.run([EMUD, "--listen", "tcp:127.0.0.1:7443"], capture_output=True,
                                text=True, timeout=10)
        self.assertEqual(result.returncode, 2)
        self.assertIn("give unix:PATH or tls:HOST:PORT", result.stderr)
        self.fails(2, ["give unix:PATH or tls:HOST:PORT"], "--endpoint", "localhost:1", "vm", "list")
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
            answer = plain.recv(100)
        self.assertIn(answer[:1], (b"", b"\x15"))  # nothing, or a TLS alert

    def test_what_is_wrong_with_certificates_is_said_before_serving(self):
        for args, words in ((["--tls-key", self.client_ca.key], ["tlsKey", "mismatch"]),
                            (["--tls-certificate", "/nowhere"], ["tlsCertificate: /nowhere"]),
                            (["--tls-client-ca", "/nowhere"], ["tlsClientCa: /nowhere"])):
            command = [EMUD, *self.emud_arguments(), *args, "--check-config"]
            for flag in args[::2]:
                index = command.index(flag)
                del command[index:index + 2]
            result = subprocess.run(command, capture_output=True, text=True, timeout=10)
            with self.subTest(args=args):
                self.assertEqual(result.returncode, 2)
                for word in words:
                    self.assertIn(word, result.stderr)

    def test_certificates_are_read_again(self):
        token = self.token("t", "viewer")
        before = self.s_client("-showcerts").stdout + ssl.get_server_certificate(
            ("127.0.0.1", self.port))
        self.sign_server()
        self.emud.send_signal(signal.SIGHUP)
        self.assertTrue(wait_for(lambda: ssl.get_server_certificate(("127.0.0.1", self.port))
                                 not in before))
        self.assertEqual(self.remotely("vm", "list", EMUD_TOKEN=token).returncode, 0)


class CallerTest(TlsTest):
    def test_a_token_is_who_its_maker_says(self):
        token = self.token("ci", "operator")
        self.assertRegex(token, r"^emt_[0-9a-f]{64}$")
        shown = json.loads(self.remotely("whoami", "-o", "json", EMUD_TOKEN=token).stdout)
        self.assertEqual(shown, {"principal": "token:ci", "roles": [
            {"principal": "token:ci", "project": "default", "role": "OPERATOR"}]})
        self.fails(1, ["there is a token ci already"], "token", "create", "ci")
        self.assertIn("ci", self.ok("token", "list"))

    def test_the_state_has_no_token(self):
        token = self.token("ci", "admin")
        self.remotely("vm", "list", EMUD_TOKEN=token)
        for path in glob.glob(os.path.join(self.state_dir, "**"), recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    self.assertNotIn(token[4:].encode(), file.read(), path)
        with open(self.path("emud.log")) as log:
            self.assertNotIn(token[4:], log.read())

    def test_who_is_nobody_is_told_so(self):
        token = self.token("ci", "admin")
        revoked = self.token("revoked", "admin")
        self.ok("token", "revoke", "revoked")
        self.fails(3, ["there is no token revoked"], "token", "revoke", "revoked")
        short = self.token("short", "admin", "default", "--expires", "1s")
        self.assertTrue(wait_for(lambda: "has expired" in self.remotely(
            "vm", "list", EMUD_TOKEN=short).stderr))
        for wrong in ({}, {"EMUD_TOKEN": token[:-1] + ("0" if token[-1] != "0" else "1")},
                      {"EMUD_TOKEN": revoked}, {"EMUD_TOKEN": "emt_"}):
            with self.subTest(wrong=wrong):
                result = self.remotely("vm", "list", **wrong)
                self.assertEqual(result.returncode, 5, result.stderr)
                self.assertIn("give a token", result.stderr)
        self.assertEqual(self.remotely("vm", "list", EMUD_TOKEN=token).returncode, 0)

    def test_tokens_and_roles_outlive_the_daemon(self):
        self.ok("project", "create", "lab", "--vms", "3")
        token = self.token("ci", "viewer", "lab")
        self.ok("role", "bind", "unix:4711", "editor", "--project", "lab")
        self.emud.kill()
        self.emud.wait()
        self.start_emud(state_dir=self.state_dir)
        self.assertEqual(self.remotely("vm", "list", EMUD_TOKEN=token).returncode, 0)
        self.assertRegex(self.ok("role", "list"), r"unix:4711 +lab +editor")
        self.assertEqual(json.loads(self.ok("project", "get", "lab", "-o", "json"))["quota"],
                         {"vms": 3})

    def test_a_certificate_is_its_alternative_name_or_its_common_name(self):
        for name, alternatives, principal in (("builder", [], "cert:builder"),
                                              ("other", ["DNS:ci.example.org"],
                                               "cert:ci.example.org")):
            certificate, key = self.client_ca.sign(name, *alternatives)
            files = {"EMUD_CERTIFICATE": certificate, "EMUD_KEY": key}
            with self.subTest(name=name):
                self.assertEqual(self.remotely("whoami", **files).stdout, principal + "\n")
                self.assertEqual(self.remotely("project", "list", **files).stdout.count("\n"), 1)
                self.ok("role", "bind", principal, "viewer")
                self.assertIn("default", self.remotely("project", "list", **files).stdout)
                self.ok("role", "unbind", principal)
        # Of the authority that signs servers.
        certificate, key = self.ca.sign("stranger")
        result = self.remotely("whoami", EMUD_CERTIFICATE=certificate, EMUD_KEY=key)
        self.assertIn(result.returncode, (5, 7))

    def test_a_context_has_all_that_a_connection_needs(self):
        home = {"XDG_CONFIG_HOME": self.path("config"), "EMUD_ENDPOINT": "", "EMUD_CA": ""}
        file = self.write("token", self.token("ci", "viewer") + "\n")
        added = self.remotely("context", "add", "lab", "--endpoint", self.remote, "--ca",
                              self.ca.certificate, "--token-file", file, **home)
        self.assertEqual((added.returncode, added.stderr), (0, ""))
        kept = self.path("config/emuctl/contexts.yaml")
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        self.assertEqual(self.remotely("--context", "lab", "whoami", **home).stdout.split()[0],
                         "token:ci")
        self.assertEqual(self.remotely("context", "use", "lab", **home).returncode, 0)
        self.assertEqual(self.remotely("whoami", **home).stdout.split()[0], "token:ci")
        listed = self.remotely("context", "list", **home).stdout
        self.assertRegex(listed, r"\* +lab +tls:localhost:\d+ +token")
        self.assertNotIn("emt_", listed)
        # What is said is meant.
        here = self.remotely("whoami", "--endpoint", self.endpoint, **home)
        self.assertEqual(here.stdout.split()[0], f"unix:{os.getuid()}")
        self.assertEqual(self.remotely("context", "rm", "lab", **home).returncode, 0)
        self.assertEqual(self.remotely("--context", "lab", "whoami", **home).returncode, 2)

    def test_no_path_of_the_host_is_told_elsewhere(self):
        token = self.token("ci", "admin", "*")
        self.start("a")
        result = self.remotely("debug", "gdb", "a", EMUD_TOKEN=token)
        self.assertEqual(result.returncode, 4)
        self.assertIn("call on the daemon's host", result.stderr)
        firmware = self.write("firmware", "x")
        self.ok("vm", "create", "b", "--firmware", firmware)
        os.unlink(firmware)
        self.fails(2, [firmware], "vm", "start", "b")
        result = self.remotely("vm", "start", "b", EMUD_TOKEN=token)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("spec.boot.firmware", result.stderr)
        self.assertNotIn(self.dir.name, result.stderr)

    def test_projects_have_the_files_that_they_were_given(self):
        token = self.token("ci", "editor")
        os.mkdir(os.path.join(self.state_dir, "files"))
        given = os.path.join(self.state_dir, "files", "firmware")
        shutil.copy(FIRMWARE, given)
        os.symlink(FIRMWARE, given + "-elsewhere")
        for firmware, code in ((given, 0), (FIRMWARE, 2), (given + "-elsewhere", 2),
                               (os.path.dirname(given) + "/../state.db", 2)):
            with self.subTest(firmware=firmware):
                result = self.remotely("vm", "create", "a", "--firmware", firmware, EMUD_TOKEN=token)
                self.assertEqual(result.returncode, code, result.stderr)
        result = self.remotely("vm", "update", "a", "--set", "spec.boot.firmware=/etc/shadow",
                               EMUD_TOKEN=token)
        self.assertEqual(result.returncode, 2)
        self.assertIn("none of the files that projects may have", result.stderr)



@unittest.skipUnless(os.getuid() == 0, "only root calls as others")
class LocalCallerTest(EmudTest):
    """The socket lets everybody in here, as its mode would not."""
    OTHER = 65534

    def emud_arguments(self):
        config = self.write("emud.yaml", f"listenGroup: {grp.getgrgid(1).gr_name}\n")
        return ["--config", config]

    def setUp(self):
        super().setUp()
        os.chmod(self.dir.name, 0o755)
        os.chmod(self.endpoint[5:], 0o666)
        self.ok("vm", "create", "a", "--firmware", FIRMWARE)

    def calls(self, *args, groups=()):
        # emuctl may lie where only root looks.
        def become():
            os.setgroups(groups)
            os.setresgid(self.OTHER, self.OTHER, self.OTHER)
            os.setresuid(self.OTHER, self.OTHER, self.OTHER)
        emuctl = self.path("emuctl")
        if not os.path.exists(emuctl):
            shutil.copy(EMUCTL, emuctl)
        return subprocess.run([emuctl, "--endpoint", self.endpoint, *args], capture_output=True,
                              text=True, timeout=60, preexec_fn=become, env={})

    def test_a_member_of_the_group_may_everything(self):
        shown = self.calls("whoami", groups=[1]).stdout
        self.assertRegex(shown, r"unix:65534 +\* +admin")
        self.assertEqual(self.calls("vm", "rm", "a", groups=[1]).returncode, 0)

    def test_another_has_the_roles_that_he_was_given(self):
        self.assertEqual(self.calls("whoami").stdout, "unix:65534\n")
        self.assertEqual(self.calls("vm", "list").stdout.count("\n"), 1)
        self.assertEqual(self.calls("vm", "get", "a").returncode, 3)
        self.ok("role", "bind", "unix:65534", "viewer")
        self.assertEqual(self.calls("vm", "get", "a").returncode, 0)
        denied = self.calls("vm", "rm", "a")
        self.assertEqual(denied.returncode, 5)
        self.assertIn("takes the role EDITOR in project default", denied.stderr)
        self.ok("role", "bind", "unix:65534", "editor")
        self.assertEqual(self.calls("vm", "rm", "a").returncode, 0)


class ProjectTest(TlsTest):
    def test_a_project_has_its_vms_to_itself(self):
        self.ok("project", "create", "lab", "--description", "of the course")
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--project", "lab")
        self.ok("vm", "create", "b", "--firmware", FIRMWARE)
        self.assertEqual((self.get("a")["project"], self.get("b")["project"]), ("lab", "default"))
        names = [line.split()[0] for line in self.ok("vm", "list", "--project", "lab").splitlines()]
        self.assertEqual(names, ["NAME", "a"])
        self.fails(3, ["there is no VM b"], "--project", "lab", "vm", "get", "b")
        self.fails(3, ["there is no project nothing"], "vm", "create", "c", "--firmware", FIRMWARE,
                   "--project", "nothing")
        self.fails(4, ["there are VMs, images, volumes, snapshots or pools in it"], "project", "rm", "lab")
        self.ok("vm", "rm", "a")
        self.ok("project", "rm", "lab")
        self.fails(3, ["there is no project lab"], "project", "get", "lab")
        self.fails(2, ["default stays"], "project", "rm", "default")

    def test_what_goes_with_a_project_is_gone_with_it(self):
        self.ok("project", "create", "lab")
        token = self.token("ci", "admin", "lab")
        self.ok("project", "rm", "lab")
        self.assertEqual(self.remotely("whoami", EMUD_TOKEN=token).returncode, 5)

    def test_a_quota_is_kept_however_many_ask_at_once(self):
        self.ok("project", "create", "lab", "--vms", "3", "--cpus", "4", "--memory", "256M",
                "--disk", "3M")
        creating = [subprocess.Popen(
            [EMUCTL, "--endpoint", self.endpoint, "--project", "lab", "vm", "create", f"v{i}",
             "--firmware", FIRMWARE, "--memory", "64M"], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True) for i in range(8)]
        ended = [(process.communicate(timeout=60)[1], process.returncode) for process in creating]
        self.assertEqual(sorted(code for _, code in ended), [0] * 3 + [6] * 5)
        self.assertIn("vms: 4 of 3", "".join(words for words, _ in ended))
        usage = json.loads(self.ok("project", "get", "lab", "-o", "json"))["usage"]
        self.assertEqual(usage, {"vms": 3, "cpus": 3, "memoryMib": "192"})
        # What is gone is free again; each limit counts for itself.
        for vm in self.vms():
            self.ok("vm", "rm", vm["name"])
        disk = self.write("disk", bytes(2 << 20))
        other = self.write("other", bytes((1 << 20) + 1))
        create = ["--project", "lab", "vm", "create", "--firmware", FIRMWARE]
        self.ok(*create, "a", "--cpus", "3", "--memory", "64M", "--disk", disk)
        self.fails(6, ["cpus: 5 of 4"], *create, "b", "--cpus", "2", "--memory", "64M")
        self.fails(6, ["memory_mib: 320 of 256"], *create, "b", "--memory", "256M")
        self.fails(6, ["disk_mib: 4 of 3"], *create, "b", "--memory", "64M", "--disk", other)
        self.fails(6, ["cpus: 5 of 4"], "vm", "update", "a", "--set", "spec.machine.cpus=5")
        # A lower limit stands in the way of nothing but more.
        self.ok("project", "update", "lab", "--cpus", "1")
        self.ok("vm", "update", "a", "--set", "spec.machine.cpus=2")
        self.ok("vm", "start", "a")
        self.ok("vm", "rm", "a", "--force")


class AuditTest(TlsTest):
    def entries(self):
        lines = self.ok("audit", "list", "-o", "json", "--last", "1000").splitlines()
        return [json.loads(line) for line in lines]

    def test_what_was_done_is_written_down(self):
        token = self.token("ci", "viewer")
        self.start("a")
        self.ok("console", "a", input="")
        self.ok("debug", "gdb", "a")
        self.remotely("vm", "stop", "a", EMUD_TOKEN=token)
        self.ok("vm", "rm", "a", "--force", "--request-id", "r1")
        self.ok("vm", "list")
        local = f"unix:{os.getuid()}"
        seen = [(entry["principal"], entry["method"].split(".")[-1], entry["resource"],
                 entry["outcome"]) for entry in self.entries()]
        self.assertEqual(seen, [(local, "CreateToken", "ci", "OK"), (local, "CreateVm", "a", "OK"),
                                (local, "StartVm", "a", "OK"), (local, "Attach", "a", "BEGUN"),
                                (local, "Attach", "a", "OK"), (local, "OpenGdb", "a", "OK"),
                                ("token:ci", "StopVm", "a", "PERMISSION_DENIED"),
                                (local, "DeleteVm", "a", "OK")])
        last = self.entries()[-1]
        self.assertEqual((last["requestId"], last["number"]), ("r1", "8"))
        self.assertGreater(int(last["latencyUs"]), 0)

    def test_what_was_changed_is_found(self):
        for i in range(5):
            self.ok("project", "create", f"p{i}")
        self.emud.kill()  # nothing is lost by that
        self.emud.wait()
        self.start_emud(state_dir=self.state_dir)
        self.ok("project", "create", "p5")
        self.assertIn("whole, from entry 1 to 6", self.ok("audit", "verify"))
        file, = glob.glob(os.path.join(self.state_dir, "audit", "*.jsonl"))
        with open(file, "rb") as log:
            good = log.read()
        lines = good.splitlines(keepends=True)
        name = os.path.basename(file)
        for what, bad, words in (
                ("changed", good.replace(b"p2", b"pX"), f"{name}:3: the line was changed"),
                ("removed", b"".join(lines[:2] + lines[3:]), f"{name}:3: entry 4 does not follow"),
                ("inserted", b"".join(lines[:2] + lines[1:]), f"{name}:3: entry 2 does not follow"),
                ("cut off", good[:-5], f"{name}:6: the line was cut off"),
                ("last removed", b"".join(lines[:-1]), "ends with entry 5 and not with 6")):
            with self.subTest(what=what):
                self.write_log(file, bad)
                result = self.ctl("audit", "verify")
                self.assertEqual(result.returncode, 8, result.stderr)
                self.assertIn(words, result.stdout)
                copy = self.ctl("audit", "verify", file)
                self.assertEqual(copy.returncode, 0 if what == "last removed" else 8)
        self.write_log(file, good)
        self.ok("audit", "verify")
        self.ok("audit", "verify", file)

    def write_log(self, file, content):
        with open(file, "wb") as log:
            log.write(content)


if __name__ == "__main__":
    main()
