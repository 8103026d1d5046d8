import csv
import io
import json
import os

from harness import NO, SOURCE, USAGE, ProgramTest, environment


class HistoryTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.env = environment(XDG_CACHE_HOME=str(self.here / "cache"))
        self.sample = json.loads((SOURCE / "tests" / "results" / "data" / "run-1.json").read_text())

    def write_run(self, day, factor, name=None):
        run = json.loads(json.dumps(self.sample))
        run["id"] = f"run-{day}"
        run["started_at"] = f"2026-10-{day:02}T00:00:00Z"
        first = run["measurements"][0]
        noise = 1 + 0.001 * ((day * 7) % 5 - 2)
        first["samples_ns"] = [t * factor * noise for t in first["samples_ns"]]
        for key, value in first["time_ns"].items():
            if isinstance(value, float):
                first["time_ns"][key] = value * factor * noise
        first["time_ns"]["median_interval"] = {side: t * factor * noise
                                               for side, t in first["time_ns"]["median_interval"].items()}
        first["rates"]["flop_per_second"] /= factor * noise
        path = self.write(name or f"runs/{day}.json", json.dumps(run))
        os.utime(path, (1_700_000_000 + day, 1_700_000_000 + day))

    def history(self, *arguments):
        return self.run_program("history", "runs", *arguments, env=self.env)

    def test_finds_the_run_since_which_a_benchmark_is_slower(self):
        for day in range(1, 21):
            self.write_run(day, 1 if day < 13 else 1.05)
        done = self.history("--benchmark", "gemm_fp32", "--show", "changes", "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([(row["file"], row["verdict"]) for row in rows], [("13.json", "slower")])
        self.assertAlmostEqual(float(rows[0]["change_percent"]), 5, delta=0.3)
        rates = self.history("--benchmark", "gemm_fp32", "--metric", "flop_per_second", "--format", "json")
        self.assertEqual(json.loads(rates.stdout)[0]["last_change"], "slower")

    def test_copies_of_a_run_are_no_further_runs(self):
        for day in range(1, 13):
            self.write_run(day, 1 if day < 12 else 1.10)
        for copy in range(3):
            self.write_run(12, 1.10, name=f"runs/copy-{copy}.json")
        for _ in range(2):  # read, and from the index
            done = self.history("--benchmark", "gemm_fp32", "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            [row] = json.loads(done.stdout)
            self.assertEqual((row["runs"], row["changes"]), (12, 0))
            self.assertIn("note: 3 files are copies of a run that is counted already, as copy-0.json of 12.json",
                          done.stderr)
            self.assertIn("12 runs, ", done.stderr)

    def test_second_time_reads_only_what_changed(self):
        for day in range(1, 6):
            self.write_run(day, 1)
        first = self.history("--show", "points", "--format", "csv")
        self.assertIn("5 of all files read now", first.stderr)
        self.write_run(6, 1)
        second = self.history("--show", "points", "--format", "csv")
        self.assertIn("1 of all files read now", second.stderr)
        rows = [len(list(csv.DictReader(io.StringIO(done.stdout)))) for done in (first, second)]
        self.assertEqual(rows[0] * 6, rows[1] * 5)

    def test_names_broken_files_shows_the_others_and_exits_with_2(self):
        self.write_run(1, 1)
        self.write("runs/cut.json", '{"schema": "gpubench.run/1", "id": ')
        self.write("runs/other.json", '{"schema": "something"}')
        done = self.history("--format", "json")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("cut.json:1:", done.stderr)
        self.assertIn("other.json is no run file", done.stderr)
        self.assertGreaterEqual(len(json.loads(done.stdout)), 1)

    def test_the_significance_that_is_asked_for_can_be_reached(self):
        for day in range(1, 29):
            self.write_run(day, 1 if day < 15 else 1.05)
        done = self.history("--benchmark", "gemm_fp32", "--show", "changes", "--significance", "0.0002", "--format", "csv")
        [row] = csv.DictReader(io.StringIO(done.stdout))
        self.assertLessEqual(float(row["p_value"]), 0.0002)
        for wrong in ("0", "1e-5", "0.3", "-0.01", "nan", "often"):
            refused = self.history("--significance", wrong)
            self.assertEqual(refused.returncode, USAGE)
            self.assertIn("--significance", refused.stderr)

    def test_imported_runs_without_samples_have_the_figures_that_they_state(self):
        (self.here / "runs").mkdir()
        for day in range(1, 13):
            self.write(f"torch{day}.csv", f"op,us,gflops\ngemm,{100 if day < 7 else 110},{50 if day < 7 else 45}\n")
            self.write(f"torch{day}.toml", f"""tool = "torch"
measured_at = "2026-10-{day:02}T00:00:00Z"
benchmark = {{ column = "op" }}
[time]
mean = {{ column = "us", unit = "us" }}
[rates]
flop_per_second = {{ column = "gflops", unit = "GFLOP/s" }}
""")
            self.succeed("import", "csv", f"torch{day}.csv", "--mapping", f"torch{day}.toml", "--run-file",
                         f"runs/{day}.json", "--quiet")
        for metric, level, change in (("time_ns", 100000, 10), ("flop_per_second", 50e9, -10)):
            done = self.history("--metric", metric, "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            [row] = json.loads(done.stdout)
            self.assertEqual((row["benchmark"], row["runs"], row["first_median"]), ("gemm", 12, level))
            self.assertAlmostEqual(row["last_change_percent"], change)
            self.assertEqual((row["last_change"], row["last_change_file"]), ("slower", "7.json"))

    def test_nothing_that_was_asked_for_is_a_no(self):
        self.write_run(1, 1)
        self.assertEqual(self.history("--benchmark", "^no_such$").returncode, NO)
        self.assertEqual(self.run_program("history", "nowhere", env=self.env).returncode, USAGE)
        self.assertEqual(self.history("--metric", "flops").returncode, USAGE)
