"""What is refused, how, and with which exit code."""

import json
import os
import resource
import shutil
import signal
import subprocess
import unittest

from harness import DATA, ENVIRONMENT, NO, PROGRAM, USAGE, ProgramTest, SMALL, environment, has_gpu


class CommandLine(ProgramTest):
    def test_missing_command(self):
        self.refuse(says=["a command is missing", "evaluate"])

    def test_unknown_command_names_the_nearest(self):
        self.refuse("evalute", says=["evalute", "did you mean 'evaluate'"])

    def test_unknown_option_names_the_nearest(self):
        self.refuse("recommend", "resnet50-train", "--dedline", "24h", says=["--dedline", "--deadline"])

    def test_unknown_list_names_the_known(self):
        self.refuse("list", "gpu", says=["gpubench list", "did you mean 'gpus'"])

    def test_missing_workload(self):
        self.refuse("recommend", says=["workload"])

    def test_unknown_workload_names_the_nearest(self):
        self.refuse("recommend", "lama3-8b-lora", says=["lama3-8b-lora", "llama3-8b-lora"])

    def test_unknown_format_names_the_known(self):
        self.refuse("recommend", "resnet50-train", "--format", "jsn", says=["jsn", "json"])

    def test_list_has_no_html(self):
        self.refuse("list", "gpus", "--format", "html", says=["html", "markdown"])

    def test_unknown_suite(self):
        self.refuse("run", "--suite", "quik", says=["--suite", "quik", "quick"])

    def test_malformed_deadline(self):
        self.refuse("recommend", "resnet50-train", "--deadline", "soon", says=["--deadline", "soon", "24h"])

    def test_negative_deadline(self):
        self.refuse("recommend", "resnet50-train", "--deadline", "-3h", says=["--deadline", "-3h"])

    def test_absurd_deadline(self):
        self.refuse("recommend", "resnet50-train", "--deadline", "99999999d", says=["--deadline", "100 years"])

    def test_malformed_budget(self):
        self.refuse("recommend", "resnet50-train", "--budget", "cheap", says=["--budget", "cheap", "420EUR"])

    def test_zero_budget(self):
        self.refuse("recommend", "resnet50-train", "--budget", "0", says=["--budget", "above zero"])

    def test_negative_budget(self):
        self.refuse("recommend", "resnet50-train", "--budget", "-500", says=["--budget", "above zero"])

    def test_budget_in_an_unknown_currency(self):
        self.refuse("recommend", "resnet50-train", "--budget", "500XYZ", says=["--budget", "XYZ", "--rate"])

    def test_measuring_budget_that_is_money(self):
        self.refuse("run", "--budget", "$500", says=["--budget", "$500", "duration"])

    def test_measuring_budget_too_small_for_anything(self):
        self.refuse("run", "--budget", "1ms", says=["budget"])

    def test_negative_nodes(self):
        self.refuse("recommend", "resnet50-train", "--max-nodes", "-1", says=["--max-nodes", "-1"])

    def test_absurd_nodes(self):
        self.refuse("recommend", "resnet50-train", "--max-nodes", "1000000000", says=["--max-nodes", "1024"])

    def test_fractional_nodes(self):
        self.refuse("recommend", "resnet50-train", "--max-nodes", "1.5", says=["--max-nodes", "whole number"])

    def test_certain_confidence(self):
        self.refuse("recommend", "resnet50-train", "--confidence", "1.5", says=["--confidence", "probability"])

    def test_malformed_rate(self):
        self.refuse("recommend", "resnet50-train", "--rate", "CNY", says=["--rate", "CNY=7.1"])

    def test_negative_rate(self):
        self.refuse("recommend", "resnet50-train", "--rate", "CNY=-7", says=["--rate", "above zero"])

    def test_malformed_gpu_pattern(self):
        self.refuse("recommend", "resnet50-train", "--gpu", "H100[", says=["--gpu", "regular expression"])

    def test_malformed_filter(self):
        self.refuse("run", "--filter", "(", says=["--filter", "regular expression"])

    def test_filter_that_matches_nothing_names_the_nearest(self):
        self.refuse("run", "--filter", "stream_traid", says=["stream_traid", "stream_triad"])

    def test_unknown_price_model(self):
        self.refuse("recommend", "resnet50-train", "--price-model", "free", says=["--price-model", "free", "spot"])

    def test_unknown_provider_names_the_nearest(self):
        self.refuse("recommend", "resnet50-train", "--provider", "asw", says=["asw", "aws"])

    def test_negative_gpu_memory(self):
        self.refuse("list", "gpus", "--min-gpu-memory", "-5GiB", says=["--min-gpu-memory", "-5GiB"])

    def test_gpu_memory_without_unit(self):
        self.refuse("list", "gpus", "--min-gpu-memory", "24", says=["--min-gpu-memory", "24GiB"])

    def test_unknown_backend(self):
        self.refuse("run", "--backend", "opencl", says=["opencl", "cuda"])

    def test_backend_that_is_not_here(self):
        if has_gpu():
            self.skipTest("this machine has a GPU")
        self.refuse("run", "--backend", "cuda", status=ENVIRONMENT, says=["--backend cuda"])

    def test_nothing_feasible_says_what_comes_nearest(self):
        done = self.run_program("recommend", "resnet50-train", "--deadline", "1s")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("the fastest is", done.stderr)


class Files(ProgramTest):
    def refuse_results(self, content, *says):
        self.write("bad.json", content)
        for command in (("recommend", "resnet50-train", "--results", "bad.json"), ("report", "bad.json"),
                        ("run", "--resume", "bad.json"), ("evaluate", "--results", "bad.json")):
            self.refuse(*command, says=["bad.json", *says])
        self.assertEqual((self.here / "bad.json").read_text(), content, "the file is left as it was")

    def test_empty_results(self):
        self.refuse_results("", "empty")

    def test_truncated_results(self):
        content = json.dumps(self.kept_run())
        self.refuse_results(content[:len(content) // 2], "bad.json:")

    def test_malformed_results(self):
        self.refuse_results("{\n  \"schema\": gpubench\n}\n", "bad.json:2:")

    def test_results_that_are_no_run(self):
        self.refuse_results("[1, 2, 3]\n")

    def test_results_of_a_newer_schema(self):
        run = self.kept_run()
        run["schema"] = "gpubench.run/2"
        self.refuse_results(json.dumps(run), "gpubench.run/2", "newer")

    def test_results_of_wrong_types(self):
        run = self.kept_run()
        run["measurements"][0]["samples_ns"] = "fast"
        self.refuse_results(json.dumps(run), "samples_ns")

    def test_results_with_negative_time(self):
        run = self.kept_run()
        run["measurements"][0]["samples_ns"][0] = -1
        self.refuse_results(json.dumps(run), "samples_ns")

    def test_directory_in_place_of_results(self):
        self.refuse("report", self.here, says=["directory"])

    def test_missing_overlay(self):
        self.refuse("list", "gpus", "--overlay", "missing", says=["missing", "--overlay"])

    def test_profiles_without_catalogue(self):
        (self.here / "empty").mkdir()
        self.refuse("list", "gpus", "--profiles", "empty", says=["gpus.csv", "--overlay"])

    def test_gpubench_data_without_catalogue(self):
        self.refuse("list", "gpus", env=environment(GPUBENCH_DATA=str(self.here)), says=["GPUBENCH_DATA"])

    def test_malformed_workload_file(self):
        self.write("mine.toml", "name = \n")
        self.refuse("recommend", "mine.toml", says=["mine.toml:1"])

    def test_output_into_a_missing_directory(self):
        self.refuse("list", "gpus", "--output", "missing/gpus.csv", says=["missing/gpus.csv"])

    def test_run_file_where_nothing_can_be_written(self):
        self.refuse("run", *SMALL, "--run-file", "/proc/run.json", says=["/proc/run.json"])

    def test_full_disk_on_standard_output(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.refuse("list", "gpus", stdout=full, says=["standard output", "No space left"])

    def test_full_disk_as_output_file(self):
        self.refuse("list", "gpus", "--output", "/dev/full", says=["/dev/full", "No space left"])
        self.assertTrue(os.path.exists("/dev/full") and not os.path.isfile("/dev/full"), "the device is still one")

    def test_answer_is_told_even_where_its_report_cannot_be_written(self):
        def no_large_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing then fails, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        run = self.small_run()
        done = subprocess.run([PROGRAM, "evaluate", "--results", str(run)], cwd=self.here, env=environment(),
                              preexec_fn=no_large_files, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("Rent ", done.stdout)
        self.assertIn("nothing needs to be measured again: gpubench evaluate --workload resnet50-train --results",
                      done.stderr)
        self.assertEqual(list(self.here.glob("gpubench-report*")), [], "nothing half-written")

    def test_file_of_another_kind_is_not_replaced_by_a_run(self):
        notes = self.write("notes.md", "mine")
        self.refuse("run", *SMALL, "--run-file", "notes.md", says=["notes.md", "not a run file"])
        self.assertEqual(notes.read_text(), "mine")

    def test_findings_have_one_form(self):
        self.refuse("catalog", "validate", "--format", "json", says=["json", "--format"])

    def test_deadline_without_a_unit(self):
        self.refuse("recommend", "resnet50-train", "--deadline", "24", says=["--deadline", "'24'", "24h"])

    def test_a_file_that_is_read_is_never_written_over(self):
        run = self.small_run("run.json")
        content = run.read_bytes()
        (self.here / "link.json").symlink_to("run.json")
        self.write("cases.csv", "case_id,gpu,gpu_count,params,precision\na,L4,1,op=add;rows=8;cols=8,fp32\n")
        for command in (("report", "run.json", "--output", "run.json"), ("report", "run.json", "--output", "link.json"),
                        ("recommend", "resnet50-train", "--results", "run.json", "--output", "./run.json"),
                        ("compare", "run.json", "run.json", "--output", "run.json"),
                        ("compare", "run.json", "run.json", "--write", "junit=run.json"),
                        ("selftest", "run.json", "--profile", "run.json"),
                        ("calibrate", "run.json", "--output", "run.json"),
                        ("predict", "--cases", "cases.csv", "--output", "cases.csv")):
            self.refuse(*command, says=["which is to be read"])
        self.assertEqual(run.read_bytes(), content)
        self.refuse("history", ".", "--no-index", "--output", "run.json", says=["which holds a run"])
        self.write("own/gpus.csv", "")
        self.refuse("list", "gpus", "--overlay", "own", "--output", "own/gpus.csv", says=["which is to be read"])
        self.assertEqual(run.read_bytes(), content)

    def test_no_file_of_a_question_is_written_over(self):
        run = self.small_run("run.json")
        workload = next((DATA / "workloads").glob("resnet50-train*.toml"))
        shutil.copy(workload, self.here / "own.toml")
        self.write("trace.csv", "")
        self.write("specs.csv", "")
        self.write("question.toml", 'workload = "resnet50-train"\n')
        (self.here / "campaign").mkdir()
        shutil.copy(run, self.here / "campaign/run.json")
        before = {file: file.read_bytes() for file in self.here.rglob("*") if file.is_file()}
        for command in (("recommend", "own.toml", "--output", "own.toml"),
                        ("recommend", "resnet50-train", "--spot-trace", "trace.csv", "--output", "trace.csv"),
                        ("recommend", "llama3-8b-serve", "--trace", "trace.csv", "--output", "trace.csv"),
                        ("recommend", "--request", "question.toml", "--output", "question.toml"),
                        ("evaluate", "--results", "run.json", "--workload", "own.toml", "--output", "own.toml"),
                        ("report", "run.json", "--workload", "own.toml", "--output", "own.toml"),
                        ("plan", "own.toml", "--output", "own.toml"),
                        ("fleet", "plan", "own.toml", "--output", "own.toml"),
                        ("fleet", "plan", "resnet50-train", "--spot-trace", "trace.csv", "--output", "trace.csv"),
                        ("predict", "own.toml", "--on", "L4", "--output", "own.toml"),
                        ("predict", "resnet50-train", "--on", "L4", "--gpu-spec", "specs.csv", "--output", "specs.csv")):
            self.refuse(*command, says=["--output names", "which is to be read"])
        for file, content in before.items():
            self.assertEqual(file.read_bytes(), content, file)

    def test_the_catalogue_that_is_found_is_not_written_over(self):
        shutil.copytree(DATA, self.here / "data")
        self.small_run("run.json")
        before = {file: file.read_bytes() for file in (self.here / "data").rglob("*") if file.is_file()}
        for how, env in ((("--profiles", "data"), None), ((), environment(GPUBENCH_DATA=str(self.here / "data")))):
            for command in (("list", "gpus", "--output", "data/gpus.csv"),
                            ("list", "workloads", "--output", "data/workloads/resnet50-train.toml"),
                            ("predict", "resnet50-train", "--on", "L4", "--output", "data/models/llama3-70b.json"),
                            ("recommend", "resnet50-train", "--output", "data/prices.csv"),
                            ("fleet", "plan", "resnet50-train", "--output", "data/prices.csv"),
                            ("doctor", "--output", "data/compatibility.toml"),
                            ("doctor", "--write", "data/compatibility.toml"),
                            ("compare", "run.json", "run.json", "--write", "csv=data/prices.csv")):
                self.refuse(*command, *how, says=["which is to be read"], env=env)
        for file, content in before.items():
            self.assertEqual(file.read_bytes(), content, file)

    def test_a_file_larger_than_any_run_is_refused_before_it_fills_the_memory(self):
        run = self.small_run("run.json")
        (self.here / "huge").mkdir()
        with open(self.here / "huge/huge.json", "wb") as file:
            file.truncate(300 << 20)
        for command in (("compare", "huge/huge.json", run), ("compare", "huge", run), ("report", "huge/huge.json"),
                        ("recommend", "resnet50-train", "--results", "huge/huge.json"), ("verify", "huge/huge.json"),
                        ("fleet", "nodes", "huge/huge.json", run)):
            self.refuse(*command, says=["huge/huge.json", "has 300 MiB, and at most 256 are read"])
        for name in ("huge/huge.toml", "huge/huge.csv"):
            os.link(self.here / "huge/huge.json", self.here / name)
        for command, name in ((("report", "--recommendation", "huge/huge.json"), "huge/huge.json"),
                              (("predict", "huge/huge.toml", "--on", "L4"), "huge/huge.toml"),
                              (("predict", "resnet50-train", "--on", "L4", "--gpu-spec", "huge/huge.csv"), "huge/huge.csv")):
            self.refuse(*command, says=[name, "has 300 MiB, and at most 256 are read"])
        said = self.run_program("history", "huge", "--no-index").stderr
        self.assertIn("has 300 MiB, and at most 256 are read", said)

    def test_two_results_do_not_go_into_one_file(self):
        self.refuse("run", *SMALL, "--run-file", "x.json", "--output", "./x.json", says=["name one file"])
        self.refuse("run", *SMALL, "--run-file", "x.json", "--google-benchmark-out", "x.json", says=["name one file"])
        self.refuse("selftest", "--profile", "x.json", "--output", "x.json", says=["name one file"])
        self.assertFalse((self.here / "x.json").exists())

    def test_full_disk_as_run_file(self):
        self.refuse("run", *SMALL, "--run-file", "/dev/full",
                    says=["/dev/full", "No space left"])

    def test_closed_standard_output(self):
        done = subprocess.run(["sh", "-c", 'exec "$GPUBENCH_PROGRAM" list gpus >&-'], cwd=self.here,
                              env=environment(), stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("standard output", done.stderr)

    def test_wrong_row_of_an_overlay_is_pointed_at(self):
        header = (DATA / "gpus.csv").read_text().splitlines()[0]
        self.write("overlay/gpus.csv", header + "\nNot a GPU\n")
        self.refuse("list", "gpus", "--overlay", "overlay", says=["overlay/gpus.csv:2"])


if __name__ == "__main__":
    unittest.main()
