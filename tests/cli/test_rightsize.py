"""gpubench rightsize against a real Prometheus server with seven days of made-up series, and what it prints."""

import csv
import unittest

import observed
from observed import STEP, Series, around, constant, office_hours
from rightsizing_case import A100_40, A100_80, H100, L4, Rightsize


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


if __name__ == "__main__":
    unittest.main()
