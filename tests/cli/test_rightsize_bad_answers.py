"""gpubench rightsize on servers and files that are down, wrong or partial."""

import json
import os
import subprocess
import time
import unittest

import observed
import servers
from harness import ENVIRONMENT, PROGRAM, environment
from observed import BEGIN, END, STEP, Series, around, constant
from rightsizing_case import L4, Rightsize


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
