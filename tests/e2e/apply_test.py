#!/usr/bin/env python3
"""VMs as files say them: apply, diff, delete; and lists in every form."""
import json

from harness import FIRMWARE, EmudTest, main


class ApplyTest(EmudTest):
    def document(self, name, cpus=1, label="core", extra=""):
        return (f"apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {{name: {name}, labels: {{team: {label}}}}}\n"
                f"spec:\n  machine: {{cpus: {cpus}, memoryMib: 64}}\n  boot: {{firmware: {FIRMWARE}}}\n{extra}")

    def vms_file(self, *documents):
        return self.write("vms.yaml", "---\n".join(documents))

    def test_a_file_is_applied_until_nothing_differs(self):
        file = self.vms_file(self.document("a"), self.document("b", cpus=2))
        self.assertEqual(self.ok("apply", "-f", file, "--dry-run"),
                         "a would be created\nb would be created\n")
        self.assertEqual(self.vms(), [])
        diff = self.ctl("diff", "-f", file)
        self.assertEqual((diff.returncode, diff.stderr), (1, ""))
        self.assertIn("--- /dev/null\n+++ a\n", diff.stdout)
        self.assertEqual(self.ok("apply", "-f", file), "a created\nb created\n")
        self.assertEqual(self.ok("apply", "-f", file), "a unchanged\nb unchanged\n")
        self.assertEqual(self.ok("diff", "-f", file), "")
        file = self.vms_file(self.document("a", label="web"), self.document("b", cpus=2))
        diff = self.ctl("diff", "-f", file)
        self.assertEqual(diff.returncode, 1)
        self.assertIn("-    team: core\n+    team: web\n", diff.stdout)
        self.assertNotIn("b", diff.stdout.split("\n")[1])
        rows = json.loads(self.ok("apply", "-f", file, "-o", "json"))
        self.assertEqual(rows, [{"vm": "a", "action": "changed"}, {"vm": "b", "action": "unchanged"}])
        self.assertEqual(self.get("a")["labels"], {"team": "web"})

    def test_what_a_file_leaves_out_has_its_default(self):
        with_lifecycle = self.document("a", extra="  lifecycle: {ttl: 2h, restartPolicy: ALWAYS}\n")
        self.ok("apply", "-f", self.vms_file(with_lifecycle))
        self.ok("vm", "update", "a", "--annotation", "note=x")
        self.assertIn("expireTime", self.get("a"))
        self.assertEqual(self.ok("apply", "-f", self.vms_file(self.document("a"))), "a changed\n")
        self.assertNotIn("expireTime", self.get("a"))
        self.assertNotIn("annotations", self.get("a"))

    def test_where_one_can_not_be_nothing_is_changed(self):
        file = self.vms_file(self.document("a"), self.document("b", cpus=9))
        self.fails(2, ["b: nothing is changed", "spec.machine.cpus"], "apply", "-f", file)
        self.assertEqual(self.vms(), [])
        self.ok("apply", "-f", self.vms_file(self.document("a")))
        self.ok("vm", "start", "a")
        # What is no matter of the machine may change while it runs, the machine may not.
        self.assertEqual(self.ok("apply", "-f", self.vms_file(self.document("a", label="web"))),
                         "a changed\n")
        file = self.vms_file(self.document("b"), self.document("a", cpus=2))
        self.fails(4, ["a: nothing is changed", "stop it first"], "apply", "-f", file)
        self.assertEqual(self.ctl("diff", "-f", file).returncode, 4)
        self.assertEqual([vm["name"] for vm in self.vms()], ["a"])

    def test_mistakes_are_named(self):
        self.fails(2, ["a is said twice"], "apply", "-f",
                   self.vms_file(self.document("a"), self.document("a")))
        self.fails(2, ["vms.yaml:5", "cpuz"], "diff", "-f",
                   self.vms_file(self.document("a").replace("cpus", "cpuz")))
        self.fails(2, ["can't be read"], "apply", "-f", self.path("nothing.yaml"))
        self.fails(2, ["apiVersion"], "apply", "-f", self.write("x.yaml", "kind: Vm\n"))

    def test_standard_input_is_a_file_and_the_last_is_deleted_first(self):
        documents = self.document("a") + "---\n" + self.document("b") + "---\n"
        self.assertEqual(self.ok("apply", "-f", "-", input=documents), "a created\nb created\n")
        self.ok("vm", "start", "a")
        result = self.ctl("delete", "-f", "-", input=documents)
        self.assertEqual((result.returncode, result.stdout), (4, "b deleted\n"))
        self.assertEqual(self.ok("delete", "-f", "-", "--dry-run", input=documents),
                         "b not there\na would be deleted\n")
        self.assertEqual(self.ok("delete", "-f", "-", "--force", input=documents),
                         "b not there\na deleted\n")
        self.assert_nothing_left()

    def test_vms_are_listed_in_every_form(self):
        self.ok("apply", "-f", self.vms_file(self.document("a"), self.document("b")))
        self.assertEqual(self.ok("vm", "list", "-o", "name"), "a\nb\n")
        self.assertEqual(self.ok("vm", "get", "a", "-o", "name"), "a\n")
        wide = self.ok("vm", "list", "-o", "wide")
        self.assertIn("team=core", wide)
        self.assertIn(self.get("a")["uid"], wide)
        self.assertIn("LABELS", wide.splitlines()[0])
        self.assertEqual(self.ok("vm", "create", "c", "--firmware", FIRMWARE, "-o", "name"), "c\n")


if __name__ == "__main__":
    main()
