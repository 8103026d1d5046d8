"""Files of other tools become run files that the other commands take, or are refused and leave nothing behind."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import PROGRAM, SOURCE, ProgramTest, environment

FIXTURES = SOURCE / "tests" / "imports" / "data"
FORMATS = {
    "nccl_tests.txt": "nccl-tests", "nccl_tests.json": "nccl-tests", "nvbandwidth.txt": "nvbandwidth",
    "nvbandwidth.json": "nvbandwidth", "nvbench.json": "nvbench", "google_benchmark.json": "google-benchmark",
    "babelstream.txt": "babelstream", "babelstream.csv": "babelstream", "superbench.jsonl": "superbench",
    "dcgm.json": "dcgm", "dcgm_3.json": "dcgm", "llama_bench.json": "llama-bench", "llama_bench.jsonl": "llama-bench",
    "llama_bench.csv": "llama-bench",
}
MAPPED = ("csv", FIXTURES / "measured.csv", "--mapping", FIXTURES / "measured.toml")


class ImportTest(ProgramTest):
    def import_run(self, *arguments, name="imported.json"):
        self.succeed("import", *arguments, "--run-file", name, "--quiet")
        return self.assert_valid_run(self.here / name)

    def test_every_format_is_told_from_its_content_and_gives_a_valid_run(self):
        for name, form in FORMATS.items():
            with self.subTest(name):
                run = self.import_run(FIXTURES / name)
                self.assertEqual(run["provenance"]["kind"], "imported")
                source = run["provenance"]["sources"][0]
                self.assertEqual((source["file"], source["format"]), (name, form))
                self.assertEqual(source["bytes"], (FIXTURES / name).stat().st_size)
                self.assertEqual(source["sha256"], hashlib.sha256((FIXTURES / name).read_bytes()).hexdigest())
                self.assertEqual(self.import_run(form, FIXTURES / name)["measurements"], run["measurements"])

    def test_a_table_is_imported_by_its_mapping(self):
        run = self.import_run(*MAPPED)
        first = run["measurements"][0]
        self.assertEqual(first["name"], "gemm_fp16/m:4096/n:4096/k:4096")
        self.assertEqual(first["reported"]["time_ns"], {"n": 50, "median": 250000.0, "mean": 255000.0})
        self.assertIsNone(first["time_ns"])
        self.assertEqual(first["samples_ns"], [])
        self.assertAlmostEqual(first["rates"]["flop_per_second"] / 549.8e12, 1)

    def test_figures_are_held_against_the_data_sheet_of_a_gpu_that_the_catalogue_knows(self):
        run = self.import_run("babelstream", FIXTURES / "babelstream.csv", "--gpu", "NVIDIA H100 80GB HBM3")
        peaks = [(m["rates"]["bytes_per_second"], m["peak"]) for m in run["measurements"]
                 if m["benchmark"].startswith("stream_")]
        self.assertEqual(len(peaks), 2)  # Nstream is none of ours
        for rate, peak in peaks:
            self.assertEqual((peak["peak_kind"], peak["peak_per_second"]), ("memory bandwidth", 3.352e12))
            self.assertAlmostEqual(peak["fraction_of_peak"], rate / 3.352e12)
            self.assertTrue(peak["source"])
        gemm = self.import_run(*MAPPED)["measurements"][0]
        self.assertEqual(gemm["peak"]["peak_kind"], "dense peak fp16")
        unknown = self.import_run("babelstream", FIXTURES / "babelstream.csv", "--gpu", "Made-up GPU", name="other.json")
        self.assertEqual([m["peak"] for m in unknown["measurements"]], [None] * len(unknown["measurements"]))

    def test_the_default_name_is_told(self):
        done = self.succeed("import", FIXTURES / "nvbandwidth.txt")
        files = list(self.here.glob("gpubench-import-*.json"))
        self.assertEqual(len(files), 1)
        self.assertIn(files[0].name, done.stderr)
        self.assertIn("imported from nvbandwidth v0.8", done.stdout)
        self.assertIn("55.3  GB/s", done.stdout)

    def test_notes_name_what_was_left_out(self):
        done = self.succeed("import", FIXTURES / "nccl_tests.json", "--run-file", "run.json")
        self.assertIn("results[].new_key", done.stderr)

    def test_secrets_of_the_environment_stay_out(self):
        self.import_run(FIXTURES / "nccl_tests.json")
        text = (self.here / "imported.json").read_text()
        for secret in ("do-not-import-me", "SECRET_TOKEN", "gpu-box-7"):
            self.assertNotIn(secret, text)

    def test_reports_in_every_form_show_the_origin(self):
        self.import_run(FIXTURES / "nccl_tests.txt")
        for form in ("table", "markdown", "html"):
            with self.subTest(form):
                done = self.succeed("report", "imported.json", "--format", form)
                self.assertIn("imported from nccl-tests 2.17.6", " ".join(done.stdout.split()))
        rows = list(csv.DictReader(io.StringIO(self.succeed("report", "imported.json", "--format", "csv").stdout)))
        self.assertEqual(rows[0]["imported_from"], "nccl-tests 2.17.6")
        self.assertEqual(rows[2]["busbw_bytes_per_second"], "39320000000")
        document = json.loads(self.succeed("report", "imported.json", "--format", "json").stdout)
        self.assertEqual(document["run"]["provenance"]["sources"][0]["tool"], "nccl-tests")

    def test_a_row_of_several_files_says_which_it_comes_from(self):
        self.import_run(FIXTURES / "nvbandwidth.txt", FIXTURES / "nccl_tests.txt")
        rows = list(csv.DictReader(io.StringIO(self.succeed("report", "imported.json", "--format", "csv").stdout)))
        self.assertEqual({row["imported_from"] for row in rows if row["benchmark"] == "all_reduce"},
                         {"nccl-tests 2.17.6, nccl_tests.txt"})
        self.assertEqual({row["imported_from"] for row in rows if row["benchmark"] != "all_reduce"},
                         {"nvbandwidth v0.8, nvbandwidth.txt"})

    def test_a_back_end_of_another_vendor_keeps_its_name(self):
        text = (FIXTURES / "llama_bench.json").read_text()
        self.write("amd.json", text.replace('"backends": "CUDA"', '"backends": "ROCm"').replace(
            "NVIDIA H100 80GB HBM3", "AMD Instinct MI300X"))
        self.import_run("amd.json")
        self.assertIn('backend="rocm"', self.succeed("report", "imported.json", "--format", "prometheus").stdout)
        self.import_run(FIXTURES / "llama_bench.json", name="nvidia.json")
        done = self.run_program("compare", "nvidia.json", "imported.json", "--format", "json")
        [result] = json.loads(done.stdout)["comparisons"]
        rows = [row for row in result["benchmarks"] if row["benchmark"].startswith("llama_bench_prompt")]
        self.assertEqual([row["new"]["runs"] for row in rows], [1])

    def test_hostile_names_are_inert_in_html_csv_and_on_a_terminal(self):
        rows = FIXTURES.joinpath("measured.csv").read_text().replace("gemm_fp16", "=HYPERLINK(1)<script>x</script>")
        self.write("hostile.csv", rows)
        self.import_run("csv", "hostile.csv", "--mapping", FIXTURES / "measured.toml")
        html = self.succeed("report", "imported.json", "--format", "html").stdout
        self.assertNotIn("<script>x", html)
        self.assertIn("&lt;script&gt;x", html)
        table = self.succeed("report", "imported.json", "--format", "csv").stdout
        for row in csv.reader(io.StringIO(table)):
            for cell in row:
                self.assertFalse(cell[:1] in ("=", "+", "@"), cell)
        self.assertIn("'=HYPERLINK(1)", table)

    def test_recommend_uses_an_imported_run_and_says_so(self):
        self.import_run(*MAPPED)
        done = self.succeed("recommend", "resnet50-train", "--results", "imported.json")
        self.assertIn("measurements of torch-benchmark 2.9.0 are used where they fit", done.stderr)

    def test_measurements_on_which_no_time_rests_are_not_called_used(self):
        self.import_run("babelstream", FIXTURES / "babelstream.csv", "--gpu", "H100")
        # A server's times on GPUs are those of engines, and not of streams.
        serving = ("recommend", "llama3-8b-serve", "--gpu", "H100")
        done = self.succeed(*serving, "--results", "imported.json", "--format", "json")
        self.assertIn("those of BabelStream are not used: no time of this answer rests on", " ".join(done.stderr.split()))
        self.assertNotIn("Measurements used", done.stdout)
        self.assertIn("Times on GPUs are predictions", done.stdout)
        plain = self.succeed(*serving, "--format", "csv").stdout
        self.assertEqual(plain, self.succeed(*serving, "--format", "csv", "--results", "imported.json").stdout)
        # A training's optimiser streams. On another GPU it is still predicted, by a model that the run refines a little.
        training = ("recommend", "llama3-8b-lora", "--format", "json", "--results", "imported.json", "--gpu")
        for gpu, is_predicted in (("H100", False), ("A100", True)):
            done = self.succeed(*training, gpu)
            self.assertIn("measurements of BabelStream are used where they fit", done.stderr)
            self.assertIn("Measurements used: run ", done.stdout)
            self.assertEqual("Times on GPUs are predictions" in done.stdout, is_predicted, gpu)

    def test_recommend_says_why_an_imported_run_is_not_used(self):
        self.import_run(FIXTURES / "nccl_tests.txt")
        done = self.succeed("recommend", "resnet50-train", "--results", "imported.json")
        self.assertIn("not used: it times nothing that estimates rest on", done.stderr)
        plain = self.succeed("recommend", "resnet50-train", "--format", "csv").stdout
        with_run = self.succeed("recommend", "resnet50-train", "--format", "csv", "--results", "imported.json").stdout
        self.assertEqual(plain, with_run)
        self.import_run(FIXTURES / "superbench.jsonl")
        done = self.succeed("report", "imported.json", "--workload", "resnet50-train")
        self.assertIn("not used: it names no GPU", done.stderr)

    def test_calibrate_says_how_much_of_an_imported_run_it_used(self):
        self.import_run(FIXTURES / "nvbandwidth.txt")
        done = self.refuse("calibrate", "imported.json", says=("nothing to calibrate on",))
        self.assertIn("from nvbandwidth v0.8: nothing in it can be calibrated on", done.stderr)
        self.import_run(*MAPPED, name="gemm.json")
        done = self.succeed("calibrate", "gemm.json")
        self.assertIn("from torch-benchmark 2.9.0: 2 measurements used", done.stderr)

    def test_an_imported_run_cannot_be_resumed(self):
        self.import_run(FIXTURES / "nvbandwidth.txt")
        self.refuse("run", "--resume", "imported.json", says=("was imported from another tool",))


class BadImportTest(ProgramTest):
    def refuse_bytes(self, content, says, *arguments, name="bad.txt"):
        path = self.here / name
        path.write_bytes(content)
        self.refuse("import", *arguments, name, says=(name, *says))

    def test_unreadable_and_unknown_files_are_refused(self):
        self.refuse("import", "missing.txt", says=("missing.txt", "No such file"))
        self.refuse("import", ".", says=("directory",))
        self.refuse("import", "nccl-tests", says=("no file is named",))
        self.refuse("import", "nccl-test", FIXTURES / "nccl_tests.txt", says=("'nccl-test' is not known", "nccl-tests"))
        self.refuse_bytes(b"some words\n", ("of no format that can be told",))
        self.refuse("import", "csv", FIXTURES / "measured.csv", says=("--mapping",))

    def test_rates_that_no_device_reaches_are_refused(self):
        self.write("map.toml", 'tool = "ours"\nbenchmark = "gemm_fp16"\ngpu = "L4"\n[rates]\n'
                   'flop_per_second = { column = "rate", unit = "TFLOP/s" }\n')
        ask = ("import", "csv", "table.csv", "--mapping", "map.toml", "--run-file", "imported.json")
        self.write("table.csv", "rate\n-3\n")
        self.refuse(*ask, says=("table.csv:2:1", "below 0"))
        self.write("table.csv", "rate\n100\n1e9\n")
        self.refuse(*ask, says=("table.csv:3", "FLOP/s is more than L4 can do", "check the unit"))
        self.write("table.csv", "rate\n100\n")
        self.succeed(*ask)

    def test_the_option_names_each_gpu_of_a_device_of_several(self):
        self.write("map.toml", 'tool = "ours"\nbenchmark = "gemm_fp16"\ndevice = { column = "on" }\n[rates]\n'
                   'flop_per_second = { column = "rate", unit = "TFLOP/s" }\n')
        self.write("table.csv", "on,rate\ngpu0+2,100\ngpu4-5,100\ngpu0;9,100\n")
        self.succeed("import", "csv", "table.csv", "--mapping", "map.toml", "--gpu", "L4", "--run-file", "imported.json")
        gpus = json.loads((self.here / "imported.json").read_text())["environment"]["gpus"]
        self.assertEqual([(gpu["index"], gpu["name"]) for gpu in gpus], [(i, "L4") for i in (0, 2, 4, 5)])
        mapping = (self.here / "map.toml").read_text()
        self.write("map.toml", 'gpu = "L4"\n' + mapping)
        for rows, expected in (("gpu1,100\ngpu3,100\n", [1, 3]), ("rank0,100\n", [0])):
            self.write("table.csv", "on,rate\n" + rows)
            self.succeed("import", "csv", "table.csv", "--mapping", "map.toml", "--run-file", "imported.json")
            gpus = json.loads((self.here / "imported.json").read_text())["environment"]["gpus"]
            self.assertEqual([(gpu["index"], gpu["name"]) for gpu in gpus], [(i, "L4") for i in expected])

    def test_rates_that_no_device_reaches_are_refused_at_their_place(self):
        for name, cell, why in (("nvbandwidth.txt", "397.25", "is more than"),
                                ("babelstream.txt", "3221225.472", "work over time gives")):
            text = (FIXTURES / name).read_text().replace("SUM device_to_device_memcpy_read_ce 793.75", "")
            before, after = text.split(cell)
            self.write(name, before + "9" * 14 + after)
            line, column = before.count("\n") + 1, len(before) - before.rindex("\n")
            self.refuse("import", name, says=(f"{name}:{line}:{column}: ", why))
        before, after = (FIXTURES / "nvbandwidth.json").read_text().split('"bandwidth_matrix" :', 1)
        self.write("bad.json", before + '"bandwidth_matrix" :' + re.sub(r"\d+\.\d+", "9" * 14, after, count=1))
        line = before.count("\n") + 1
        self.refuse("import", "bad.json", "--gpu", "NVIDIA H100 80GB HBM3", says=(f"bad.json:{line}:9: ", "is more than"))

    def test_times_that_no_clock_tells_are_refused_or_named(self):
        entry = {"name": "BM", "run_name": "BM", "run_type": "iteration", "iterations": 1, "time_unit": "ns"}
        for time, place in ((1e300, "real_time"), (1e308, "bad.json:1:"), (1e-300, "google_benchmark:BM")):
            self.write("bad.json", json.dumps({"context": {}, "benchmarks": [{**entry, "real_time": time}]}))
            self.refuse("import", "bad.json", says=("bad.json", place, "no benchmark takes that"))
        iterations = json.loads((FIXTURES / "nccl_tests.json").read_text())
        text = json.dumps(iterations).replace('"times_us": [', '"times_us": [1e308, ', 1)
        self.assertIn("1e308", text)
        self.write("bad.json", text)
        self.refuse("import", "bad.json", says=("bad.json:1:", "times_us", "no benchmark takes that"))
        aggregate = {**entry, "run_type": "aggregate", "aggregate_name": "stddev", "real_time": 1e300}
        self.write("bad.json", json.dumps({"context": {}, "benchmarks": [aggregate]}))
        self.refuse("import", "bad.json", says=("no benchmark takes that",))
        self.write("zero.json", json.dumps({"context": {}, "benchmarks": [{**entry, "real_time": 0}]}))
        done = self.succeed("import", "zero.json", "--run-file", "zero-run.json")
        self.assertIn("google_benchmark:BM: a time of 0, below its clock's resolution", done.stderr)

    def test_what_is_no_text_is_refused_at_its_place(self):
        self.refuse_bytes(b"", ("empty",))
        self.refuse_bytes(b"# size\n\x00\x01", ("bad.txt:2:1", "NUL"))
        self.refuse_bytes("# size busbw\n".encode("utf-16"), ("bad.txt:1:1", "UTF-16"))
        self.refuse_bytes(b"caf\xe9 busbw", ("bad.txt:1:4", "not UTF-8"))
        self.refuse_bytes(b"a\n\x1b[31mred", ("bad.txt:2:1", "control character"))

    def test_broken_json_is_refused_at_its_place(self):
        whole = (FIXTURES / "google_benchmark.json").read_bytes()
        self.refuse_bytes(whole[:-40], ("ends in the middle",), "google-benchmark")
        self.refuse_bytes(whole.replace(b'"iterations": 1000', b'"iterations": NaN', 1), ("bad.txt:4:",))
        self.refuse_bytes(whole.replace(b'"real_time": 1.5', b'"real_time": 1e400', 1), ("bad.txt:4:", "too large"))
        self.refuse_bytes(whole.replace(b'"threads": 4', b'"threads": 4, "threads": 5', 1),
                          ("bad.txt:4:", "stands twice"))
        self.refuse_bytes(b"[" * 100000, ("bad.txt:1:65", "nested deeper than 64"), "dcgm")

    def test_a_huge_file_is_refused_with_the_limit(self):
        with open(self.here / "huge.txt", "wb") as file:
            file.write(b"# nvbandwidth Version:\n")
            file.truncate((64 << 20) + 1)
        self.refuse("import", "huge.txt", says=("larger than 64 MiB",))

    def test_a_cut_row_leaves_an_earlier_run_file_as_it_was(self):
        self.succeed("import", FIXTURES / "nccl_tests.txt", "--run-file", "run.json", "--quiet")
        before = (self.here / "run.json").read_bytes()
        text = (FIXTURES / "nccl_tests.txt").read_bytes()
        (self.here / "cut.txt").write_bytes(text[:text.index(b"262144     float") + 40])
        self.refuse("import", "cut.txt", "--run-file", "run.json", says=("cut.txt:15:",))
        self.assertEqual((self.here / "run.json").read_bytes(), before)

    def test_a_row_that_stops_within_a_number_is_refused(self):
        for name, row, within in (("babelstream.txt", b"Triad", 60), ("nvbandwidth.txt", b"device_local_copy", 0)):
            text = (FIXTURES / name).read_bytes()
            if within:
                cut = text[:text.index(row) + within]
            else:  # the last digit of the matrix's last row
                begin = text.index(row)
                cut = text[:text.index(b"SUM", begin)].rstrip()[:-1]
            self.refuse_bytes(cut, ("the row stops without a line end",), name="cut_" + name)
        table = (FIXTURES / "babelstream.txt").read_text()
        line = next(line for line in table.splitlines() if line.startswith("Triad"))
        self.write("mean.txt", table.replace(line, " ".join([*line.split()[:-1], "0.00002"]) + "\n"))
        self.refuse("import", "mean.txt", says=("mean.txt", "is not between the smallest and the largest"))

    def test_figures_of_one_row_that_contradict_each_other_are_refused(self):
        text = (FIXTURES / "llama_bench.csv").read_text()
        rows = list(csv.reader(io.StringIO(text)))
        at = rows[0].index("avg_ts")
        rows[1][at] = "1e308"
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
        self.write("rate.csv", out.getvalue())
        self.refuse("import", "rate.csv", says=("rate.csv:2:", "items/s are stated, but work over time gives"))
        line = json.loads((FIXTURES / "superbench.jsonl").read_text().splitlines()[0])
        key = next(key for key in line if key.startswith("nccl-bw") and "busbw" in key)
        self.write("below.jsonl", json.dumps({**line, key: -1}) + "\n")
        self.refuse("import", "superbench", "below.jsonl", says=("below.jsonl:1:", "is below 0"))

    def test_a_time_that_its_product_contradicts_is_refused(self):
        mapping = (FIXTURES / "measured.toml").read_text()
        for unit in ("ns", "ms", "s"):
            self.write("map.toml", mapping.replace('unit = "us"', f'unit = "{unit}"'))
            self.refuse("import", "csv", FIXTURES / "measured.csv", "--mapping", "map.toml",
                        says=("measured.csv:2:1: gemm_fp16/m:4096/n:4096/k:4096: 550,000,000,000,000 FLOP/s are stated, but "
                              "work over time gives", "hint:"))
        # Without a stated rate the GPU's peak tells it.
        self.write("time.csv", "op,M,N,K,t\ngemm_fp16,4096,4096,4096,250\n")
        head, rest = mapping.split("[time]")
        for unit, statistic in (("ns", "median"), ("ns", "min"), ("us", "median")):
            self.write("map.toml", head + f'[time]\n{statistic} = {{ column = "t", unit = "{unit}" }}\n')
            arguments = ("import", "csv", "time.csv", "--mapping", "map.toml")
            if unit == "ns":
                self.refuse(*arguments, says=("time.csv:2:1: gemm_fp16", "FLOP/s in 250 ns is more than", "can do"))
            else:
                self.succeed(*arguments, "--run-file", "time.json")

    def test_a_convolution_that_cannot_be_has_no_work(self):
        names = ("n", "c_in", "height", "width", "c_out", "kernel", "stride")
        self.write("map.toml", 'tool = "t"\nbenchmark = "convolution_forward_fp16"\ngpu = "L4"\n[parameters]\n' +
                   "".join(f'{name} = "{name}"\n' for name in names) +
                   '[time]\nmedian = { column = "t", unit = "us" }\n')
        arguments = ("import", "csv", "c.csv", "--mapping", "map.toml")
        for stride, kernel in ((0, 3), (-1, 3), (1, 500)):
            self.write("c.csv", ",".join(names) + f",t\n32,64,56,56,64,{kernel},{stride},1\n")
            self.succeed(*arguments, "--run-file", "c.json")
        self.write("c.csv", ",".join(names) + ",t\n32,64,56,56,64,3,1,1\n")
        self.refuse(*arguments, says=("c.csv:2:1", "FLOP/s in 1,000 ns is more than L4 can do"))

    def test_warnings_of_measurements_are_counted_and_the_first_is_told(self):
        done = self.succeed("import", FIXTURES / "babelstream.txt", "--run-file", "x.json")
        self.assertIn("3 measurements have warnings, the first stream_copy", done.stderr)
        self.assertIn("the rate is that of the smallest time", done.stderr)
        done = self.succeed("import", FIXTURES / "nvbandwidth.txt", "--run-file", "y.json")
        self.assertNotIn("warning", done.stderr)

    def test_a_run_file_that_no_command_would_read_is_not_written(self):
        self.write("many.csv", "t\n" + "".join(f"{i}\n" for i in range(1, 500001)))
        self.write("map.toml", 'tool = "t"\nbenchmark = "b"\n[time]\nmean = { column = "t", unit = "us" }\n')
        self.refuse("import", "csv", "many.csv", "--mapping", "map.toml", "--run-file", "x.json", timeout=300,
                    says=("x.json", "more than 256", "500000 measurements", "hint:"))

    def test_options_that_the_file_has_no_use_for_are_named(self):
        done = self.succeed("import", FIXTURES / "nccl_tests.txt", "--gpu", "NVIDIA A100", "--benchmark", "all_gather",
                            "--node", "x", "--run-file", "x.json")
        for option in ("--gpu NVIDIA A100 was not used: the file itself says", "--benchmark all_gather was not used",
                       "--node x was not used"):
            self.assertIn(option, done.stderr)

    def test_what_is_read_is_not_written_over(self):
        for name in ("measured.csv", "measured.toml", "nvbench.json"):
            shutil.copy(FIXTURES / name, self.here)
        shutil.copytree(FIXTURES / "nvbench.json-bin", self.here / "nvbench.json-bin")
        sample = sorted((self.here / "nvbench.json-bin").iterdir())[0].relative_to(self.here)
        for arguments in (("csv", "measured.csv", "--mapping", "measured.toml", "--output", "measured.toml"),
                          ("nvbench.json", "--output", sample)):
            self.refuse("import", *arguments, "--run-file", "x.json", says=("which is to be read",))
        self.refuse("import", "nvbench.json", "--run-file", "x.json", "--output", "./x.json", says=("name one file",))

    def test_a_file_that_is_no_run_is_not_replaced(self):
        self.write("notes.txt", "mine")
        self.refuse("import", FIXTURES / "nccl_tests.txt", "--run-file", "notes.txt", says=("not a run file",))
        self.assertEqual((self.here / "notes.txt").read_text(), "mine")

    def test_a_wrong_mapping_is_refused_at_its_place(self):
        mapping = (FIXTURES / "measured.toml").read_text()
        self.write("map.toml", 'measured_at = "yesterday"\n' + mapping.replace("measured_at", "# measured_at"))
        self.refuse("import", "csv", FIXTURES / "measured.csv", "--mapping", "map.toml",
                    says=("map.toml:1:", "'yesterday' is no time"))
        self.write("map.toml", mapping.replace('unit = "us"', 'unit = "fortnights"', 1))
        self.refuse("import", "csv", FIXTURES / "measured.csv", "--mapping", "map.toml",
                    says=("map.toml:14:", "fortnights", "known are ns, us"))

    def test_what_is_no_file_is_refused_at_once(self):
        os.mkfifo(self.here / "pipe")
        for name in ("pipe", ".", "/dev/zero"):
            self.refuse("import", name, says=("is not a regular file", "hint:"), timeout=20)
            self.refuse("import", "csv", FIXTURES / "measured.csv", "--mapping", name, says=("is not a regular file",), timeout=20)
        # What the shell handed over is read.
        done = subprocess.run([PROGRAM, "import", "nccl-tests", "/dev/stdin", "--run-file", "x.json"], cwd=self.here,
                              input=(FIXTURES / "nccl_tests.txt").read_text(), env=environment(), capture_output=True,
                              text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_files_of_two_machines_are_refused(self):
        self.refuse("import", FIXTURES / "nccl_tests.txt", FIXTURES / "nccl_tests.json", says=("names GPU 0",))


if __name__ == "__main__":
    unittest.main()
