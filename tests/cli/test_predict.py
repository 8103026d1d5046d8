"""Predicting cases, calibrating the operator models, and holding them to published measurements."""

import csv
import io
import json
import shutil
import unittest

from harness import DATA, DONE, NO, USAGE, ProgramTest

COLUMNS = ["case_id", "prediction", "unit", "low", "high", "tier", "bound_by"]
HEADER = "case_id,gpu,gpu_count,params,precision\n"
ADD = "op=add;rows=4096;cols=4096"


class Cases(ProgramTest):
    def predict(self, text, *arguments, status=DONE):
        """Answers by case, and the finished program."""
        self.write("cases.csv", text)
        done = self.run_program("predict", "--cases", "cases.csv", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        rows = {row["case_id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
        return rows, done

    def test_every_kind_of_case_is_answered_as_csv(self):
        cases = {
            "linear": "H100-SXM5-80GB,1,op=linear;m=128;n=4096;k=4096;bias=1,bf16",
            "bmm": "A100-PCIE-40GB,1,op=bmm;b=16;m=128;n=128;k=64,fp16",
            "softmax": "T4,1,op=softmax;rows=4096;cols=1024,fp32",
            "copy": "A100-PCIE-40GB,1,op=copy;kind=host_to_device;bytes=1e8;memory=pageable,",
            "embedding": "T4,1,op=embedding;tokens=4096;hidden=1024;vocab=50257,fp16",
            "optimizer": "H100-SXM5-80GB,1,op=optimizer;kind=adamw;parameters=1e9;state=fp32;master,bf16",
            "reduction": "T4,1,op=reduction;kind=sum;rows=4096;cols=1024,fp32",
            "stencil": "L4-24GB,1,op=stencil;nx=512;ny=512;nz=512;radius=4,fp32",
            "md": "H100-SXM5-80GB,1,op=md;atoms=1000000;neighbours=78,fp64",
            "path_tracing": "L4-24GB,1,op=path_tracing;rays=1e6;box_tests=60;triangle_tests=10,fp32",
            "hash": "T4,1,op=hash;algorithm=sha256d;hashes=1e9,",
            "mixture": "H200-SXM-141GB,1,model=qwen3-30b-a3b;seq=1024;batch=1;phase=fwd,bf16",
            "zero": "H100-SXM5-80GB,8,model=llama3.1-8b;seq=1024;batch=1;zero=3;phase=full_step,bf16",
            "add": f"L4-24GB,1,{ADD},fp32",
            "conv": "V100-PCIE-32GB,1,op=conv2d;n=16;c_in=64;c_out=64;kernel=3;hw=56;stride=1;pad=1;layout=nchw,fp32",
            "attention": "RTX-PRO-6000-BSE-96GB,1,op=attention;phase=decode;batch=8;q_len=1;kv_len=4096;heads=32;"
                         "kv_heads=8;head_dim=128;causal=1,bf16",
            "collective": "B200-SXM6-180GB,8,op=all_reduce;bytes=16777216;ranks=8;nodes=1;interconnect=nvlink,fp16",
            "network": "A100-SXM4-80GB,1,arch=bert;layers=12;hidden=768;heads=12;seq=128;batch=8;phase=full_step,bf16",
            "serving": "H100-SXM5-80GB,1,serve=llama3.1-8b;metric=tpot;isl=1024;osl=256;concurrency=8;tp_size=1;"
                       "engine=vllm;engine_version=0.12.0,bf16",
        }
        text = HEADER + "".join(f"{name},{rest}\n" for name, rest in cases.items())
        rows, done = self.predict(text)
        self.assertEqual(done.stdout.splitlines()[0].split(","), COLUMNS)
        self.assertEqual(list(rows), list(cases))
        for name, row in rows.items():
            self.assertEqual(row["unit"], "ms", name)
            low, middle, high = float(row["low"]), float(row["prediction"]), float(row["high"])
            self.assertLess(0, low, name)
            self.assertLessEqual(low, middle, name)
            self.assertLessEqual(middle, high, name)
            self.assertIn(row["tier"], ("measured", "interpolated", "calibrated", "architecture", "data sheet"), name)
            self.assertIn(row["bound_by"], ("compute", "memory", "interconnect", "network", "host", "overhead"), name)

    def test_fp32_products(self):
        rows, _ = self.predict(HEADER + "a,V100-PCIE-32GB,1,op=linear;m=1024;n=1024;k=1024,fp32\n"
                               "b,V100-PCIE-32GB,1,op=bmm;b=8;m=1024;n=1024;k=1024,fp32\n")
        self.assertLess(float(rows["a"]["prediction"]), float(rows["b"]["prediction"]))
        # 2.1 GFLOP at 14 TFLOP/s are 0.15 ms.
        self.assertGreater(float(rows["a"]["prediction"]), 0.15)
        self.assertLess(float(rows["a"]["prediction"]), 0.6)

    def test_bad_rows_are_reported_one_by_one_and_the_rest_is_predicted(self):
        rows, done = self.predict(
            HEADER + f"good,T4,1,{ADD},fp32\n"
            f"gpu,T44,1,{ADD},fp32\n"
            "keys,T4,1,op=softmax;rows=12,fp32\n"
            f"count,T4,many,{ADD},fp32\n"
            "operator,T4,1,op=sofmax;rows=1;cols=1,fp32\n"
            f"also good,T4,1,{ADD},fp16\n", status=USAGE)
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 4, done.stderr)
        for line, what in ((3, "T44"), (4, "cols"), (5, "gpu_count"), (6, "sofmax")):
            self.assertEqual(sum(f"cases.csv:{line}" in e and what in e for e in errors), 1, done.stderr)
        for hint in ("did you mean 'T4", "did you mean 'softmax'"):
            self.assertIn(hint, done.stderr)
        self.assertIn("4 of 6 cases", done.stderr)
        for name in ("good", "also good"):
            self.assertGreater(float(rows[name]["prediction"]), 0)
        for name in ("gpu", "keys", "operator"):
            self.assertEqual(rows[name]["prediction"], "")

    def test_precision_that_a_gpu_lacks(self):
        _, done = self.predict(HEADER + "a,A100-SXM4-80GB,1,op=linear;m=128;n=4096;k=4096,fp8\n"
                               "b,T4,1,op=linear;m=128;n=4096;k=4096,bf16\n"
                               "c,T4,1,op=linear;m=128;n=4096;k=4096,fp23\n", status=USAGE)
        self.assertIn("A100-SXM4-80GB has no arithmetic in fp8", done.stderr)
        self.assertIn("T4 has no arithmetic in bf16", done.stderr)
        self.assertIn("fp23", done.stderr)

    def test_absurd_shapes(self):
        bad = ("op=linear;m=0;n=4096;k=4096", "op=linear;m=-4;n=4096;k=4096", "op=linear;m=1.5;n=4096;k=4096",
               "op=linear;m=1e30;n=4096;k=4096", "op=linear;m=big;n=4096;k=4096",
               "op=attention;phase=prefill;q_len=64;heads=8;kv_heads=3;head_dim=64",
               "op=conv2d;n=1;c_in=3;c_out=4;kernel=7;hw=2", "op=all_reduce;bytes=1024;ranks=1",
               "op=linear;m=1;m=2;n=4;k=4", "m=1;n=4;k=4", "op=linear;=4")
        text = HEADER + "".join(f"c{i},H100-SXM5-80GB,1,{params},bf16\n" for i, params in enumerate(bad))
        _, done = self.predict(text, status=USAGE)
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), len(bad), done.stderr)
        for i, line in enumerate(errors):
            self.assertIn(f"cases.csv:{i + 2}", line)

    def test_keys_that_nobody_knows_are_said_and_ignored(self):
        rows, done = self.predict(HEADER + f"a,T4,1,{ADD};colour=red,fp32\n")
        self.assertIn("colour", done.stderr)
        self.assertGreater(float(rows["a"]["prediction"]), 0)

    def test_json(self):
        self.write("cases.csv", HEADER + f"a,T4,1,{ADD},fp32\nb,T44,1,{ADD},fp32\n")
        done = self.run_program("predict", "--cases", "cases.csv", "--format", "json")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        good, bad = json.loads(done.stdout)
        self.assertEqual(list(good), COLUMNS)
        self.assertIsInstance(good["prediction"], float)
        self.assertEqual((bad["case_id"], bad["prediction"]), ("b", None))

    def test_output_file(self):
        _, done = self.predict(HEADER + f"a,T4,1,{ADD},fp32\n", "--output", "answers.csv")
        self.assertEqual(done.stdout, "")
        self.assertEqual((self.here / "answers.csv").read_text().splitlines()[0].split(","), COLUMNS)

    def test_files_that_are_no_tables_of_cases(self):
        self.refuse("predict", "--cases", "nowhere.csv", status=USAGE, says=["nowhere.csv"])
        self.write("empty.csv", "")
        self.refuse("predict", "--cases", "empty.csv", says=["empty.csv"])
        self.write("other.csv", "a,b\n1,2\n")
        self.refuse("predict", "--cases", "other.csv", says=["other.csv", "case_id"])
        self.refuse("predict", says=["--cases"])

    def test_anchors_correct_their_workload_when_asked_to(self):
        text = ("case_id,gpu,params,precision,role,anchor_value\n"
                f"anchor,T4,{ADD},fp32,anchor,5\n"
                f"same,A100-SXM4-80GB,{ADD},fp32,,\n"
                "other,T4,op=add;rows=4096;cols=2048,fp32,,\n")
        plain, _ = self.predict(text)
        helped, _ = self.predict(text, "--use-anchors")
        ratio = 5 / float(plain["anchor"]["prediction"])
        self.assertAlmostEqual(float(helped["anchor"]["prediction"]), 5, places=3)
        self.assertEqual(helped["anchor"]["tier"], "measured")
        self.assertAlmostEqual(float(helped["same"]["prediction"]) / float(plain["same"]["prediction"]) / ratio, 1,
                               places=3)
        self.assertEqual(helped["same"]["tier"], "scaled")
        self.assertEqual(helped["other"], plain["other"])


class GpuSpec(ProgramTest):
    """A GPU that the catalogue lacks, from its data sheet."""

    COLUMNS = ("name,vendor,architecture,multiprocessors,boost_clock_mhz,memory_gib,memory_type,"
               "memory_bandwidth_gb_per_second,l2_cache_mib,fp32_tflop_per_second,fp16_tflop_per_second,"
               "bf16_tflop_per_second,tdp_watts,source,date\n")
    X900 = "X900,NVIDIA,Blackwell,100,2000,48,GDDR7,1000,64,50,200,200,300,data sheet,2026-11-01\n"

    def test_is_predicted(self):
        self.write("x900.csv", self.COLUMNS + self.X900)
        self.write("cases.csv", HEADER + f"a,X900,1,{ADD},fp32\nb,X900-48GB,1,op=linear;m=4096;n=4096;k=4096,bf16\n")
        done = self.succeed("predict", "--cases", "cases.csv", "--gpu-spec", "x900.csv")
        times = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(done.stdout))]
        # 201 MB over 1 TB/s; 137 GFLOP over 200 TFLOP/s.
        self.assertGreater(times[0], 0.2)
        self.assertLess(times[0], 0.3)
        self.assertGreater(times[1], 0.68)
        self.assertLess(times[1], 1.4)

    def test_later_files_win(self):
        self.write("slow.csv", self.COLUMNS + self.X900)
        self.write("fast.csv", self.COLUMNS + self.X900.replace(",1000,64,", ",2000,64,"))
        self.write("cases.csv", HEADER + "a,X900,1,op=add;rows=65536;cols=4096,fp32\n")
        def time(*files):
            options = [word for file in files for word in ("--gpu-spec", file)]
            done = self.succeed("predict", "--cases", "cases.csv", *options)
            return float(next(csv.DictReader(io.StringIO(done.stdout)))["prediction"])
        self.assertAlmostEqual(time("fast.csv", "slow.csv") / time("slow.csv", "fast.csv"), 2, places=1)

    def test_without_it_the_gpu_is_not_known(self):
        self.write("cases.csv", HEADER + f"a,X900,1,{ADD},fp32\n")
        done = self.run_program("predict", "--cases", "cases.csv")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("GPU 'X900' is not known", done.stderr)

    def test_bad_files_are_refused_where_they_are_wrong(self):
        self.write("cases.csv", HEADER + f"a,X900,1,{ADD},fp32\n")
        asked = ("predict", "--cases", "cases.csv", "--gpu-spec")
        self.refuse(*asked, "nowhere.csv", says=["nowhere.csv", "--gpu-spec"])
        self.refuse(*asked, ".", says=["--gpu-spec"])
        self.write("bad/empty.csv", "")
        self.refuse(*asked, "bad/empty.csv", says=["empty.csv"])
        self.write("bad/column.csv", self.COLUMNS.replace("tdp_watts", "tdp_wats") + self.X900)
        self.refuse(*asked, "bad/column.csv", says=["column.csv:1", "tdp_wats", "did you mean 'tdp_watts'"])
        self.write("bad/number.csv", self.COLUMNS + self.X900.replace(",1000,", ",1 TB/s,"))
        self.refuse(*asked, "bad/number.csv", says=["number.csv:2", "memory_bandwidth_gb_per_second"])
        self.write("bad/source.csv", self.COLUMNS + self.X900.replace("data sheet", ""))
        self.refuse(*asked, "bad/source.csv", says=["source.csv:2", "source"])

    def test_a_data_sheet_without_rates_is_an_error_of_the_case(self):
        self.write("x900.csv", "name,vendor,memory_gib,source,date\nX900,NVIDIA,48,data sheet,2026-11-01\n")
        self.write("cases.csv", HEADER + f"a,X900,1,{ADD},fp32\nb,T4,1,{ADD},fp32\n")
        done = self.run_program("predict", "--cases", "cases.csv", "--gpu-spec", "x900.csv")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("cases.csv:2", done.stderr)
        self.assertIn("X900", done.stderr)


def streams(gpu, gigabytes_per_second, unit=1e3, start=5e-6):
    """Element-wise adds of many sizes, as an own benchmark would measure them."""
    rows = []
    for i in range(60):
        columns = 256 + 97 * i
        seconds = start + 3 * 2 * 8192 * columns / (gigabytes_per_second * 1e9)
        rows.append(f"{gpu},op=add;rows=8192;cols={columns},bf16,{seconds * unit:.9f}\n")
    return "".join(rows)


TABLE = "gpu,params,precision,latency_ms\n"


class Calibrate(ProgramTest):
    def predicted(self, *arguments):
        self.write("case/cases.csv", HEADER + "a,L4,1,op=add;rows=8192;cols=4100,bf16\n")
        done = self.succeed("predict", "--cases", "case/cases.csv", *arguments)
        return next(csv.DictReader(io.StringIO(done.stdout)))

    def test_own_measurements_change_predictions(self):
        self.write("ops.csv", TABLE + streams("L4", 200))
        done = self.succeed("calibrate", "ops.csv", "--save", "mine", "--source", 'a "quoted" source', "--format", "json")
        errors = json.loads(done.stdout)
        self.assertEqual([(e["family"], e["gpu"]) for e in errors], [("streaming", "L4")])
        self.assertLess(errors[0]["own_mean_percent"], 6)
        self.assertIn("--overlay mine", done.stderr)
        self.assertEqual(sorted(p.name for p in (self.here / "mine").iterdir()),
                         ["operator_points.csv", "operators.toml"])
        before, after = self.predicted(), self.predicted("--overlay", "mine")
        expected = 5e-3 + 3 * 2 * 8192 * 4100 / 200e6
        self.assertGreater(abs(float(before["prediction"]) / expected - 1), 0.1)
        self.assertAlmostEqual(float(after["prediction"]) / expected, 1, delta=0.05)
        self.assertIn(after["tier"], ("measured", "interpolated"))
        self.assertNotIn(before["tier"], ("measured", "interpolated"))

    def test_own_servers_change_predictions_of_their_engine(self):
        columns = "gpu,model,engine,engine_version,precision,isl,osl,concurrency,tp_size,tpot_ms,ttft_ms\n"
        rows = [f"B200,llama3.1-8b,vllm,0.30.1,bf16,1024,{osl},{n},1,{9 + n / 16},{40 + 4 * n}\n"
                for osl in (128, 256, 512, 1024) for n in (1, 2, 4, 8, 16, 32)]
        self.write("servers.csv", columns + "".join(rows))
        done = self.succeed("calibrate", "servers.csv", "--save", "mine", "--format", "json")
        self.assertEqual({(e["family"], e["part"], e["gpu"]) for e in json.loads(done.stdout)},
                         {("server", "TPOT", "vllm 0.30"), ("server", "TTFT", "vllm 0.30")})
        self.assertTrue((self.here / "mine" / "servers.toml").exists())
        self.write("cases.csv", HEADER + "a,B200,1,serve=llama3.1-8b;metric=tpot;isl=1024;osl=256;concurrency=8;tp_size=1;"
                                         "engine=vllm;engine_version=0.30.1,bf16\n")
        before, after = (next(csv.DictReader(io.StringIO(self.succeed("predict", "--cases", "cases.csv", *more).stdout)))
                         for more in ((), ("--overlay", "mine")))
        self.assertLess(abs(float(after["prediction"]) / 9.5 - 1), abs(float(before["prediction"]) / 9.5 - 1))
        self.assertAlmostEqual(float(after["prediction"]) / 9.5, 1, delta=0.15)

    def test_without_save_nothing_is_written(self):
        self.write("ops.csv", TABLE + streams("L4", 200))
        before = sorted(self.here.rglob("*"))
        done = self.succeed("calibrate", "ops.csv")
        self.assertIn("--save", done.stderr)
        self.assertEqual(sorted(self.here.rglob("*")), before)

    def test_wrong_units_are_noticed(self):
        # Nanoseconds under the name of milliseconds, and seconds under it.
        self.write("slow.csv", TABLE + streams("L4", 200, unit=1e9))
        done = self.run_program("calibrate", "slow.csv")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("slow.csv:", done.stderr)
        self.write("fast.csv", TABLE + "".join(
            f"H100-SXM5-80GB,op=linear;m=4096;n=4096;k={1024 + 64 * i},bf16,{2e-3 + 1e-4 * i:.6f}\n"
            for i in range(30)))
        done = self.run_program("calibrate", "fast.csv")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("above the dense peak of H100-SXM5-80GB", done.stderr)
        self.assertIn("nothing to calibrate on", done.stderr)

    def test_tables_that_do_not_fit_are_refused_where_they_are_wrong(self):
        good = f"L4,{ADD},bf16,"
        cases = {
            "gpu.csv": (TABLE + f"L44,{ADD},bf16,1\n", ["gpu.csv:2:1", "L44", "did you mean"]),
            "time.csv": ("gpu,params,precision,latency_ns\n" + good + "1\n", ["time.csv:2", "latency_ms"]),
            "zero.csv": (TABLE + good + "0\n", ["zero.csv:2", "positive"]),
            "shape.csv": (TABLE + "L4,op=add;rows=0;cols=1,bf16,1\n", ["shape.csv:2", "rows=0"]),
            "type.csv": (TABLE + f"L4,{ADD},bf61,1\n", ["type.csv:2", "did you mean 'bf16'"]),
            "empty.csv": (TABLE, ["nothing to calibrate on"]),
            "server.csv": ("gpu,model,engine,engine_version,isl,osl,concurrency,tpot_ms\nH100,llama3-8b,vllm,0.18,1,1,1,-4\n",
                           ["server.csv:2:32", "positive"]),
        }
        for name, (text, says) in cases.items():
            self.write(name, text)
        for name, (_, says) in cases.items():
            self.refuse("calibrate", name, says=says)

    def test_nothing_to_calibrate_on(self):
        run = self.small_run()
        self.refuse("calibrate", run, says=["nothing to calibrate on"])
        self.refuse("calibrate", says=["file"])

    def test_rows_are_chosen_by_a_column(self):
        def with_framework(name, text):
            return "".join(f"{name},{line}\n" for line in text.splitlines())
        self.write("ops.csv", "framework," + TABLE + with_framework("vllm", streams("L4", 200)) +
                   with_framework("trt", streams("L4", 100)))
        (self.here / "mine").mkdir()
        self.succeed("calibrate", "ops.csv", "--where", "framework=vllm", "--save", "mine")
        expected = 5e-3 + 3 * 2 * 8192 * 4100 / 200e6
        self.assertAlmostEqual(float(self.predicted("--overlay", "mine")["prediction"]) / expected, 1, delta=0.05)
        self.refuse("calibrate", "ops.csv", "--where", "framework", says=["--where", "COLUMN=VALUE"])

    def test_collectives_of_a_machine_are_learnt_and_bad_rows_named(self):
        case = HEADER + "a,L40S,4,op=all_reduce;bytes=1048576;ranks=4,fp16\n"
        self.write("cases.csv", case)

        def predicted(*arguments):
            done = self.succeed("predict", "--cases", "cases.csv", *arguments)
            return next(csv.DictReader(io.StringIO(done.stdout)))

        before = predicted()
        self.assertEqual(before["tier"], "data sheet")
        rows = "".join(f"L40S,all_reduce,fp16,4,{2 ** k},{100 + 2 ** k / 5000}\n" for k in range(10, 28))
        self.write("nccl.csv", "gpu,op,dtype,n_gpus,message_size_bytes,latency_us\n" + rows +
                   "L40S,all_reduce,fp16,4,1073741824,10\n")
        done = self.succeed("calibrate", "nccl.csv", "--save", "mine", "--source", "ours", "--date", "2026-11-26")
        self.assertIn("nccl.csv:20", done.stderr)
        self.assertIn("over a link of", done.stderr)
        after = predicted("--overlay", "mine")
        self.assertNotEqual(after["prediction"], before["prediction"])
        self.assertAlmostEqual(float(after["prediction"]) / (0.1 + 1048576 / 5e6), 1, delta=0.02)
        self.assertEqual(after["tier"], "interpolated")
        with open(self.here / "mine" / "collectives.toml", encoding="utf-8") as file:
            text = file.read()
        self.assertIn('source = "ours"', text)
        self.assertIn('date = "2026-11-26"', text)
        self.write("nccl.csv", "gpu,op,n_gpus,message_size_bytes,latency_us\nL40S,all_reduse,4,1024,9\n")
        self.refuse("calibrate", "nccl.csv", says=["nccl.csv:2", "is no collective"])

    def test_a_damaged_calibration_is_refused_where_it_is_wrong(self):
        self.write("cases.csv", HEADER + f"a,L4,1,{ADD},bf16\n")
        self.write("mine/operators.toml", '[[family]]\nname = "streeming"\n')
        self.refuse("predict", "--cases", "cases.csv", "--overlay", "mine",
                    says=["operators.toml:1", "did you mean 'streaming'"])


class Validate(ProgramTest):
    def test_families_are_scored_one_by_one(self):
        done = self.run_program("validate", "--format", "json")
        self.assertIn(done.returncode, (DONE, NO), done.stderr)
        scores = json.loads(done.stdout)
        self.assertGreater(len(scores), 3)
        self.assertEqual(len({s["family"] for s in scores}), len(scores))
        for s in scores:
            self.assertLessEqual(s["median_error_percent"], s["p90_error_percent"])

    def test_within_the_recorded_bounds(self):
        done = self.run_program("validate")
        self.assertEqual(done.returncode, DONE, done.stderr)

    def data_with_bound(self, percent):
        shutil.copytree(DATA, self.here / "data")
        done = self.run_program("validate", "--format", "json")
        family = json.loads(done.stdout)[0]["family"]
        self.write("data/truth_bounds.csv", f"family,most_mean_error_percent\n{family},{percent}\n")
        return family

    def test_exceeding_a_bound_is_exit_code_1(self):
        family = self.data_with_bound(0.001)
        done = self.run_program("validate", "--profiles", "data")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn(f"{family}: the mean error", done.stderr)
        self.assertIn("exceeds its bound", done.stderr)

    def test_keeping_a_bound_is_exit_code_0(self):
        self.data_with_bound(1000)
        self.assertEqual(self.run_program("validate", "--profiles", "data").returncode, DONE)

    def test_rows_beside_their_predictions(self):
        done = self.run_program("validate", "--rows", "--format", "csv")
        self.assertIn(done.returncode, (DONE, NO), done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(len(rows), sum(1 for _ in csv.DictReader((DATA / "truths.csv").open())))
        for row in rows:
            self.assertGreater(float(row["prediction"]), 0, row["truth_id"])

    def test_a_wrong_truth_is_refused_where_it_stands(self):
        shutil.copytree(DATA, self.here / "data")
        text = (DATA / "truths.csv").read_text().splitlines()
        self.write("data/truths.csv", "\n".join([text[0], text[1].replace("3.95728", "-1")]) + "\n")
        self.refuse("validate", "--profiles", "data", says=["truths.csv:2", "not positive"])


if __name__ == "__main__":
    unittest.main()
