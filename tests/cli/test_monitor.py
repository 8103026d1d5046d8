"""gpubench monitor and run --push: a real Prometheus server and Pushgateway, and a stand-in for NVML."""

import csv
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
import unittest
import urllib.parse
from pathlib import Path

import servers
from harness import DONE, ENVIRONMENT, INTERRUPTED, PROGRAM, SMALL, SOURCE, USAGE, ProgramTest, environment


class Monitor(ProgramTest):
    def setUp(self):
        super().setUp()
        self.nvml = os.environ.get("GPUBENCH_FAKE_NVML")
        if not self.nvml or not Path(self.nvml).exists():
            self.skipTest("the stand-in for NVML is not built")

    def env(self, **variables):
        return environment(GPUBENCH_NVML_LIBRARY=self.nvml, **variables)

    def serve(self, *arguments, **variables):
        """Starts the exporter; the process and its address."""
        said = self.here / "said"
        with said.open("w") as stream:
            process = subprocess.Popen([PROGRAM, "monitor", "--listen", "127.0.0.1:0", *arguments], stderr=stream,
                                       env=self.env(**variables), cwd=self.here)
        servers.end_with_test(self, process)
        url = servers.wait_for(lambda: self.url_in(said))
        servers.wait_for(lambda: servers.fetch(url))
        return process, urllib.parse.urlparse(url).netloc

    def url_in(self, said):
        """Of the metrics, as the exporter says it once it has a port; None before."""
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*/metrics\n", said.read_text())
        return found and found.group().strip()

    def log(self):
        with (self.here / "log.csv").open() as file:
            return list(csv.DictReader(file))

    def query(self, prometheus, expression):
        text = servers.fetch(f"{prometheus}/api/v1/query?query={urllib.parse.quote(expression)}")
        return json.loads(text)["data"]["result"]

    def test_prometheus_scrapes_it_and_knows_every_value(self):
        _, address = self.serve("--interval", "0.2s", FAKE_NVML_GPM="1")
        prometheus = servers.start_prometheus(self, self.here, f"""
scrape_configs:
  - job_name: gpubench
    scrape_interval: 1s
    static_configs: [{{targets: ['{address}']}}]
""")
        found = servers.wait_for(lambda: self.query(prometheus, "gpubench_gpu_power_watts"))
        self.assertEqual({series["metric"]["uuid"]: series["value"][1] for series in found},
                         {"GPU-0000": "321.5", "GPU-0001": "321.5"})
        tensor = servers.wait_for(lambda: self.query(prometheus, "gpubench_gpu_tensor_active_ratio"))
        self.assertEqual([series["value"][1] for series in tensor], ["0.05"])
        self.assertEqual(self.query(prometheus, "up")[0]["value"][1], "1")
        self.assertEqual(self.query(prometheus, "scrape_samples_post_metric_relabeling > 80")[0]["metric"]["job"],
                         "gpubench")

    def test_an_alert_fires_on_a_made_up_load_and_names_the_gpu(self):
        rules = (SOURCE / "monitoring" / "prometheus" / "gpubench-rules.yml").read_text()
        # Minutes become seconds: what fires after five minutes fires after five seconds.
        (self.here / "rules.yml").write_text(re.sub(r"for: (\d+)m", r"for: \1s", rules))
        _, address = self.serve("--interval", "0.2s", FAKE_NVML_REASONS="0x40")
        prometheus = servers.start_prometheus(self, self.here, f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: gpubench
    static_configs: [{{targets: ['{address}']}}]
""")
        firing = 'ALERTS{alertstate="firing",alertname="GpuThermalSlowdown"}'
        found = servers.wait_for(lambda: self.query(prometheus, firing))
        self.assertIn("GPU-0000", {alert["metric"]["uuid"] for alert in found})
        lost = servers.wait_for(lambda: self.query(prometheus, 'ALERTS{alertstate="firing",alertname="GpuLost"}'))
        self.assertEqual([alert["metric"]["gpu"] for alert in lost], ["2"], "the one that may not be opened")

    def test_rules_are_rules_and_fire_as_they_say(self):
        promtool = servers.require_tool(self, "promtool")
        self.succeed("monitor", "--write-rules", "rules.yml")
        checked = subprocess.run([promtool, "check", "rules", "rules.yml"], cwd=self.here, capture_output=True, text=True,
                                 check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        labels = '{gpu="0",uuid="GPU-0",name="H100",instance="node1:9835",job="gpubench"}'
        host = '{instance="node1:9835",job="gpubench"}'
        self.write("tests.yml", f"""
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'gpubench_gpu_utilization_ratio{labels}', values: '0.01+0x200'}}
      - {{series: 'gpubench_gpu_memory_used_bytes{labels}', values: '98+0x200'}}
      - {{series: 'gpubench_gpu_memory_total_bytes{labels}', values: '100+0x200'}}
      - {{series: 'gpubench_gpu_ecc_uncorrected_errors_total{labels}', values: '0x50 1x150'}}
      - {{series: 'gpubench_host_cpu_busy_seconds_total{host}', values: '0+232x200'}}
      - {{series: 'gpubench_host_cpus{host}', values: '4+0x200'}}
    alert_rule_test:
      - {{eval_time: 5m, alertname: GpuMemoryNearlyFull, exp_alerts: []}}
      - {{eval_time: 59m, alertname: GpuIdle, exp_alerts: []}}
    promql_expr_test:
      - expr: count by (alertname) (ALERTS{{alertstate="firing"}})
        eval_time: 70m
        exp_samples:
          - {{labels: '{{alertname="GpuIdle"}}', value: 1}}
          - {{labels: '{{alertname="GpuMemoryNearlyFull"}}', value: 1}}
          - {{labels: '{{alertname="GpuUncorrectedMemoryErrors"}}', value: 1}}
          - {{labels: '{{alertname="GpuWaitsForHost"}}', value: 1}}
""")
        tested = subprocess.run([promtool, "test", "rules", "tests.yml"], cwd=self.here, capture_output=True, text=True,
                                check=False)
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_dashboard_expressions_are_promql(self):
        promtool = servers.require_tool(self, "promtool")
        self.succeed("monitor", "--write-dashboard", "dashboard.json")
        dashboard = json.loads((self.here / "dashboard.json").read_text())
        rules = ["groups:", "- name: dashboard", "  rules:"]
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "5m")
                rules += [f"  - record: r{len(rules)}", f"    expr: {json.dumps(expression)}"]
        self.assertGreater(len(rules), 100)
        self.write("expressions.yml", "\n".join(rules) + "\n")
        done = subprocess.run([promtool, "check", "rules", "expressions.yml"], cwd=self.here, capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_signal_ends_it_in_good_order(self):
        process, _ = self.serve()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), DONE, "without a duration a signal is the ordinary end")
        timed = subprocess.Popen([PROGRAM, "monitor", "--csv", "log.csv", "--interval", "0.1s", "--duration", "60s"],
                                 cwd=self.here, env=self.env(), stderr=subprocess.PIPE, text=True)
        servers.wait_for(lambda: (self.here / "log.csv").exists() and
                         (self.here / "log.csv").read_text().count("\n") > 3)
        timed.send_signal(signal.SIGTERM)
        self.assertEqual(timed.wait(10), INTERRUPTED)
        timed.stderr.close()
        self.assertTrue((self.here / "log.csv").read_text().endswith("\n"))

    def test_gpu_lost_in_between_is_down_and_the_rest_goes_on(self):
        lost = self.here / "lost"
        _, address = self.serve("--interval", "0.1s", FAKE_NVML_LOST_FILE=str(lost))
        metrics = lambda: servers.fetch(f"http://{address}/metrics")
        up = 'gpubench_gpu_up{gpu="0",uuid="GPU-0000",name="NVIDIA A100-SXM4-80GB"} '
        self.assertIn(up + "1", metrics())
        lost.write_text("lost")
        servers.wait_for(lambda: up + "0" in metrics(), 10)
        self.assertNotIn('gpubench_gpu_power_watts{gpu="0"', metrics())
        self.assertIn("gpubench_host_cpus", metrics())
        lost.unlink()
        servers.wait_for(lambda: up + "1" in metrics(), 10)

    def test_files_for_node_exporter_and_people(self):
        self.succeed("monitor", "--textfile", "gpubench.prom", "--csv", "log.csv", "--interval", "0.1s", "--duration",
                     "0.5s", env=self.env())
        self.assertEqual({path.name for path in self.here.iterdir()}, {"gpubench.prom", "log.csv"})
        self.assertIn("# TYPE gpubench_gpu_power_watts gauge", (self.here / "gpubench.prom").read_text())
        rows = self.log()
        self.assertEqual({row["uuid"] for row in rows}, {"GPU-0000", "GPU-0001", ""})
        self.assertEqual(rows[0]["gpu_power_watts"], "321.5")
        # Going on with a log adds to it; any other file is left alone.
        self.succeed("monitor", "--csv", "log.csv", "--once", env=self.env())
        more = self.log()
        self.assertEqual(len(more), len(rows) + 3)
        self.write("letter.csv", "dear,reader\n")
        self.refuse("monitor", "--csv", "letter.csv", "--once", says=["letter.csv", "not replaced"], env=self.env())
        self.assertEqual((self.here / "letter.csv").read_text(), "dear,reader\n")

    def test_log_with_a_cut_line_is_gone_on_with_on_a_new_one(self):
        self.succeed("monitor", "--csv", "log.csv", "--once", env=self.env())
        log = self.here / "log.csv"
        whole = log.read_text()
        log.write_text(whole[:-9])
        self.succeed("monitor", "--csv", "log.csv", "--once", env=self.env())
        text = log.read_text()
        self.assertTrue(text.startswith(whole[:-9] + "\n"), "the cut line is kept")
        self.assertEqual(text.count("\n"), 2 * whole.count("\n") - 1)
        # One that is cut right behind its last value, or behind the header, has lost its line end alone.
        log.write_text(whole.splitlines()[0])
        self.succeed("monitor", "--csv", "log.csv", "--once", env=self.env())
        self.assertEqual(len(self.log()), whole.count("\n") - 1)

    def test_two_outputs_into_one_file_are_refused(self):
        (self.here / "sub").mkdir()
        (self.here / "link").symlink_to("b")
        for other in ("b", "./b", "sub/../b", "link", self.here / "b"):
            self.refuse("monitor", "--once", "--csv", "b", "--textfile", other, says=["--textfile and --csv name one file"],
                        env=self.env())
            self.refuse("monitor", "--write-rules", "b", "--write-dashboard", other,
                        says=["--write-dashboard and --write-rules name one file"])

    def test_rules_and_dashboard_replace_their_own_files_alone(self):
        for option, name in (("--write-rules", "rules.yml"), ("--write-dashboard", "dashboard.json")):
            for content in ("groups: []\n", '{"uid": "mine"}\n', "[]"):
                self.write(name, content)
                self.refuse("monitor", option, name, says=[option, name, "not one of gpubench's"])
                self.assertEqual((self.here / name).read_text(), content)
            (self.here / name).unlink()
            for _ in range(2):  # the second finds its own
                self.succeed("monitor", option, name)
            made = (self.here / name).read_text()
            (self.here / name).write_text(made.replace("GPU", "card"))  # ours, of another version
            self.succeed("monitor", option, name)
            self.assertEqual((self.here / name).read_text(), made)

    def test_text_file_that_cannot_be_written_holds_up_nothing_else(self):
        folder = self.here / "folder"
        folder.mkdir()
        errors = self.here / "errors"
        with errors.open("w") as stream:
            process = subprocess.Popen([PROGRAM, "monitor", "--listen", "127.0.0.1:0", "--interval", "0.1s",
                                        "--textfile", "folder/x.prom"], cwd=self.here, env=self.env(), stderr=stream)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        servers.wait_for((folder / "x.prom").exists, 20)
        (folder / "x.prom").unlink()
        # Sooner or later no temporary file is in it.
        servers.wait_for(lambda: shutil.rmtree(folder) is None, 20)
        servers.wait_for(lambda: "Not written" in errors.read_text(), 20)
        time.sleep(0.5)
        self.assertIn("gpubench_host_cpus", servers.fetch(self.url_in(errors)))
        folder.mkdir()
        servers.wait_for(lambda: "folder/x.prom: again" in errors.read_text(), 20)
        self.assertIn("gpubench_host_cpus", (folder / "x.prom").read_text())
        self.assertIsNone(process.poll())
        self.assertEqual(errors.read_text().count("Not written"), 1, errors.read_text())

    def test_full_disk_for_a_log_holds_up_nothing_else(self):
        process, said = self.start_limited("--listen", "127.0.0.1:0")
        where = servers.wait_for(lambda: self.url_in(said), 20)
        servers.wait_for(lambda: "Not written" in said.read_text(), 20)
        time.sleep(0.5)
        self.assertIn("gpubench_host_cpus", servers.fetch(where))
        self.assertIsNone(process.poll())
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        servers.wait_for(lambda: "log.csv: again" in said.read_text(), 20)
        lines = len((self.here / "log.csv").read_text().splitlines())
        servers.wait_for(lambda: len((self.here / "log.csv").read_text().splitlines()) > lines + 3, 20)
        process.terminate()
        process.wait(20)
        self.assertEqual(said.read_text().count("Not written"), 1, said.read_text())
        rows = list(csv.reader((self.here / "log.csv").open(newline="")))
        self.assertEqual(sum(row == rows[0] for row in rows), 1, "one header")
        self.assertLessEqual(sum(len(row) != len(rows[0]) for row in rows), 1, "the line that was cut alone is not whole")
        self.assertEqual(len(rows[-1]), len(rows[0]))

    def test_full_disk_for_a_log_alone_ends_it(self):
        process, said = self.start_limited()
        self.assertEqual(process.wait(20), USAGE, said.read_text())
        self.assertIn("log.csv: cannot write", said.read_text())

    def start_limited(self, *arguments):
        """An exporter whose log may not grow beyond a few samples, and what it says."""
        said = self.here / "said"
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
        with said.open("w") as stream:
            # Signals as Python has them: that of a file that may not grow is not to end the program.
            process = subprocess.Popen([PROGRAM, "monitor", "--csv", "log.csv", "--interval", "0.1s", *arguments],
                                       cwd=self.here, env=self.env(), stderr=stream, preexec_fn=limit, restore_signals=False)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, said

    def test_text_file_alone_that_cannot_be_written_ends_it(self):
        folder = self.here / "folder"
        folder.mkdir()
        process = subprocess.Popen([PROGRAM, "monitor", "--interval", "0.1s", "--textfile", "folder/x.prom"],
                                   cwd=self.here, env=self.env(), stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        servers.wait_for((folder / "x.prom").exists, 20)
        servers.wait_for(lambda: shutil.rmtree(folder) is None, 20)
        _, said = process.communicate(timeout=20)
        self.assertEqual(process.returncode, USAGE, said)
        self.assertIn("hint: make the folder first", said)

    def test_what_is_no_file_is_refused_at_once(self):
        os.mkfifo(self.here / "pipe")
        (self.here / "folder").mkdir()
        for option in ("--csv", "--textfile", "--write-rules", "--write-dashboard"):
            for name in ("pipe", "folder", "/dev/zero", "/dev/full"):
                arguments = () if option.startswith("--write") else ("--once",)
                self.refuse("monitor", *arguments, option, name, says=["is not a regular file", "hint:"], timeout=20,
                            env=self.env())
        # What the shell handed over is written to.
        done = self.succeed("monitor", "--once", "--csv", "/dev/stdout", env=self.env())
        self.assertIn("GPU-0000", done.stdout)

    def test_sample_has_one_form(self):
        for form in ("json", "csv", "table"):
            self.refuse("monitor", "--once", "--format", form, says=[f"no form '{form}'", "prometheus"], env=self.env())
        self.assertIn("gpubench_host_cpus", self.succeed("monitor", "--once", "--format", "prometheus").stdout)
        # An ending says the form as it does of a report.
        for name in ("x.json", "x.csv", "x.MD"):
            self.refuse("monitor", "--once", "--output", name, says=["no form", "prometheus"], env=self.env())
        self.succeed("monitor", "--once", "--interval", "0.1s", "--output", "x.prom", env=self.env())
        self.succeed("monitor", "--once", "--interval", "0.1s", "--format", "prometheus", "--output", "x.json", env=self.env())
        for name in ("x.prom", "x.json"):
            self.assertIn("gpubench_host_cpus", (self.here / name).read_text())

    def test_text_file_says_when_the_driver_hangs(self):
        hang = self.here / "hang"
        arguments = [PROGRAM, "monitor", "--textfile", "gpubench.prom", "--interval", "0.2s", "--duration", "60s"]
        process = subprocess.Popen(arguments, cwd=self.here, env=self.env(FAKE_NVML_HANG_FILE=str(hang)),
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        text = lambda: (self.here / "gpubench.prom").read_text() if (self.here / "gpubench.prom").exists() else ""
        up = 'gpubench_gpu_up{gpu="0",uuid="GPU-0000",name="NVIDIA A100-SXM4-80GB"} '
        stamp = lambda: float(re.search(r"^gpubench_exporter_last_sample_timestamp_seconds (\S+)", text(), re.M).group(1))
        servers.wait_for(lambda: up + "1" in text(), 20)
        hang.write_text("hang")
        servers.wait_for(lambda: up + "0" in text(), 20)
        self.assertIn("gpubench_exporter_nvml_up 0", text())
        self.assertNotIn('gpubench_gpu_power_watts{gpu="0"', text())
        # The exporter itself is alive: its time goes on.
        before = stamp()
        servers.wait_for(lambda: stamp() > before, 10)
        hang.unlink()
        servers.wait_for(lambda: up + "1" in text(), 20)
        process.terminate()
        process.wait(20)

    def test_text_is_what_prometheus_reads(self):
        try:
            from prometheus_client.parser import text_string_to_metric_families
        except ImportError:
            self.skipTest("python3-prometheus-client is not installed")
        text = self.succeed("monitor", "--once", "--interval", "0.1s", env=self.env(FAKE_NVML_MIG='MIG-"\\x')).stdout
        families = {family.name: family for family in text_string_to_metric_families(text)}
        self.assertIn("gpubench_gpu_energy_joules", families)
        slices = [s for s in families["gpubench_gpu_up"].samples if "slice" in s.labels]
        self.assertEqual([s.labels["uuid"] for s in slices], ['MIG-"\\x'])

    def test_port_in_use_and_wrong_addresses(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            self.refuse("monitor", "--listen", f"127.0.0.1:{port}", status=ENVIRONMENT, says=["in use", "--listen"])
        self.refuse("monitor", "--listen", "127.0.0.1:port", says=["--listen"])
        self.refuse("monitor", "--listen", "192.0.2.1:9835", status=ENVIRONMENT, says=["192.0.2.1"])
        self.refuse("monitor", "--interval", "1ms", says=["--interval"])
        self.refuse("monitor", "--textfile", "no/such/folder/x.prom", status=USAGE, says=["no/such/folder"])
        self.write("mine.py", "print('mine')\n")
        self.refuse("monitor", "--once", "--textfile", "mine.py", status=USAGE, says=["--textfile", "mine.py"])
        self.assertEqual((self.here / "mine.py").read_text(), "print('mine')\n")
        for _ in range(2):  # the second finds its own
            self.succeed("monitor", "--once", "--textfile", "gpubench.prom")

    def test_list_has_every_metric(self):
        listed = json.loads(self.succeed("monitor", "--list", "--format", "json").stdout)
        by_name = {each["metric"]: each for each in listed}
        self.assertEqual(by_name["gpubench_gpu_utilization_ratio"]["dcgm"], "DCGM_FI_DEV_GPU_UTIL")
        self.assertEqual(by_name["gpubench_gpu_utilization_ratio"]["dcgm_factor"], 0.01)
        self.assertEqual(by_name["gpubench_gpu_utilization_ratio"]["dcgm_unit"], "%")
        self.assertIsNone(by_name["gpubench_gpu_up"]["dcgm"])
        table = self.succeed("monitor", "--list", "--format", "markdown").stdout
        self.assertIn(table, (SOURCE / "docs" / "monitoring.md").read_text(), "gpubench monitor --list --format markdown")


class Push(ProgramTest):
    def test_results_are_at_the_pushgateway(self):
        gateway = servers.start_pushgateway(self)
        done = self.succeed("run", *SMALL, "--run-file", "run.json", "--push", gateway)
        self.assertIn("Pushed", done.stderr)
        metrics = servers.fetch(f"{gateway}/metrics")
        self.assertRegex(metrics, r'gpubench_flop_per_second\{[^}]*benchmark="gemm_fp64/[^}]*job="gpubench"')
        self.assertIn('instance="', metrics)

    def test_run_that_measured_nothing_leaves_what_was_pushed_before(self):
        gateway = servers.start_pushgateway(self)
        self.succeed("run", *SMALL, "--run-file", "run.json", "--push", gateway)
        done = self.succeed("run", "--suite", "full", "--filter", "^storage_sync", "--run-file", "none.json", "--push", gateway)
        self.assertIn("Not pushed", done.stderr)
        self.assertIn("gemm_fp64/", servers.fetch(f"{gateway}/metrics"))

    def test_what_was_measured_is_kept_where_the_gateway_is_not_there(self):
        nowhere = f"http://127.0.0.1:{servers.closed_port(self)}"
        done = self.run_program("run", *SMALL, "--run-file", "run.json", "--push", nowhere)
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertIn("run.json", done.stderr)
        self.assertIn("Pushgateway", done.stderr)
        self.assert_valid_run(self.here / "run.json")

    def test_web_page_is_no_pushgateway(self):
        for number, (kind, page) in enumerate((("text/html; charset=utf-8", b"Grafana"),
                                               ("text/plain", b"\n<!DOCTYPE html><title>Log in</title>"))):
            url = servers.stand_in(self, lambda path, kind=kind, page=page: (200, kind, [page]))
            done = self.run_program("run", *SMALL, "--run-file", f"run{number}.json", "--push", url)
            self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
            self.assertIn("answers with a web page (status 200)", done.stderr)
            self.assertNotIn("Pushed", done.stderr)
            self.assert_valid_run(self.here / f"run{number}.json")
        url = servers.stand_in(self, lambda path: (202, "", []))
        self.assertIn("Pushed", self.succeed("run", *SMALL, "--run-file", "run.json", "--push", url).stderr)

    def test_gateway_that_refuses(self):
        self.refuse("run", *SMALL, "--push", "http://", says=["--push"])


if __name__ == "__main__":
    unittest.main()
