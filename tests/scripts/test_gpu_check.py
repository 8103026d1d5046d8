"""The GPU check without a GPU: what it says then, and its table from a scripted run file."""
import glob
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

SCRIPTS = os.path.join(os.environ["GPUBENCH_SOURCE_DIR"], "scripts")


sys.path.insert(0, os.path.join(SCRIPTS, "gpu_check"))


def load_script(name="compare"):
    return importlib.import_module(name)


def measurement(benchmark="stream_copy", **changes):
    value = {"name": f"{benchmark}/x:1", "benchmark": benchmark, "parameters": {}, "backend": "cuda", "device": "gpu0",
             "status": "ok", "rates": {"flop_per_second": None, "bytes_per_second": 3e12},
             "work": {"flop": None, "bytes": 6e9}, "peak": {"fraction_of_peak": 0.75}}
    value.update(changes)
    return value


class GpuCheck(unittest.TestCase):
    def test_without_a_gpu_it_says_so_and_exits_4(self):
        if glob.glob("/dev/nvidia[0-9]*") or os.path.exists("/dev/dxg"):
            self.skipTest("there is a GPU here")
        done = subprocess.run([os.path.join(SCRIPTS, "gpu_check.sh")], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("no NVIDIA GPU here", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_an_unknown_argument_is_refused(self):
        done = subprocess.run([os.path.join(SCRIPTS, "gpu_check.sh"), "--what"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)

    def test_wrong_values_are_refused_before_anything_is_done(self):
        for arguments, text in ((("--suite", "qick"), "quick, standard or full"), (("--repeat", "1"), "two or more")):
            done = subprocess.run([os.path.join(SCRIPTS, "gpu_check.sh"), *arguments], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(text, done.stderr)

    def test_repeating_without_python_is_refused_before_anything_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            # As unpacked, with programs that must not be run, and with the commands that the script needs until then.
            for name in ("bin", "scripts", "commands"):
                os.mkdir(os.path.join(folder, name))
            program = os.path.join(folder, "bin", "gpubench")
            shutil.copy(shutil.which("false"), program)
            shutil.copy(os.path.join(SCRIPTS, "gpu_check.sh"), os.path.join(folder, "scripts"))
            for name in ("bash", "dirname"):
                os.symlink(shutil.which(name), os.path.join(folder, "commands", name))
            done = subprocess.run([os.path.join(folder, "scripts", "gpu_check.sh"), "--repeat", "3"],
                                  env={"PATH": os.path.join(folder, "commands")}, capture_output=True, text=True,
                                  check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("--repeat needs python3", done.stderr)

    def test_every_script_that_builds_takes_cmake_arguments(self):
        with tempfile.TemporaryDirectory() as folder:
            told = os.path.join(folder, "told")
            cmake = os.path.join(folder, "cmake")
            with open(cmake, "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\necho "$@" >> {told}\n')
            os.chmod(cmake, 0o755)
            variables = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}",
                         "GPUBENCH_CMAKE_ARGS": "-DONE=1 -DTWO=2"}
            subprocess.run([os.path.join(SCRIPTS, "build.sh"), os.path.join(folder, "build"), "-DZERO=0"],
                           env=variables, check=True)
            with open(told, encoding="utf-8") as file:
                self.assertIn("-DZERO=0 -DONE=1 -DTWO=2", file.readline())

    def test_row_of_a_bandwidth_measurement(self):
        # 6 GB in 2.5 ms are 2.4 TB/s; ours is 3 TB/s.
        self.assertEqual(load_script().row(measurement(), 0.0025),
                         ("gpu0 stream_copy/x:1", "GB/s", 3000.0, 2400.0, 1.25, 0.75))

    def test_row_of_a_gemm_in_tera_flop(self):
        gemm = measurement("gemm_bf16", rates={"flop_per_second": 7e14, "bytes_per_second": 1e12},
                           work={"flop": 7e12, "bytes": 1e9}, peak=None)
        self.assertEqual(load_script().row(gemm, 0.01), ("gpu0 gemm_bf16/x:1", "TFLOP/s", 700.0, 700.0, 1.0, None))

    def test_without_pytorch_its_cells_are_empty_and_not_zero(self):
        script = load_script()
        lines = script.text_of([script.row(measurement(), None)]).splitlines()
        self.assertEqual(lines[0].split(), ["benchmark", "unit", "gpubench", "PyTorch", "ratio", "of", "peak"])
        self.assertEqual(lines[1].split(), ["gpu0", "stream_copy/x:1", "GB/s", "3,000.0", "-", "-", "75.0%"])

    def test_failed_and_host_measurements_are_left_out(self):
        run = {"measurements": [measurement(status="failed"), measurement(backend="host"), measurement()]}
        self.assertEqual(len(load_script().measured_on_gpu(run)), 1)

    def test_a_run_without_gpu_measurements_is_an_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"measurements": [measurement(backend="host")]}, file)
            file.flush()
            done = subprocess.run([sys.executable, os.path.join(SCRIPTS, "gpu_check", "compare.py"), file.name],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("holds no measurement of a GPU", done.stderr)

    def test_networks_are_compared_by_their_items_and_bound_work_by_what_binds_it(self):
        script = load_script()
        network = measurement("resnet50_training_step_fp16", rates={"items_per_second": 3000.0, "flop_per_second": 7e13},
                              work={"items": 256, "item": "image", "flop": 6e12}, peak=None)
        self.assertEqual(script.row(network, 0.1)[1:5], ("image/s", 3000.0, 2560.0, 3000.0 / 2560.0))
        decode = measurement("attention_forward_bf16", rates={"flop_per_second": 1e12, "bytes_per_second": 2e12},
                             work={"flop": 1e9, "bytes": 2e9}, peak={"peak_kind": "memory bandwidth"})
        self.assertEqual(script.row(decode, None)[1:3], ("GB/s", 2000.0))

    def test_what_pytorch_cannot_do_is_an_empty_cell_and_ends_nothing(self):
        self.assertEqual(load_script("torch_work").work_of(unittest.mock.Mock(), measurement("memory_latency"), None), [])

    def test_a_layers_training_step_is_not_taken_for_its_forward_pass(self):
        networks = load_script("torch_networks")
        self.assertEqual(networks.split_network("transformer_layer_training_bf16", "transformer_layer_training"),
                         ("transformer_layer_training", "bf16"))
        self.assertIsNone(networks.transformer_layer(None, "transformer_layer_training_bf16", {}, None))
        self.assertIsNone(networks.transformer_training(None, "transformer_layer_prefill_bf16", {}, None))

    def test_the_spread_counts_only_long_benchmarks_that_every_run_has(self):
        script = load_script("spread")

        def run(*medians):
            return {"measurements": [measurement(name=f"b{i}", time_ns={"median": m}) for i, m in enumerate(medians)]}

        rows = script.spreads([run(1e6, 50e3, 2e6), run(1.01e6, 60e3), run(0.99e6, 55e3, 3e6)])
        self.assertEqual([(name, middle) for name, middle, _ in rows], [("gpu0 b0", 1e6)])
        self.assertAlmostEqual(rows[0][2], 0.02)


if __name__ == "__main__":
    unittest.main()
