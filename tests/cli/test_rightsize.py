"""gpubench rightsize against a real Prometheus server with seven days of made-up series, and against files."""

import csv
import json
import os
import subprocess
import time
import unittest

import observed
import servers
from harness import ENVIRONMENT, PROGRAM, SOURCE, ProgramTest, environment
from observed import BEGIN, END, STEP, Series, around, constant, office_hours

A100_40, A100_80, H100, L4 = ("NVIDIA A100-SXM4-40GB", "NVIDIA A100-SXM4-80GB", "NVIDIA H100 80GB HBM3", "NVIDIA L4")


class Rightsize(ProgramTest):
    def setUp(self):
        super().setUp()
        self.catalogue = observed.write_catalogue(self.here / "catalogue")

    def answer_of(self, *arguments, **options):
        done = self.succeed("rightsize", *arguments, "--profiles", self.catalogue, "--as-of", "2026-11-22", "--format",
                            "json", **options)
        answer = json.loads(done.stdout)
        try:
            import jsonschema
        except ImportError:
            return answer
        schema = json.loads((SOURCE / "rightsizing" / "schema" / "gpubench.rightsizing-1.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(answer)
        return answer

    def prometheus(self, series):
        folder = self.here / "prometheus"
        folder.mkdir()
        servers.load_series(self, folder, series.text())
        return servers.start_prometheus(self, folder, "global: {}\n")

    def ask(self, series, *arguments, step="30m"):
        self.url = self.prometheus(series)
        return self.answer_of("--prometheus", self.url, "--until", observed.UNTIL, "--step", step, *arguments)

    def machine(self, answer, host=None):
        found = [each for each in answer["machines"] if host is None or each["host"] == host]
        self.assertEqual(len(found), 1, [each.get("host") for each in answer["machines"]])
        return found[0]

    def assert_bound(self, machine, bound):
        self.assertEqual({device["bound"] for device in machine["devices"]}, {bound}, machine["sentence"])

    def assert_choice(self, machine, provider, instance_type, instances=1):
        choice = machine["choice"]
        self.assertEqual((choice["provider"], choice["instance_type"], choice["instances"]),
                         (provider, instance_type, instances), machine["sentence"])


class Known(Rightsize):
    """Seven days each whose right answer is known."""

    def test_gpu_without_work_is_to_be_stopped(self):
        series = Series().dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=constant(0), DEV_FB_USED=constant(5),
                               labels={"exported_namespace": "research", "exported_pod": "notebook-0"})
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assertEqual(machine["answer"], "stop")
        self.assert_bound(machine, "idle")
        # 730 hours of $3.70.
        self.assertAlmostEqual(machine["saving_usd_per_month"]["low"], 2701)
        self.assertEqual(machine["devices"][0]["owner"], "research/notebook")

    def test_tensor_cores_at_their_limit_are_bound_by_compute(self):
        series = Series().dcgm("a", 0, H100, 81559, DEV_GPU_UTIL=around(99, 0.01), PROF_GR_ENGINE_ACTIVE=around(0.97, 0.02),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.7), PROF_DRAM_ACTIVE=around(0.3),
                               PROF_SM_ACTIVE=around(0.9), DEV_FB_USED=around(60000))
        machine = self.machine(self.ask(series, "--instance", "a3-highgpu-1g"))
        self.assert_bound(machine, "compute")
        # Nothing is faster but the H200, of eight GPUs; nothing cheaper does it.
        self.assertEqual(machine["answer"], "keep")

    def test_memory_traffic_at_its_limit_is_bound_by_memory_bandwidth(self):
        # A full A100 of 1.56 TB/s: an H100 has 2.15 times the bandwidth for 3 times the money, an A100 of 80 GB 1.3
        # times for 1.38 times: a month of the work costs no less there.
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=around(0.97, 0.02),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.1), PROF_DRAM_ACTIVE=around(0.72),
                               PROF_SM_ACTIVE=around(0.85), DEV_FB_USED=around(30000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assert_bound(machine, "memory bandwidth")
        self.assertEqual(machine["answer"], "keep")

    def test_work_that_only_memory_keeps_on_a_large_gpu(self):
        # Little arithmetic, but 72 of 80 GB: nothing smaller has the memory.
        series = Series().dcgm("a", 0, A100_80, 81920, PROF_GR_ENGINE_ACTIVE=around(0.4), DEV_GPU_UTIL=around(40),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.05), PROF_DRAM_ACTIVE=around(0.1),
                               PROF_SM_ACTIVE=around(0.3), DEV_FB_USED=around(74000, 0.03))
        machine = self.machine(self.ask(series, "--instance", "a2-ultragpu-1g"))
        self.assert_bound(machine, "memory size")
        self.assertEqual(machine["answer"], "keep")

    def test_gpu_that_waits_for_its_cpus_gets_more_of_them(self):
        series = Series().dcgm("a", 0, L4, 23034, DEV_GPU_UTIL=around(35), PROF_GR_ENGINE_ACTIVE=around(0.35),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.15), PROF_DRAM_ACTIVE=around(0.2),
                               DEV_FB_USED=around(12000))
        series.host_cpus("a", 4, 3.9)
        machine = self.machine(self.ask(series, "--instance", "g6.xlarge"))
        self.assert_bound(machine, "host")
        self.assertEqual(machine["answer"], "more CPUs")
        self.assert_choice(machine, "aws", "g6.4xlarge")
        self.assertLessEqual(machine["choice"]["speed"]["high"], 1 / 0.35 + 0.1)

    def test_small_service_moves_from_an_a100_to_an_l4(self):
        # 8 % busy at 5 % of the tensor cores: an L4 has two fifths of the arithmetic and a fifth of the bandwidth.
        series = Series().dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=around(8), PROF_GR_ENGINE_ACTIVE=around(0.08),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.01), PROF_DRAM_ACTIVE=around(0.02),
                               PROF_PIPE_FP64_ACTIVE=constant(0), PROF_SM_ACTIVE=around(0.04), DEV_FB_USED=around(6000))
        series.host_cpus("a", 12, 1.0)
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assertEqual(machine["answer"], "replace")
        # A T4 costs less than an L4 and does it too, in fp16.
        self.assert_choice(machine, "aws", "g4dn.xlarge")
        self.assertEqual(machine["choice"]["precision"], "fp16")
        # 730 * (3.7 - 0.5)
        self.assertAlmostEqual(machine["saving_usd_per_month"]["low"], 2336)

    def test_fp64_that_was_not_observed_promises_nothing_on_gpus_with_little_of_it(self):
        # The small service again, without the FP64 pipe: an L4 or T4 has a fortieth of an A100's rate.
        series = Series().dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=around(8), PROF_GR_ENGINE_ACTIVE=around(0.08),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.01), PROF_DRAM_ACTIVE=around(0.02),
                               PROF_SM_ACTIVE=around(0.04), DEV_FB_USED=around(6000))
        series.host_cpus("a", 12, 1.0)
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        # All of 4 % in FP64 would keep an L40S, of a fourteenth, busy for 60 % of the time, and a T4 for longer than there is.
        self.assert_choice(machine, "aws", "g6e.xlarge")
        self.assertEqual(machine["if_less_was_needed"]["instance_type"], "g4dn.xlarge")
        self.assertIn("DCGM_FI_PROF_PIPE_FP64_ACTIVE", " ".join(machine["missing_evidence"]))

    def test_utilisation_alone_cannot_tell_and_nothing_is_promised(self):
        series = Series().dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=around(95, 0.02), DEV_FB_USED=around(15000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assert_bound(machine, "unknown")
        self.assertEqual(machine["answer"], "perhaps")
        self.assertEqual(machine["saving_usd_per_month"]["low"], 0)
        missing = " ".join(machine["missing_evidence"])
        for metric in ("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_PROF_DRAM_ACTIVE", "DCGM_FI_PROF_PIPE_FP64_ACTIVE", "CPU use"):
            self.assertIn(metric, missing)

    def test_slice_is_judged_by_its_engine_and_not_by_utilisation(self):
        # Under MIG the exporter tells GPU_UTIL as 0.
        mig = {"GPU_I_PROFILE": "1g.5gb", "GPU_I_ID": "7"}
        series = Series().dcgm("a", 0, A100_40, 4864, labels=mig, PROF_GR_ENGINE_ACTIVE=around(0.9, 0.02),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.6, 0.02), PROF_DRAM_ACTIVE=around(0.3),
                               DEV_FB_USED=around(4000))
        series.dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=constant(0))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assertEqual([device["slice"] for device in machine["devices"]], ["1g.5gb"])
        self.assert_bound(machine, "compute")
        self.assertNotEqual(machine["answer"], "stop")

    def test_two_busy_gpus_of_eight_need_two(self):
        series = Series()
        for gpu in range(8):
            busy = gpu < 2
            series.dcgm("a", gpu, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=around(0.9, 0.02) if busy else constant(0),
                        PROF_PIPE_TENSOR_ACTIVE=around(0.6, 0.02) if busy else constant(0),
                        PROF_DRAM_ACTIVE=around(0.4) if busy else constant(0), DEV_FB_USED=around(30000) if busy else constant(3),
                        PROF_NVLINK_TX_BYTES=around(4e10) if busy else constant(0))
        machine = self.machine(self.ask(series, "--instance", "p4d.24xlarge"))
        self.assertEqual(machine["answer"], "replace")
        # They talk over NVLink: two single ones would not do.
        self.assert_choice(machine, "gcp", "a2-highgpu-2g")
        self.assertIn("6 of 8 GPUs idle", machine["sentence"])

    def test_copies_at_the_rate_of_pcie_are_bound_by_it(self):
        # PCIe 4.0 x16: 31.5 GB/s one way.
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=around(0.5),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.1), PROF_DRAM_ACTIVE=around(0.15),
                               PROF_PCIE_RX_BYTES=around(2.2e10), PROF_PCIE_TX_BYTES=around(1e9), DEV_FB_USED=around(20000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        self.assert_bound(machine, "interconnect")

    def test_small_kernels_leave_multiprocessors_without_work(self):
        series = Series().dcgm("a", 0, H100, 81559, PROF_GR_ENGINE_ACTIVE=around(0.75, 0.02), DEV_GPU_UTIL=around(99, 0.01),
                               PROF_PIPE_FP64_ACTIVE=constant(0), PROF_SM_ACTIVE=around(0.12), PROF_PIPE_TENSOR_ACTIVE=around(0.02),
                               PROF_DRAM_ACTIVE=around(0.03), DEV_FB_USED=around(9000))
        machine = self.machine(self.ask(series, "--instance", "a3-highgpu-1g"))
        self.assert_bound(machine, "parallelism")
        self.assertEqual(machine["answer"], "replace", machine["sentence"])
        # 12 % of 132 multiprocessors have room on an A100's 108; an L4 or T4 has a tenth of the bandwidth, and then
        # the little traffic takes as long as all the rest.
        self.assert_choice(machine, "gcp", "a2-highgpu-1g")

    def test_arithmetic_and_memory_alike_are_mixed(self):
        series = Series().dcgm("a", 0, H100, 81559, PROF_GR_ENGINE_ACTIVE=around(0.97, 0.02),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.6, 0.02), PROF_DRAM_ACTIVE=around(0.62, 0.02),
                               DEV_FB_USED=around(60000))
        self.assert_bound(self.machine(self.ask(series, "--instance", "a3-highgpu-1g")), "mixed")

    def test_office_hours_leave_the_rest_of_the_week_off(self):
        series = Series().dcgm("a", 0, A100_40, 40960, DEV_GPU_UTIL=office_hours(90), DEV_FB_USED=office_hours(30000, 500),
                               PROF_GR_ENGINE_ACTIVE=office_hours(0.9), PROF_PIPE_TENSOR_ACTIVE=office_hours(0.6),
                               PROF_DRAM_ACTIVE=office_hours(0.5))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g"))
        # 50 of 168 hours have work.
        self.assertAlmostEqual(machine["devices"][0]["idle_hours_fraction"], 118 / 168, delta=0.01)
        self.assertAlmostEqual(machine["devices"][0]["busy_time_fraction"], 50 / 168, delta=0.01)
        self.assert_bound(machine, "compute")
        self.assertIn("70 % of the week's hours", machine["sentence"])

    def test_four_half_idle_gpus_share_slices(self):
        # Each needs a seventeenth of an A100 and 3 GB: a 1g.5gb each, of which one GPU has seven.
        series = Series()
        for gpu in range(4):
            series.dcgm("a", gpu, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=around(0.06, 0.02), PROF_SM_ACTIVE=around(0.04),
                        PROF_PIPE_TENSOR_ACTIVE=around(0.02), PROF_DRAM_ACTIVE=around(0.02), DEV_FB_USED=around(3000),
                        PROF_NVLINK_TX_BYTES=constant(0))
        for gpu in range(4, 8):
            series.dcgm("a", gpu, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=constant(0), DEV_FB_USED=constant(3))
        series.host_cpus("a", 4, 2.0)
        machine = self.machine(self.ask(series, "--instance", "p4d.24xlarge", "--gpu", "A100"))
        self.assertEqual(machine["answer"], "replace", machine["sentence"])
        self.assert_choice(machine, "gcp", "a2-highgpu-1g")
        self.assertEqual(machine["choice"]["placement"], "MIG 1g.5gb")
        # A slice has an eighth of the memory's bandwidth and a seventh of the multiprocessors.
        self.assertLessEqual(machine["choice"]["speed"]["low"], 1 / 7)

    def test_full_old_gpu_does_the_work_for_less_on_a_newer_one(self):
        # Bound by tensor cores: an H100 has 3.2 times those of an A100; at 7 $ an hour against 3.7 a month of the work
        # costs less there.
        prices = self.catalogue / "prices.csv"
        prices.write_text(prices.read_text().replace(",11,USD", ",7,USD"))
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=around(0.99, 0.005),
                               PROF_PIPE_TENSOR_ACTIVE=around(0.79, 0.01), PROF_DRAM_ACTIVE=around(0.3),
                               PROF_SM_ACTIVE=around(0.95, 0.01), DEV_FB_USED=around(30000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g", "--gpu", "A100|H100"))
        self.assertEqual(machine["answer"], "faster", machine["sentence"])
        self.assert_choice(machine, "gcp", "a3-highgpu-1g")
        self.assertGreater(machine["choice"]["speed"]["low"], 1.9)
        self.assertLess(machine["choice"]["speed"]["high"], 3.3)
        # Six hours of the same may be the only ones with work: perhaps.
        short = self.machine(self.answer_of("--prometheus", self.url, "--until", observed.UNTIL, "--step", "30m", "--window",
                                            "6h", "--instance", "a2-highgpu-1g", "--gpu", "A100|H100"))
        self.assertEqual(short["answer"], "perhaps", short["sentence"])
        self.assert_choice(short, "gcp", "a3-highgpu-1g")
        self.assertEqual(short["saving_usd_per_month"]["low"], 0)
        self.assertAlmostEqual(short["saving_usd_per_month"]["high"], machine["saving_usd_per_month"]["high"], delta=5)
        self.assertIn("less time", short["sentence"])
        self.assertIn("more time: 6.", " ".join(short["missing_evidence"]))

    def test_work_of_office_hours_saves_for_its_hours_alone_on_a_faster_gpu(self):
        # The same work in 50 of 168 hours: what is saved by having it off between is no merit of the faster GPU.
        prices = self.catalogue / "prices.csv"
        prices.write_text(prices.read_text().replace(",11,USD", ",7,USD"))
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=office_hours(0.99),
                               PROF_PIPE_TENSOR_ACTIVE=office_hours(0.79), PROF_DRAM_ACTIVE=office_hours(0.3),
                               PROF_SM_ACTIVE=office_hours(0.95), DEV_FB_USED=office_hours(30000, 500))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g", "--gpu", "A100|H100"))
        self.assertEqual(machine["answer"], "faster", machine["sentence"])
        working, speed = machine["devices"][0]["busy_time_fraction"], machine["choice"]["speed"]
        self.assertAlmostEqual(working, 50 / 168, delta=0.01)
        for end in ("low", "high"):
            self.assertAlmostEqual(machine["saving_usd_per_month"][end], working * 730 * (3.7 - 7 / speed[end]), delta=0.01)
        self.assertIn("30 % of the time", machine["sentence"])

    def test_waits_between_are_no_shorter_on_a_faster_gpu(self):
        # Full at its busiest, but active for half of its working time: twice as fast a GPU ends a quarter sooner.
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=lambda at: 0.98 if at // STEP % 5 < 1 else 0.38,
                               PROF_PIPE_TENSOR_ACTIVE=constant(0.39), PROF_DRAM_ACTIVE=constant(0.1),
                               PROF_SM_ACTIVE=constant(0.45), DEV_FB_USED=around(30000))
        prices = self.catalogue / "prices.csv"
        prices.write_text(prices.read_text().replace(",11,USD", ",4.2,USD"))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g", "--gpu", "A100|H100"))
        self.assertEqual(machine["answer"], "faster", machine["sentence"])
        # The half that waits stays, however fast the GPU is.
        self.assertLess(machine["choice"]["speed"]["high"], 2)

    def test_work_that_may_wait_is_told_of_a_gpu_that_does_it_on_average(self):
        # An A100 that is busy in office hours: an L40S keeps up at the busiest, an L4 needs all day for it.
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=office_hours(0.85),
                               PROF_PIPE_TENSOR_ACTIVE=office_hours(0.3), PROF_PIPE_FP64_ACTIVE=constant(0),
                               PROF_DRAM_ACTIVE=office_hours(0.15), PROF_SM_ACTIVE=office_hours(0.4),
                               DEV_FB_USED=office_hours(12000, 500))
        url = self.prometheus(series)
        ask = ("--prometheus", url, "--until", observed.UNTIL, "--step", "30m", "--instance", "a2-highgpu-1g", "--gpu",
               "A100|L40S|L4")
        machine = self.machine(self.answer_of(*ask))
        self.assertEqual(machine["answer"], "replace", machine["sentence"])
        self.assert_choice(machine, "aws", "g6e.xlarge")
        self.assertEqual(machine["if_work_may_wait"]["instance_type"], "g6.xlarge")
        self.assertTrue(machine["if_work_may_wait"]["work_may_wait"])
        self.assertIn("--may-wait", machine["sentence"])
        patient = self.machine(self.answer_of(*ask, "--may-wait"))
        self.assert_choice(patient, "aws", "g6.xlarge")
        self.assertLessEqual(patient["choice"]["busy"]["high"], 0.9)
        self.assertNotIn("if_work_may_wait", patient)
        self.assertIn("busy on average", patient["sentence"])
        self.assertNotIn("off in them", patient["sentence"], "the hours that were idle have work then")

    def test_rare_bursts_are_as_busy_as_they_are(self):
        # Full in one step of eighteen and nearly idle else: the 95th percentile of all steps would see nothing of it.
        series = Series().dcgm("a", 0, A100_40, 40960, PROF_GR_ENGINE_ACTIVE=lambda at: 0.99 if at // STEP % 21 == 0 else 0.01,
                               PROF_PIPE_TENSOR_ACTIVE=lambda at: 0.7 if at // STEP % 21 == 0 else 0.0,
                               PROF_PIPE_FP64_ACTIVE=constant(0), PROF_DRAM_ACTIVE=lambda at: 0.3 if at // STEP % 21 == 0 else 0.0,
                               PROF_SM_ACTIVE=lambda at: 0.9 if at // STEP % 21 == 0 else 0.0, DEV_FB_USED=around(12000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g", "--gpu", "A100|^L4$"))
        device = machine["devices"][0]
        self.assertLess(device["activity"]["p95"], 0.05)
        self.assertGreater(device["busy_p95"], 0.9)
        self.assertEqual(machine["answer"], "keep", machine["sentence"])
        # All of it is little: an L4 gets it done where it may wait.
        self.assertEqual(machine["if_work_may_wait"]["instance_type"], "g6.xlarge")

    def test_traffic_of_a_slice_is_of_its_share_of_the_bandwidth(self):
        # 3g.20gb of an A100 has half of its 1555 GB/s, 2.59 times an L4's 300; by its share of the multiprocessors, 42 of
        # 108, it would be 2.02 times.
        mig = {"GPU_I_PROFILE": "3g.20gb", "GPU_I_ID": "2"}
        series = Series().dcgm("a", 0, A100_40, 20096, labels=mig, PROF_GR_ENGINE_ACTIVE=constant(0.4),
                               PROF_PIPE_TENSOR_ACTIVE=constant(0.01), PROF_PIPE_FP64_ACTIVE=constant(0),
                               PROF_DRAM_ACTIVE=constant(0.3), PROF_SM_ACTIVE=constant(0.3), DEV_FB_USED=around(9000))
        machine = self.machine(self.ask(series, "--instance", "a2-highgpu-1g", "--gpu", "^L4$"))
        # At the most: 0.3 / 0.95 of the 0.4 that it is active are traffic, and the rest is 10 % shorter.
        traffic = 0.3 / 0.95
        expected = 0.4 / (traffic * 777.5 / 300 + (0.4 - traffic) * 0.9)
        self.assertAlmostEqual(machine["choice"]["speed"]["high"], expected, delta=0.005)


class Exporters(Rightsize):
    """The same work as different exporters tell it: 8 % busy with 6 GB of an A100."""

    def assert_small(self, answer, *units):
        machine = self.machine(answer)
        device = machine["devices"][0]
        self.assertAlmostEqual(device["activity"]["mean"], 0.08, delta=0.005)
        self.assertAlmostEqual(device["memory_used_max_bytes"], 6000 * observed.MIB, delta=400 * observed.MIB)
        self.assertAlmostEqual(device["memory_total_bytes"], 40960 * observed.MIB, delta=observed.MIB)
        self.assertEqual(device["model"], A100_40)
        for unit in units:
            self.assertIn(unit, " ".join(answer["observed"]["units"]))

    def test_own_exporter(self):
        labels = {"gpu": 0, "uuid": "GPU-1", "name": A100_40, "instance": "a:9835"}
        series = (Series().add("gpubench_gpu_utilization_ratio", labels, around(0.08))
                  .add("gpubench_gpu_memory_used_bytes", labels, around(6000 * observed.MIB))
                  .add("gpubench_gpu_memory_total_bytes", labels, constant(40960 * observed.MIB))
                  .add("gpubench_host_cpus", {"instance": "a:9835"}, constant(12))
                  .add("gpubench_host_cpu_busy_seconds_total", {"instance": "a:9835"}, observed.counter(3), 600))
        answer = self.ask(series)
        self.assert_small(answer, "gpubench_gpu_utilization_ratio (gpubench monitor), fraction")
        self.assertAlmostEqual(self.machine(answer)["devices"][0]["host_cpu_fraction"], 0.25, delta=0.01)

    def test_nvidia_gpu_exporter_with_names_apart(self):
        labels = {"uuid": "1-2-3", "instance": "a:9835"}
        series = (Series().add("nvidia_smi_utilization_gpu_ratio", labels, around(0.08))
                  .add("nvidia_smi_memory_used_bytes", labels, around(6000 * observed.MIB))
                  .add("nvidia_smi_memory_total_bytes", labels, constant(40960 * observed.MIB))
                  .add("nvidia_smi_gpu_info", {**labels, "name": A100_40}, constant(1)))
        self.assert_small(self.ask(series), "nvidia_smi_utilization_gpu_ratio (nvidia_gpu_exporter), fraction")

    def test_telegraf_with_the_same_stem_and_other_units(self):
        labels = {"host": "a", "index": 0, "uuid": "GPU-1", "name": A100_40}
        series = (Series().add("nvidia_smi_utilization_gpu", labels, around(8))
                  .add("nvidia_smi_memory_used", labels, around(6000)).add("nvidia_smi_memory_total", labels, constant(40960)))
        self.assert_small(self.ask(series), "nvidia_smi_memory_used (Telegraf), MiB")

    def test_wrong_units_are_noticed_and_said(self):
        labels = {"host": "a", "index": 0, "uuid": "GPU-1", "name": A100_40}
        series = (Series().add("nvidia_smi_utilization_gpu_ratio", labels, around(8))
                  .add("nvidia_smi_memory_used", labels, around(6000 * observed.MIB))
                  .add("nvidia_smi_memory_total", labels, constant(40960 * observed.MIB)))
        answer = self.ask(series)
        self.assert_small(answer)
        notes = " ".join(answer["observed"]["notes"])
        self.assertIn("taken for per cent", notes)
        self.assertIn("taken for bytes", notes)

    def test_pods_cpu_limit_and_kubernetes_labels(self):
        pod = {"exported_namespace": "vision", "exported_pod": "serve-7d4b9c6f5d-x2k9q"}
        series = Series().dcgm("node1", 0, A100_40, 40960, labels=pod, DEV_GPU_UTIL=around(30),
                               PROF_GR_ENGINE_ACTIVE=around(0.3), PROF_PIPE_TENSOR_ACTIVE=around(0.1),
                               PROF_DRAM_ACTIVE=around(0.1), DEV_FB_USED=around(6000))
        mine = {"namespace": "vision", "pod": "serve-7d4b9c6f5d-x2k9q"}
        series.add("container_cpu_usage_seconds_total", {**mine, "container": "serve"}, observed.counter(1.95), 600)
        series.add("kube_pod_container_resource_limits", {**mine, "container": "serve", "resource": "cpu"}, constant(2))
        series.add("kube_node_labels", {"node": "node1", "label_node_kubernetes_io_instance_type": "a2-highgpu-1g"},
                   constant(1))
        machine = self.machine(self.ask(series))
        self.assertEqual(machine["present"]["instance_type"], "a2-highgpu-1g")
        self.assertEqual(machine["devices"][0]["owner"], "vision/serve")
        self.assertAlmostEqual(machine["devices"][0]["host_cpu_fraction"], 0.975, delta=0.01)
        self.assert_bound(machine, "host")

    def test_hostile_labels_do_not_reach_the_terminal(self):
        labels = {"gpu": 0, "UUID": "GPU-1", "modelName": "\x1b[31mred", "Hostname": "a\x1b]0;title\x07", "team": "\x9b31m"}
        series = Series().add("DCGM_FI_DEV_GPU_UTIL", labels, constant(50))
        done = self.succeed("rightsize", "--prometheus", self.prometheus(series), "--until", observed.UNTIL, "--owner-label",
                            "team", "--profiles", self.catalogue)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\x07", done.stdout)
        self.assertNotIn("\x9b", done.stdout)
        self.assertIn("No answer", done.stdout)

    def test_nvidia_smi_logs(self):
        times = [f"2026/11/{15 + at // 86400:02d} {at % 86400 // 3600:02d}:{at % 3600 // 60:02d}:00.123"
                 for at in range(0, 7 * 86400, 600)]
        forms = {
            "units.csv": ("timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB]",
                          f"{{}}, 0, GPU-1, {A100_40}, 8 %, 6000 MiB, 40960 MiB"),
            "nounits.csv": ("timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB]",
                            f"{{}}, 0, GPU-1, {A100_40}, 8, 6000, 40960"),
            "bare.csv": ("timestamp,index,uuid,name,utilization.gpu,memory.used,memory.total",
                         f"{{}},0,GPU-1,{A100_40},8,6000,40960")}
        for name, (header, line) in forms.items():
            # The header comes again where a log was gone on with; some values are not available.
            lines = [header, *(line.format(at) for at in times[:500]), header, *(line.format(at) for at in times[500:])]
            lines.append(lines[1].replace("8 %", "[N/A]").replace("6000 MiB", "[Unknown Error]"))
            self.write(name, "\n".join(lines) + "\n")
            self.assert_small(self.answer_of("--nvidia-smi", name, "--instance", "a2-highgpu-1g"))

    def test_stop_is_said_only_of_what_was_seen_to_do_nothing(self):
        header = "timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB]"

        def advice(use, seconds=7 * 86400):
            lines = [f"2026/11/{15 + at // 86400:02d} {at % 86400 // 3600:02d}:{at % 3600 // 60:02d}:00.123, 0, GPU-1, "
                     f"{A100_40}, {use(at)} %, 30000 MiB, 40960 MiB" for at in range(0, seconds, 600)]
            self.write("log.csv", "\n".join([header, *lines]) + "\n")
            return self.machine(self.answer_of("--nvidia-smi", "log.csv", "--instance", "a2-highgpu-1g"))

        idle = advice(lambda at: 0)
        self.assertEqual(idle["answer"], "stop")
        self.assertIn("Stop it and save", idle["sentence"])
        for use in (lambda at: 100 if at % 86400 < 3600 else 0, lambda at: 4):
            works = advice(use)
            self.assertEqual(works["answer"], "off between")
            self.assertIn("Turn it off between", works["sentence"])
        # By the hours that it had nothing to do, at the price of the instance.
        daily = advice(lambda at: 100 if at % 86400 < 3600 else 0)
        self.assertIn("nothing to do in 96 %", daily["sentence"])
        # 161 of 168 hours of $3.70; counted at the head of the answer too.
        self.assertAlmostEqual(daily["saving_usd_per_month"]["low"], 161 / 168 * 3.7 * 730, delta=1)
        shown = self.succeed("rightsize", "--nvidia-smi", "log.csv", "--instance", "a2-highgpu-1g", "--profiles",
                             self.catalogue, "--as-of", "2026-11-22").stdout
        self.assertRegex(shown.splitlines()[0], r"^\$2,5\d\d a month can be saved on 1 of 1 machine")
        short = advice(lambda at: 0, seconds=6 * 3600)
        self.assertEqual(short["answer"], "unknown")
        self.assertIn("too little (6.00 h", short["sentence"])

    def test_gpus_of_the_instance_that_nobody_saw_promise_nothing(self):
        # nvidia-smi -i 0 on a machine of eight.
        log = ("--nvidia-smi", self.log(A100_40, use=0), "--instance", "p4d.24xlarge")
        idle = self.machine(self.answer_of(*log))
        self.assertEqual(idle["answer"], "unknown", idle["sentence"])
        self.assertNotIn("saving_usd_per_month", idle)
        self.assertIn("nothing was seen of 7 of 8 GPUs", idle["sentence"])
        self.assertIn("7 of 8 GPUs of aws p4d.24xlarge", idle["missing_evidence"])
        self.log(A100_40, use=8)
        works = self.machine(self.answer_of(*log))
        self.assertEqual(works["answer"], "perhaps", works["sentence"])
        self.assertEqual(works["saving_usd_per_month"]["low"], 0)
        self.assertIn("nothing was seen of 7 of 8 GPUs", works["sentence"])
        self.log(A100_40, use=0, gpus=8)
        whole = self.machine(self.answer_of(*log))
        self.assertEqual(whole["answer"], "stop", whole["sentence"])
        # An instance that is only assumed has as many as were seen.
        self.log(A100_40, use=0)
        self.assertEqual(self.machine(self.answer_of(*log[:2]))["answer"], "stop")

    def test_hosts_cpus_make_no_gpu_seen_for_longer(self):
        series = Series().add("DCGM_FI_DEV_GPU_UTIL", {"gpu": 0, "UUID": "GPU-1", "modelName": L4, "Hostname": "a",
                                                       "instance": "a:9400"}, constant(0), begin=END - 2 * 3600)
        series.host_cpus("a", 4, 1.0)
        machine = self.machine(self.ask(series, "--instance", "g6.xlarge"))
        self.assertAlmostEqual(machine["devices"][0]["host_cpu_fraction"], 0.25, delta=0.01)
        self.assertEqual(machine["answer"], "unknown", machine["sentence"])
        self.assertLess(machine["devices"][0]["observed_fraction"], 0.02)

    def test_little_that_was_seen_promises_nothing(self):
        header = "timestamp,index,uuid,name,utilization.gpu,memory.used,memory.total\n"
        lines = [f"2026-11-20T00:0{minute}:00Z,0,GPU-1,{A100_80},12,6000,81920\n" for minute in range(10)]
        self.write("short.csv", header + "".join(lines))
        machine = self.machine(self.answer_of("--nvidia-smi", "short.csv", "--instance", "a2-ultragpu-1g"))
        self.assertEqual(machine["answer"], "perhaps")
        self.assertEqual(machine["saving_usd_per_month"]["low"], 0)
        self.assertIn("more time: 10.0 min, 100 % of the window were seen", " ".join(machine["missing_evidence"]))
        self.assertAlmostEqual(machine["saving_usd_per_month"]["high"],
                               machine["present"]["usd_per_month"] - machine["choice"]["usd_per_month"], delta=0.01)

    def test_one_broken_reading_costs_only_itself(self):
        whole = (self.here / self.log(A100_40, use=65)).read_text()
        self.assertIn(",65,", whole)
        for broken in ("255", "9223372036854775794"):
            self.write("broken.csv", whole.replace(",65,", f",{broken},", 1))
            answer = self.answer_of("--nvidia-smi", "broken.csv", "--instance", "a2-highgpu-1g")
            machine = self.machine(answer)
            self.assertAlmostEqual(machine["devices"][0]["activity"]["mean"], 0.65)
            self.assertNotEqual(machine["answer"], "stop")
            self.assertRegex(" ".join(answer["observed"]["notes"]), "gpu_utilization: 1 of 336 observations left out .*GPU 0")
        self.write("broken.csv", whole.replace(",65,6000,", ",65,99999999999,", 1))
        device = self.machine(self.answer_of("--nvidia-smi", "broken.csv", "--instance", "a2-highgpu-1g"))["devices"][0]
        self.assertLess(device["memory_used_max_bytes"], 7000 * observed.MIB)

    def test_memory_that_the_model_does_not_have_is_not_used(self):
        self.log(A100_40, used=8, total=41)  # GiB under a name of MiB
        machine = self.machine(self.answer_of("--nvidia-smi", "made.csv", "--instance", "a2-highgpu-1g"))
        self.assertNotIn("memory_used_max_bytes", {key for key, value in machine["devices"][0].items() if value is not None})
        self.assertIn("41 MiB in all are not those of A100-SXM4-40GB", " ".join(machine["missing_evidence"]))

    def test_full_memory_says_no_more_than_was_seen(self):
        lines = ["timestamp,index,uuid,name,utilization.gpu,memory.used,memory.total"]
        lines += [f"{time.strftime('%Y/%m/%d %H:%M:%S', time.gmtime(at))},0,GPU-1,{A100_40},40,"
                  f"{39000 if at % 1200 else 20000},40960" for at in range(BEGIN, END, 600)]
        self.write("log.csv", "\n".join(lines) + "\n")
        device = self.machine(self.answer_of("--nvidia-smi", "log.csv", "--instance", "a2-highgpu-1g"))["devices"][0]
        self.assertEqual(device["bound"], "memory size")
        self.assertIn("active 40 % of the time; arithmetic and memory traffic were not observed", device["reason"])
        self.assertNotIn("leisure", device["reason"])

    def log(self, model, gpus=1, use=40, used=6000, total=40960):
        """A week of nvidia-smi's log of GPUs that are alike; its name."""
        lines = ["timestamp,index,uuid,name,utilization.gpu,memory.used,memory.total"]
        lines += [f"{time.strftime('%Y/%m/%d %H:%M:%S', time.gmtime(at))},{gpu},GPU-{gpu},{model},{use},{used + at % 400},{total}"
                  for at in range(BEGIN, END, 1800) for gpu in range(gpus)]
        return self.write("made.csv", "\n".join(lines) + "\n")

    def test_foreign_and_cut_lines_of_a_log_cost_only_themselves(self):
        name = self.log(A100_40, use=8)
        whole = (self.here / name).read_text().splitlines()
        lines = [*whole[:5], "Unable to determine the device handle for GPU0: \x1b[31mGPU is lost.", *whole[5:],
                 "2026/11/21 23:59:00,0,GPU-0"]
        (self.here / name).write_text("\n".join(lines))
        answer = self.answer_of("--nvidia-smi", name, "--instance", "a2-highgpu-1g")
        self.assert_small(answer)
        notes = " ".join(answer["observed"]["notes"])
        self.assertIn("made.csv:6", notes)
        self.assertIn(f"made.csv:{len(lines)}: the last line has no end", notes)
        self.assertNotIn("\x1b", notes)
        # The most of it is something else: no log.
        (self.here / name).write_text("\n".join([whole[0], whole[1], "something", "else", ""]))
        self.refuse("rightsize", "--nvidia-smi", name, says=["made.csv:3"])

    def test_instance_that_the_log_contradicts_is_refused(self):
        for model, gpus, says in ((A100_40, 1, "but NVIDIA A100-SXM4-40GB was observed"), (L4, 4, "4 GPUs were observed")):
            self.refuse("rightsize", "--nvidia-smi", self.log(model, gpus), "--instance", "g6.xlarge", "--profiles",
                        self.catalogue, says=["--instance g6.xlarge: it has 1 x L4", says, "hint"])
        # It may have more than were seen.
        self.answer_of("--nvidia-smi", self.log(L4, gpus=2), "--instance", "g6.12xlarge")

    def test_pattern_that_matches_no_gpu_is_refused(self):
        self.refuse("rightsize", "--nvidia-smi", self.log(L4), "--gpu", "A1OO", "--profiles", self.catalogue,
                    says=["--gpu 'A1OO' matches no GPU"])

    def test_what_asks_a_server_for_less_is_refused_of_a_file(self):
        for option, value in (("--window", "1d"), ("--until", "2026-11-20"), ("--match", 'a="b"'), ("--step", "1m"),
                              ("--timeout", "1s"), ("--owner-label", "team")):
            for source in ("--nvidia-smi", "--cloudwatch"):
                self.refuse("rightsize", source, self.log(L4), option, value, says=[option, source])

    def test_more_cpus_are_not_advised_of_an_instance_that_is_only_assumed(self):
        with (self.here / "own.csv").open("w", newline="") as file:
            fields = ["time", "gpu", "uuid", "name", "gpu_up", "gpu_utilization_ratio", "gpu_memory_used_bytes",
                      "gpu_memory_total_bytes", "host_cpus", "host_cpu_busy_seconds_total"]
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            for at in range(BEGIN, END, 600):
                writer.writerow(dict(zip(fields, (
                    time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), 0, "GPU-1", L4, 1, 0.35, 12000 * observed.MIB,
                    23034 * observed.MIB, 4, 3.9 * (at - BEGIN)))))
        known = self.machine(self.answer_of("--nvidia-smi", "own.csv", "--instance", "g6.xlarge"))
        self.assertEqual(known["answer"], "more CPUs", known["sentence"])
        assumed = self.machine(self.answer_of("--nvidia-smi", "own.csv"))
        self.assert_bound(assumed, "host")
        self.assertNotEqual(assumed["answer"], "more CPUs")
        self.assertIn("--instance", " ".join(assumed["missing_evidence"]))

    def test_range_of_an_uncertain_move_has_its_cautious_end(self):
        done = self.succeed("rightsize", "--nvidia-smi", self.log(A100_40, use=60), "--instance", "a2-highgpu-1g",
                            "--profiles", self.catalogue, "--as-of", "2026-11-22", "--format", "json")
        machine = self.machine(json.loads(done.stdout))
        self.assertEqual(machine["answer"], "perhaps")
        self.assertLess(machine["choice"]["busy"]["low"], 0.95)
        self.assertEqual(machine["choice"]["busy"]["high"], 1)
        said = self.succeed("rightsize", "--nvidia-smi", "made.csv", "--instance", "a2-highgpu-1g", "--profiles",
                            self.catalogue, "--as-of", "2026-11-22").stdout
        self.assertRegex(said, r"\d+ to 100 % busy at their busiest \(where what was not observed is the most, it does not fit\)")

    def test_cloudwatch_exports(self):
        times = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in range(BEGIN, END, 3600)]
        metrics = {"nvidia_smi_utilization_gpu": ("Percent", 8), "nvidia_smi_memory_used": ("Megabytes", 6000),
                   "nvidia_smi_memory_total": ("Megabytes", 40960)}
        data = {"MetricDataResults": [
            {"Id": f"m{i}", "Label": f"i-0abc p4d.24xlarge 0 {A100_40} {name}", "Timestamps": times,
             "Values": [value] * len(times), "StatusCode": "Complete"} for i, (name, (_, value)) in enumerate(metrics.items())]}
        self.write("data.json", json.dumps(data))
        stream = [{"metric_stream_name": "s", "namespace": "CWAgent", "metric_name": name, "unit": unit,
                   "dimensions": {"InstanceId": "i-0abc", "InstanceType": "p4d.24xlarge", "index": "0", "name": A100_40},
                   "timestamp": at * 1000, "value": {"max": value, "min": value, "sum": 3 * value, "count": 3}}
                  for name, (unit, value) in metrics.items() for at in range(BEGIN, END, 3600)]
        self.write("stream.json", "\n".join(json.dumps(line) for line in stream) + "\n")
        rows = ["Timestamp,MetricName,Average,Maximum,Unit,InstanceId,InstanceType,index,name"]
        rows += [f"{at},{name},{value},{value},{unit},i-0abc,p4d.24xlarge,0,{A100_40}"
                 for name, (unit, value) in metrics.items() for at in times]
        self.write("long.csv", "\n".join(rows) + "\n")
        for name in ("data.json", "stream.json", "long.csv"):
            answer = self.answer_of("--cloudwatch", name)
            self.assert_small(answer, "nvidia_smi_memory_used (CloudWatch agent), MiB")
            machine = self.machine(answer, "i-0abc")
            self.assertEqual(machine["present"], {"provider": "aws", "instance_type": "p4d.24xlarge", "assumed": False,
                                                  "usd_per_month": 22 * 730})

    def test_numbers_of_a_models_name_are_no_index(self):
        times = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in range(BEGIN, END, 3600)]

        def export(labels):
            self.write("labels.json", json.dumps({"MetricDataResults": [
                {"Id": f"m{i}", "Label": label, "Timestamps": times, "Values": [0] * len(times)}
                for i, label in enumerate(labels)]}))
            return "labels.json"

        model = "NVIDIA RTX PRO 6000 Blackwell Server Edition"
        metric = "nvidia_smi_utilization_gpu"
        # In the documented order, with the index last, and with a small number in the name.
        for form, name in (("i-0abc g7e.48xlarge {} {} " + metric, model), ("i-0abc g7e.48xlarge {1} " + metric + " {0}", model),
                           ("i-0abc {} {} " + metric, "NVIDIA GPU 48 GB")):
            devices = self.machine(self.answer_of("--cloudwatch", export(form.format(gpu, name) for gpu in range(8))))["devices"]
            self.assertEqual([(each["gpu"], each["model"]) for each in devices], [(str(gpu), name) for gpu in range(8)])
        device, = self.machine(self.answer_of("--cloudwatch", export([f"i-0abc {model} {metric}"])))["devices"]
        self.assertEqual((device["gpu"], device["model"]), ("0", model))
        for label in (f"i-0abc 0 1 {model} {metric}", f"i-0abc NVIDIA GPU 48 GB 3 {metric}"):
            self.refuse("rightsize", "--cloudwatch", export([label]), "--profiles", self.catalogue,
                        says=["labels.json:1:", "Label does not tell the GPU's index", "hint"])

    def test_cloudwatch_exports_that_are_not_whole_say_so(self):
        at = "2026-11-20T00:00:00Z"
        result = {"Id": "m", "Label": "i-0abc 0 nvidia_smi_utilization_gpu", "Timestamps": [at], "Values": [8],
                  "StatusCode": "PartialData"}
        self.write("part.json", json.dumps({"MetricDataResults": [result], "NextToken": "more"}))
        notes = " ".join(self.answer_of("--cloudwatch", "part.json")["observed"]["notes"])
        self.assertIn("PartialData of nvidia_smi_utilization_gpu", notes)
        self.assertIn("NextToken", notes)
        self.write("whole.json", json.dumps({"MetricDataResults": [{**result, "StatusCode": "Complete"}]}))
        self.assertEqual(self.answer_of("--cloudwatch", "whole.json")["observed"]["notes"], [])

    def test_units_of_cloudwatch_are_those_that_the_export_names(self):
        def rows(unit, value):
            return self.write("units.csv", "timestamp,metric_name,value,unit,InstanceId,index\n"
                              "2026-11-20T00:00:00Z,nvidia_smi_utilization_gpu,8,Percent,i-1,0\n"
                              f"2026-11-20T00:00:00Z,nvidia_smi_memory_used,{value},{unit},i-1,0\n")
        for unit, value, said in (("Bytes", 2 ** 30, "bytes"), ("Megabytes", 1024, "MiB"), ("Gigabytes", 1, "GiB")):
            answer = self.answer_of("--cloudwatch", rows(unit, value))
            self.assertIn(f"nvidia_smi_memory_used (CloudWatch agent), {said}", " ".join(answer["observed"]["units"]))
            self.assertEqual(self.machine(answer)["devices"][0]["memory_used_max_bytes"], 2 ** 30)
        self.refuse("rightsize", "--cloudwatch", rows("Seconds", 1), says=["units.csv", "Seconds", "hint"])
        self.refuse("rightsize", "--cloudwatch", self.write(
            "host.csv", "timestamp,metric_name,value,InstanceId\n2026-11-20T00:00:00Z,CPUUtilization,8,i-1\n"),
            says=["none that says what a GPU did", "hint"])

    def test_own_log(self):
        header = self.succeed("monitor", "--csv", "own.csv", "--once").stdout
        self.assertEqual(header, "")
        with (self.here / "own.csv").open() as file:
            names = next(csv.reader(file))
        with (self.here / "own.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            for at in range(BEGIN, END, 600):
                writer.writerow({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), "gpu": 0, "uuid": "GPU-1",
                                 "name": A100_40, "gpu_up": 1, "gpu_utilization_ratio": 0.08,
                                 "gpu_memory_used_bytes": 6000 * observed.MIB,
                                 "gpu_memory_total_bytes": 40960 * observed.MIB, "host_cpus": 8,
                                 "host_cpu_busy_seconds_total": 4 * (at - BEGIN)})
        answer = self.answer_of("--nvidia-smi", "own.csv")
        self.assert_small(answer, "gpubench monitor")
        self.assertAlmostEqual(self.machine(answer)["devices"][0]["host_cpu_fraction"], 0.5)


class Output(Rightsize):
    def test_that_nothing_is_known_is_not_said_to_be_nothing(self):
        (self.here / "short.csv").write_text("timestamp, index, name, utilization.gpu [%], memory.used [MiB]\n" + "".join(
            f"2026/11/21 10:00:{second:02}.000, 0, NVIDIA H200, 0 %, 1000 MiB\n" for second in range(40)))
        done = self.succeed("rightsize", "--nvidia-smi", "short.csv", "--as-of", "2026-11-22")
        self.assertEqual(done.stdout.splitlines()[0], "What can be saved on 1 machine is not known with what was observed.")

    def test_answer_comes_first_and_idle_gpus_stand_by_owner(self):
        series = Series()
        for gpu, (team, busy) in enumerate([("red", 0), ("blue", 20), ("blue", 0), ("red", 90)]):
            series.dcgm("node1", gpu, L4, 23034, labels={"team": team}, DEV_GPU_UTIL=around(busy, 0.02),
                        DEV_FB_USED=around(9000))
        done = self.succeed("rightsize", "--prometheus", self.prometheus(series), "--until", observed.UNTIL, "--instance",
                            "g6.12xlarge", "--owner-label", "team", "--profiles", self.catalogue, "--as-of", "2026-11-22",
                            "--evidence")
        self.assertRegex(done.stdout.splitlines()[0], r"^(\$.* a month can (perhaps )?be saved|Nothing can be saved)")
        idle = done.stdout[done.stdout.index("Idle and half-idle GPUs"):]
        self.assertRegex(idle, r"(?s)blue\s.*half idle.*blue\s.*idle.*red\s.*idle")
        # A quarter of 4.6 * 730.
        self.assertRegex(idle, r"\b8[34]\d(\.\d)?\b")
        self.assertIn("not observed: tensor activity", done.stdout)
        self.assertIn("Next", done.stderr)
        self.assertIn("Read as", done.stdout)
        rows = list(csv.DictReader(self.succeed(
            "rightsize", "--nvidia-smi", self.write("log.csv", "timestamp,index,name,utilization.gpu,memory.used\n"
                                                    "2026-11-20T00:00:00Z,0,NVIDIA L4,5,100\n"), "--format", "csv",
            "--profiles", self.catalogue).stdout.splitlines()))
        self.assertEqual(rows[0]["active_mean_percent"], "5")

    def test_window_that_needs_several_queries_is_read_whole(self):
        # 7 days in steps of a minute: 10,080 points a series, of which the server gives 11,000 at the most.
        series = Series().dcgm("a", 0, L4, 23034, DEV_GPU_UTIL=constant(50), DEV_FB_USED=constant(9000))
        answer = self.ask(series, "--instance", "g6.xlarge", step="1m")
        self.assertEqual(answer["observed"]["step_seconds"], 60)
        device = self.machine(answer)["devices"][0]
        # The series have a value each half hour: a thirtieth of the steps.
        self.assertAlmostEqual(device["observed_fraction"], 1 / 30, delta=0.001)
        self.assertEqual(device["activity"]["mean"], 0.5)


class BadAnswers(Rightsize):
    """Servers that are down, slow, empty, wrong, huge or partial."""

    def refuse_server(self, url, *says, status, options=()):
        self.refuse("rightsize", "--prometheus", url, "--profiles", self.catalogue, "--timeout", "2s", *options,
                    status=status, says=says)

    def test_server_that_is_down(self):
        self.refuse_server(f"http://127.0.0.1:{servers.closed_port(self)}", "the Prometheus server", status=ENVIRONMENT)

    def test_real_server_without_gpus(self):
        folder = self.here / "empty"
        folder.mkdir()
        url = servers.start_prometheus(self, folder, "global: {}\n")
        # The server writes to its folder meanwhile, so what is left is not compared.
        done = self.run_program("rightsize", "--prometheus", url, "--profiles", self.catalogue)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("no metric of a GPU", done.stderr)
        self.assertIn("hint:", done.stderr)

    def test_web_page_instead_of_the_api(self):
        url = servers.stand_in(self, lambda path: (200, "text/html", [b"<html>Grafana</html>"]))
        self.refuse_server(url, "web page", "/api/v1", status=2)

    def test_server_that_wants_a_password_says_so(self):
        url = servers.stand_in(self, lambda path: (401, "text/html", [b"<html>Unauthorized</html>"]))
        self.refuse_server(url, "wants a user and password (status 401)", "USER:PASSWORD@", status=ENVIRONMENT)
        self.refuse_server(url.replace("http://", "http://ann:secret@"), "does not take this user", status=ENVIRONMENT)

    def test_matchers_that_the_server_does_not_take_are_the_users(self):
        folder = self.here / "prometheus"
        folder.mkdir()
        servers.load_series(self, folder, Series().dcgm("a", 0, L4, 23034, DEV_GPU_UTIL=constant(50)).text())
        url = servers.start_prometheus(self, folder, "global: {}\n")
        for matchers in ('cluster="a', "}", 'a="b"} or up{'):
            done = self.run_program("rightsize", "--prometheus", url, "--until", observed.UNTIL, "--step", "30m", "--match",
                                    matchers, "--profiles", self.catalogue)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f"--match {matchers}: the server does not take it", done.stderr)

    def test_limits_of_the_server_are_not_blamed_on_matchers(self):
        body = json.dumps({"status": "error", "errorType": "bad_data",
                           "error": "the query time range exceeds the limit (7d > 1d)"}).encode()
        url = servers.stand_in(self, lambda path: (400, "application/json", [body]))
        self.refuse_server(url, "failed (status 400): the query time range exceeds the limit (7d > 1d)",
                           "shorter --window", options=("--match", 'cluster="a"'), status=ENVIRONMENT)

    def test_low_means_of_whole_per_cent_are_not_questioned(self):
        def server(peak):
            def answer(path):
                if "__name__" in path:
                    return 200, "application/json", [b'{"status":"success","data":["DCGM_FI_DEV_GPU_UTIL"]}']
                value = peak if "max_over_time" in path else "0.37"
                return 200, "application/json", [json.dumps({"status": "success", "data": {"resultType": "matrix", "result": [
                    {"metric": {"Hostname": "a", "gpu": "0", "UUID": "GPU-1", "modelName": "NVIDIA L4"},
                     "values": [[END - 3600, value]]}]}}).encode()]
            return servers.stand_in(self, answer)

        def notes(peak):
            answer = self.answer_of("--prometheus", server(peak), "--until", observed.UNTIL, "--window", "1d", "--step", "30m")
            return " ".join(answer["observed"]["notes"])
        self.assertNotIn("fractions for per cent", notes("1"))
        self.assertIn("fractions for per cent", notes("0.94"))

    def test_server_that_forbids_says_whom_to_ask(self):
        url = servers.stand_in(self, lambda path: (403, "text/html", [b"<html>Forbidden</html>"]))
        self.refuse_server(url, "does not let this user read (status 403)", "hint", status=ENVIRONMENT)

    def test_page_to_log_in_at_is_named(self):
        page = servers.stand_in(self, lambda path: (200, "text/html", [b"<html>Log in</html>"]))
        url = servers.stand_in(self, lambda path: (302, "text/html", []), location=f"{page}/login")
        self.refuse_server(url, f"web page (status 200) of {page}", "log in at", status=2)

    def test_points_that_are_no_numbers_or_of_another_time_are_refused(self):
        def server(point):
            def answer(path):
                if "__name__" in path:
                    return 200, "application/json", [b'{"status":"success","data":["DCGM_FI_DEV_GPU_UTIL"]}']
                return 200, "application/json", [json.dumps({"status": "success", "data": {"resultType": "matrix", "result": [
                    {"metric": {"Hostname": "a", "gpu": "0", "UUID": "GPU-1", "modelName": "NVIDIA L4"},
                     "values": [point]}]}}).encode()]
            return servers.stand_in(self, answer)

        self.refuse_server(server([END - 3600, "abc"]), "'abc', which is no number", status=2)
        self.refuse_server(server([END + 1e9, "5"]), "outside of the window", status=2)

    def test_label_that_no_series_has_is_said(self):
        series = Series().dcgm("a", 0, L4, 23034, DEV_GPU_UTIL=around(50), DEV_FB_USED=around(9000))
        notes = " ".join(self.ask(series, "--owner-label", "taem")["observed"]["notes"])
        self.assertIn("no series of a GPU has the label 'taem'", notes)

    def test_json_of_something_else(self):
        url = servers.stand_in(self, lambda path: (200, "application/json", [b'{"items": []}']))
        self.refuse_server(url, "no status", status=2)

    def test_answer_that_is_cut(self):
        url = servers.stand_in(self, lambda path: (200, "application/json", [b'{"status": "success", "data": [']))
        self.refuse_server(url, "not the JSON", status=2)

    def test_answer_with_wrong_types(self):
        url = servers.stand_in(self, lambda path: (200, "application/json", [b'{"status": "success", "data": 7}']))
        self.refuse_server(url, "data", status=2)

    def test_error_of_the_server_is_told(self):
        body = b'{"status":"error","errorType":"timeout","error":"query timed out in \\u001b[31mexpression"}'
        url = servers.stand_in(self, lambda path: (503, "application/json", [body]))
        self.refuse_server(url, "query timed out in ?[31mexpression", "503", status=ENVIRONMENT)

    def test_server_that_does_not_answer(self):
        def slow(path):
            time.sleep(6)
            return 200, "application/json", [b"{}"]
        self.refuse_server(servers.stand_in(self, slow), "did not answer within", status=ENVIRONMENT)

    def test_server_that_never_ends_its_answer(self):
        def drops():
            for _ in range(100):
                time.sleep(0.2)
                yield b" "
        self.refuse_server(servers.stand_in(self, lambda path: (200, "application/json", drops())), "within",
                           "hint: give it more time", status=ENVIRONMENT)

    def test_huge_answer_is_cut_off(self):
        def endless():
            for _ in range(400):
                yield b" " * 2 ** 20
        url = servers.stand_in(self, lambda path: (200, "application/json", endless()))
        self.refuse("rightsize", "--prometheus", url, "--profiles", self.catalogue, status=ENVIRONMENT, says=["more than", "hint: see"])

    def test_partial_answer_is_said_to_be_partial(self):
        def thanos(path):
            if "/label/" in path:
                return 200, "application/json", [b'{"status":"success","data":["DCGM_FI_DEV_GPU_UTIL"]}']
            series = {"metric": {"gpu": "0", "UUID": "GPU-1", "modelName": L4},
                      "values": [[at, "NaN" if at % 600 else "40"] for at in range(BEGIN, END, STEP)]}
            return 200, "application/json", [json.dumps({
                "status": "success", "warnings": ["store 10.0.0.7 is not there"],
                "data": {"resultType": "matrix", "result": [series]}}).encode()]
        answer = self.answer_of("--prometheus", servers.stand_in(self, thanos), "--until", observed.UNTIL)
        self.assertIn("store 10.0.0.7", " ".join(answer["observed"]["notes"]))
        self.assertAlmostEqual(self.machine(answer)["devices"][0]["activity"]["mean"], 0.4)

    def test_bad_files(self):
        self.refuse("rightsize", says=["--prometheus"])
        self.refuse("rightsize", "--prometheus", "ftp://x", says=["--prometheus"])
        self.refuse("rightsize", "--nvidia-smi", "absent.csv", says=["absent.csv"])
        for name, content, says in (
                ("empty.csv", "", "empty.csv"),
                ("other.csv", "a,b\n1,2\n", "timestamp"),
                ("no-use.csv", "timestamp,index\n2026-11-20T00:00:00Z,0\n", "utilization.gpu"),
                ("time.csv", "timestamp,utilization.gpu\nyesterday,5\n", "time.csv:2"),
                ("value.csv", "timestamp,utilization.gpu\n2026-11-20T00:00:00Z,much\n", "value.csv:2"),
                ("unit.csv", "timestamp,utilization.gpu [furlong]\n2026-11-20T00:00:00Z,5\n", "furlong")):
            self.write(name, content)
            self.refuse("rightsize", "--nvidia-smi", name, "--profiles", self.catalogue, says=[says])
        for name, content, says in (
                ("empty.json", "", "empty.json"), ("other.json", "{}", "MetricDataResults"),
                ("lengths.json", '{"MetricDataResults":[{"Label":"nvidia_smi_utilization_gpu","Timestamps":[1],"Values":[]}]}',
                 "number of times"),
                ("none.json", '{"MetricDataResults":[]}', "nvidia_smi_")):
            self.write(name, content)
            self.refuse("rightsize", "--cloudwatch", name, "--profiles", self.catalogue, says=[says])
        line = '{"metric_stream_name":"s","namespace":"CWAgent","metric_name":"other"}'
        self.write("cut.json", line + "\n" + line[:30] + "\n")
        self.refuse("rightsize", "--cloudwatch", "cut.json", "--profiles", self.catalogue, says=["cut.json:2:"])
        (self.here / "utf16.csv").write_bytes("timestamp,utilization.gpu\n".encode("utf-16"))
        self.refuse("rightsize", "--nvidia-smi", "utf16.csv", "--profiles", self.catalogue, says=["UTF-16", "iconv"])
        self.refuse("rightsize", "--nvidia-smi", self.write("l.csv", "timestamp,name,utilization.gpu\n2026-11-20T00:00:00Z,NVIDIA L4,50\n"),
                    "--instance", "g6.xlargo", "--profiles", self.catalogue, says=["g6.xlarge"])

    def test_what_is_no_file_is_refused_at_once(self):
        os.mkfifo(self.here / "pipe")
        for option in ("--nvidia-smi", "--cloudwatch"):
            for name in ("pipe", ".", "/dev/zero", "/dev/full"):
                self.refuse("rightsize", option, name, "--profiles", self.catalogue, says=["is not a regular file", "hint:"],
                            timeout=20)

    def test_pipe_of_a_shell_is_read(self):
        log = "timestamp,name,utilization.gpu\n2026-11-20T00:00:00Z,NVIDIA L4,50\n2026-11-20T00:01:00Z,NVIDIA L4,50\n"
        done = subprocess.run([PROGRAM, "rightsize", "--nvidia-smi", "/dev/stdin", "--profiles", self.catalogue], input=log,
                              cwd=self.here, env=environment(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_errors_say_what_to_do(self):
        url = servers.stand_in(self, lambda path: (200, "application/json", [b'{"status": "success"}']))
        self.refuse_server(url, "not of Prometheus' API: data is missing", "hint: give the address", status=2)
        self.refuse_server("http://nosuch.invalid:9090", "the name nosuch.invalid does not resolve", status=ENVIRONMENT)
        self.refuse("rightsize", "--prometheus", url, "--until", "2026-11-22T10:00:00+01:00",
                    says=["is no time in UTC", "2026-11-22T10:00:00Z"])
        self.refuse("rightsize", "--nvidia-smi", "nosuch", says=["nosuch: cannot read", "hint: see that the name"])
        self.write("l.csv", "timestamp,name,utilization.gpu\n2026-11-20T00:00:00Z,NVIDIA L4,50\n")
        for option, name in (("--gpu", "NOSUCH"), ("--region", "mars")):
            self.refuse("rightsize", "--nvidia-smi", "l.csv", option, name, "--profiles", self.catalogue, says=[name, "hint:"])
        self.refuse("rightsize", "--nvidia-smi", "l.csv", "--output", "no/x", "--profiles", self.catalogue,
                    says=["no/x", "hint: make the folder first"])


if __name__ == "__main__":
    unittest.main()
