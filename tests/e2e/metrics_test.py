#!/usr/bin/env python3
"""What is counted: /metrics as Prometheus reads it, emuctl vm stats and top."""
import json
import os
import re
import signal
import socket
import subprocess
import time

from harness import (EMUD, EMU_VM, EMUCTL, FIRMWARE, EmudTest, UnixConnection, main, wait_for)

IDLER = os.path.join(os.path.dirname(FIRMWARE), "idler.elf")
# name{label="value",...} value
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')


class MetricsTest(EmudTest):
    def start_emud(self, *tracer, state_dir=None):
        self.metrics = self.path("metrics.sock")
        self.state_dir = state_dir or self.path("state")
        with open(self.path("emud.log"), "a") as log:
            self.emud = subprocess.Popen(
                [*tracer, EMUD, "--state-dir", self.state_dir, "--listen", self.endpoint,
                 "--emu-vm", EMU_VM, "--metrics-listen", "unix:" + self.metrics], stderr=log)
        self.assertTrue(wait_for(lambda: self.ctl("vm", "list").returncode == 0))

    def request(self, method="GET", target="/metrics"):
        connection = UnixConnection(self.metrics)
        self.addCleanup(connection.close)
        connection.request(method, target)
        return connection.getresponse()

    def scrape(self):
        """(name, labels) -> value; every line is what the format allows, families are whole."""
        response = self.request()
        self.assertEqual(response.status, 200)
        self.assertIn("version=0.0.4", response.getheader("Content-Type"))
        samples, families, current = {}, [], None
        for line in response.read().decode().splitlines():
            if line.startswith("# HELP "):
                current = line.split()[2]
                self.assertNotIn(current, families)
                families.append(current)
            elif not line.startswith("# TYPE "):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                self.assertTrue(name == current or re.fullmatch(current + "_(bucket|sum|count)", name))
                key = (name, labels or "")
                self.assertNotIn(key, samples)
                samples[key] = float(value)
        return samples

    def vm(self, name, metric, samples=None):
        return (samples or self.scrape()).get((metric, f'vm="{name}"'))

    def test_vms_and_calls_are_counted(self):
        self.start("a")
        self.ok("vm", "create", "b", "--firmware", IDLER, "--memory", "64M")
        self.ctl("vm", "get", "nobody")
        self.assertTrue(wait_for(lambda: self.vm("a", "emud_vm_up") == 1, 30))
        samples = self.scrape()
        self.assertEqual(samples["emud_vms", 'state="RUNNING"'], 1)
        self.assertEqual(samples["emud_vms", 'state="STOPPED"'], 1)
        self.assertEqual(self.vm("a", "emud_vm_up", samples), 1)
        self.assertEqual(self.vm("b", "emud_vm_up", samples), 0)
        self.assertIsNone(self.vm("b", "emud_vm_tlb_misses_total", samples))
        for metric in ["blocks", "blocks_translated_total", "code_cache_used_bytes",
                       "code_cache_bytes", "tlb_misses_total", "cpu_seconds_total",
                       "resident_bytes", "guest_seconds_total", "console_bytes_total"]:
            self.assertGreater(self.vm("a", "emud_vm_" + metric, samples), 0, metric)
        self.assertGreater(samples["emud_vm_device_writes_total", 'vm="a",device="uart0"'], 0)
        self.assertIn(("emud_vm_exits_total", 'vm="a",cause="wait"'), samples)
        service = 'service="emud.v1.VmService",method='
        self.assertEqual(samples["emud_rpcs_total", service + '"GetVm",code="NOT_FOUND"'], 1)
        self.assertEqual(samples["emud_rpcs_total", service + '"StartVm",code="OK"'], 1)
        self.assertEqual(samples["emud_rpc_duration_seconds_bucket",
                                 service + '"StartVm",le="+Inf"'], 1)
        self.ok("vm", "stop", "a", "--no-wait")
        self.assertTrue(wait_for(lambda: self.scrape()["emud_operations", 'state="succeeded"'] == 1))

    def test_instructions_are_there_while_they_are_counted(self):
        self.start("a")
        self.assertIsNone(self.vm("a", "emud_vm_guest_instructions_total"))
        self.ok("debug", "stats", "a", "--count", "on")
        self.assertTrue(wait_for(
            lambda: (self.vm("a", "emud_vm_guest_instructions_total") or 0) > 0, 30))

    def test_a_vm_that_hangs_holds_up_nobody(self):
        self.start("a")
        self.start("b")
        pid = self.get("a")["pid"]
        os.kill(pid, signal.SIGSTOP)
        self.assertTrue(wait_for(lambda: self.vm("a", "emud_vm_up") == 0))
        spans = []
        for _ in range(8):
            time.sleep(0.6)  # what a VM has answered is fresh for half a second
            began = time.monotonic()
            samples = self.scrape()
            spans.append(time.monotonic() - began)
        # It is not asked again at each time, for which a second would be waited.
        self.assertLess(len([span for span in spans if span >= 1]), 4, spans)
        self.assertEqual(self.vm("a", "emud_vm_up", samples), 0)
        self.assertTrue(wait_for(lambda: self.vm("b", "emud_vm_up") == 1, 30))
        os.kill(pid, signal.SIGCONT)
        self.assertTrue(wait_for(lambda: self.vm("a", "emud_vm_up") == 1, 40))

    def test_who_asks_wrongly_or_slowly_harms_nobody(self):
        self.assertEqual(self.request(target="/").status, 404)
        self.assertEqual(self.request(method="POST").status, 405)
        self.assertEqual(self.request(target="/metrics?x=1").status, 200)
        slow = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for connection in slow:
            connection.connect(self.metrics)
            connection.send(b"GET /metr")
            self.addCleanup(connection.close)
        self.assertGreater(len(self.scrape()), 0)
        flood = socket.socket(socket.AF_UNIX)
        self.addCleanup(flood.close)
        flood.connect(self.metrics)
        try:
            for _ in range(100):
                flood.send(b"x" * 1000)
        except OSError:
            pass
        self.assertGreater(len(self.scrape()), 0)

    def test_only_the_loopback_is_listened_at(self):
        for address in ["0.0.0.0:9464", "example.org:80", "9464"]:
            result = subprocess.run([EMUD, "--state-dir", self.path("x"), "--metrics-listen", address],
                                    capture_output=True, text=True, timeout=10)
            self.assertEqual(result.returncode, 2)
            self.assertIn("127.0.0.1:9100", result.stderr)

    def test_stats_show_one_vm(self):
        self.start("a")
        usage = json.loads(self.ok("vm", "stats", "a", "-o", "json"))
        self.assertEqual((usage["vm"], usage["state"]), ("a", "RUNNING"))
        self.assertGreater(int(usage["residentBytes"]), 1 << 20)
        self.assertGreater(usage["counters"]["code"]["blocks"], "0")
        self.assertIn("cpu time", self.ok("vm", "stats", "a"))
        self.ok("vm", "stop", "a")
        self.assertIn("no process", self.ok("vm", "stats", "a"))
        self.fails(3, ["no VM nobody"], "vm", "stats", "nobody")
        watch = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "stats", "a", "--watch",
                                  "--interval", "0.5", "-o", "json"], stdout=subprocess.PIPE, text=True)
        lines = [json.loads(watch.stdout.readline()) for _ in range(3)]
        watch.kill()
        watch.wait()
        watch.stdout.close()
        self.assertEqual({line["vm"] for line in lines}, {"a"})

    def test_top_is_one_table_in_a_pipe_and_a_live_one_at_a_terminal(self):
        self.start("busy")
        self.ok("vm", "create", "idle", "--firmware", IDLER, "--memory", "64M", "--start")
        table = self.ok("vm", "top", "--interval", "0.5")
        self.assertEqual(table.splitlines()[0].split()[:3], ["NAME", "STATE", "CPU%"])
        self.assertEqual([line.split()[0] for line in table.splitlines()[1:]], ["busy", "idle"])
        self.assertNotIn("\033", table)
        by_name = self.ok("vm", "top", "--interval", "0.5", "--sort", "name", "--count", "2")
        self.assertEqual(by_name.count("NAME"), 2)
        self.fails(2, ["--interval"], "vm", "top", "--interval", "0.1")
        terminal = self.terminal("vm", "top", "--interval", "0.5")
        self.assertTrue(terminal.shows("\033[H\033[2J"))
        self.assertTrue(terminal.shows("busy"))
        terminal.type("\x03")
        terminal.code()

    def test_readers_share_a_look_at_a_vm(self):
        self.start("a")

        def guest_time():
            usage = json.loads(self.ok("vm", "stats", "a", "-o", "json"))
            return usage["counters"]["guestTimeNs"]
        looks = 0
        began = time.monotonic()
        times = set()
        while time.monotonic() - began < 2:
            times.add(guest_time())
            looks += 1
        span = time.monotonic() - began
        # At most one for each half second, and one at either end.
        self.assertLessEqual(len(times), span / 0.5 + 2)


if __name__ == "__main__":
    main()
