"""Standard output carries the result, standard error the talk."""

import json
import os
import pty
import stat
import subprocess
import unittest

from harness import PROGRAM, ProgramTest, SMALL, SOURCE, environment

RANKING = ("recommend", "resnet50-train")


class Output(ProgramTest):
    def run_on_terminal(self, *arguments, **variables):
        """The program with both outputs on a terminal; what it shows there."""
        leader, follower = pty.openpty()
        with subprocess.Popen([PROGRAM, *arguments], cwd=self.here, stdin=follower, stdout=follower, stderr=follower,
                              env=environment(**{"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables})) as process:
            os.close(follower)
            shown = b""
            while True:
                try:
                    part = os.read(leader, 65536)
                except OSError:  # the terminal closes with the program
                    break
                if not part:
                    break
                shown += part
            os.close(leader)
        self.assertEqual(process.returncode, 0, shown)
        return shown.decode()

    def test_version(self):
        done = self.succeed("--version")
        self.assertRegex(done.stdout, r"^gpubench \d+\.\d+\.\d+\n$")
        project = (SOURCE / "CMakeLists.txt").read_text()
        self.assertIn("VERSION " + done.stdout.split()[1], project)

    def test_help_names_the_commands_and_formats(self):
        done = self.succeed("--help")
        for word in ("evaluate", "run", "recommend", "list", "report", "catalog", "--format", "html", "NO_COLOR"):
            self.assertIn(word, done.stdout)

    def test_help_of_each_command(self):
        for command in (["evaluate"], ["run"], ["recommend"], ["report"], ["list", "instances"],
                        ["catalog", "validate"]):
            done = self.succeed(*command, "--help")
            self.assertIn("gpubench " + " ".join(command), done.stdout)
            self.assertIn("--overlay", done.stdout)

    def test_the_ending_of_the_file_says_the_form_where_no_option_does(self):
        for name, begin in (("answer.json", b'{'), ("answer.HTML", b'<!DOCTYPE html>'), ("answer.csv", b'record,'),
                            ("answer.md", b'#'), ("answer.xlsx", b'PK'), ("answer.xml", b'<?xml'), ("answer.txt", b'Workload'), ("answer", b'Workload')):
            self.succeed(*RANKING, "--output", name)
            self.assertTrue((self.here / name).read_bytes().lstrip().startswith(begin), name)
        self.succeed(*RANKING, "--format", "table", "--output", "answer.json")
        self.assertTrue((self.here / "answer.json").read_text().startswith("Workload"))
        self.refuse("list", "gpus", "--output", "gpus.html", says=["has no form 'html'"])
        self.succeed("catalog", "validate", "--output", "findings.json")
        self.small_run("run.json")
        self.run_program("compare", "run.json", "run.json", "--output", "compared.xml")
        self.assertIn("<testsuite ", (self.here / "compared.xml").read_text())
        # A seal is JSON, whatever else is asked for.
        self.succeed("seal", "run.json", "--output", "seal.json")
        self.succeed("seal", "run.json", "--output", "seal")
        for asked in (("--output", "seal.csv"), ("--output", "seal.md"), ("--format", "table"), ("--format", "csv")):
            self.refuse("seal", "run.json", *asked, says=["a seal has no form", "json"])

    def test_a_wildcard_behind_an_option_does_not_write_over_a_run(self):
        for name in "abcde":
            self.write(f"runs/{name}.json", json.dumps({**self.kept_run(), "id": name}))
        self.succeed("compare", "runs/a.json", "runs/b.json", "--output", "compared.json")
        before = {path: path.read_bytes() for path in (self.here / "runs").iterdir()}
        runs = sorted(before)
        for command in (["selftest", "--profile"], ["seal", "--output"], ["report", "--format", "html", "--output"],
                        ["recommend", "resnet50-train", "--output"], ["history", "runs", "--output"]):
            files = runs if "history" not in command else runs[:1]
            if "recommend" in command:
                files = [runs[0], "--results", *runs[1:]]
            with self.subTest(command[0]):
                self.refuse(*command, *files, says=[f"{command[-1]} names ", "a.json, which holds a run", "wildcard"])
        for option in (["--output", "runs/a.json"], ["--write", "junit=runs/a.json"]):
            self.refuse("compare", "runs/b.json", "runs/c.json", *option, says=["runs/a.json, which holds a run"])
        self.assertEqual({path: path.read_bytes() for path in (self.here / "runs").iterdir()}, before)
        # What is kept is replaced by its own kind, and what is made again at will by any.
        self.succeed("seal", *runs, "--output", "seal.json")
        self.succeed("seal", *runs[1:], "--output", "seal.json")
        self.refuse("report", *runs, "--output", "seal.json", says=["which holds a seal"])
        self.succeed("report", runs[0], "--output", "compared.json")

    def test_terminal_has_colour(self):
        self.assertIn("\x1b[", self.run_on_terminal(*RANKING))

    def test_no_color_variable_is_respected(self):
        self.assertNotIn("\x1b[", self.run_on_terminal(*RANKING, NO_COLOR="1"))

    def test_no_color_option_is_respected(self):
        self.assertNotIn("\x1b[", self.run_on_terminal(*RANKING, "--no-color"))

    def test_dumb_terminal_has_no_colour(self):
        self.assertNotIn("\x1b", self.run_on_terminal(*RANKING, TERM="dumb"))

    def test_progress_bar_on_a_terminal(self):
        shown = self.run_on_terminal("run", *SMALL)
        self.assertIn("\r", shown)
        self.assertRegex(shown, r"Measuring .*left")

    def test_pipe_has_no_colour(self):
        self.assertNotIn("\x1b", self.succeed(*RANKING, env=environment(TERM="xterm-256color")).stdout)

    def test_reader_that_closes_the_pipe_is_no_error(self):
        done = subprocess.run(["sh", "-c", '{ "$GPUBENCH_PROGRAM" list prices; echo status $? >&2; } | head -n 1'],
                              cwd=self.here, env=environment(), capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stderr, "status 0\n")
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_output_file_holds_what_standard_output_would(self):
        printed = self.succeed("list", "gpus", "--format", "csv")
        written = self.succeed("list", "gpus", "--format", "csv", "--output", "gpus.csv")
        self.assertEqual(written.stdout, "")
        self.assertEqual((self.here / "gpus.csv").read_text(), printed.stdout)
        self.assertEqual([path.name for path in self.here.iterdir()], ["gpus.csv"])

    def test_output_to_a_device_leaves_it_one(self):
        self.succeed("list", "gpus", "--output", "/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_output_through_a_symbolic_link_keeps_the_link(self):
        (self.here / "folder").mkdir()
        (self.here / "link.csv").symlink_to("folder/gpus.csv")
        self.succeed("list", "gpus", "--format", "csv", "--output", "link.csv")
        self.assertTrue((self.here / "link.csv").is_symlink())
        self.assertTrue((self.here / "folder" / "gpus.csv").is_file())

    def test_options_of_every_command_may_stand_before_it(self):
        before = self.succeed("--format", "csv", "list", "gpus")
        after = self.succeed("list", "gpus", "--format", "csv")
        self.assertEqual(before.stdout, after.stdout)

    def test_report_names_the_command_that_made_it(self):
        run = self.small_run("a run's file.json")
        page = self.succeed("report", run.name, "--format", "html").stdout
        self.assertIn("gpubench report", page)
        self.assertTrue(page.lstrip().lower().startswith("<!doctype html>"))


if __name__ == "__main__":
    unittest.main()
