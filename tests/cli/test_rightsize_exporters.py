"""gpubench rightsize on what different exporters, logs and exports tell."""

import csv
import json
import time
import unittest

import observed
from observed import BEGIN, END, Series, around, constant
from rightsizing_case import A100_40, A100_80, L4, Rightsize


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


if __name__ == "__main__":
    unittest.main()
