"""gpubench link over loopback and between network namespaces with delay and loss, against a real iperf3 server.

Where the kernel has no netem, this file's own forwarder between two TUN devices delays and loses packets.
"""

import collections
import csv
import fcntl
import json
import re
import os
import random
import shutil
import struct
import subprocess
import threading
import time
import unittest

import servers
from harness import DONE, ENVIRONMENT, FAILED, NO, PROGRAM, SOURCE, ProgramTest, environment


def validate(document):
    try:
        import jsonschema
    except ImportError:
        raise unittest.SkipTest("python3-jsonschema is not installed") from None
    schema = json.loads((SOURCE / "link" / "schema" / "gpubench.link-1.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(document)


class IperfServer:
    """iperf3 --server, in a namespace or here, until the end of the block."""

    def __init__(self, port, prefix=()):
        self.command = [*prefix, "iperf3", "--server", "--forceflush", "--port", str(port)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if "listening" in line:
                break
        self.reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(10)
        self.reader.join(10)
        self.process.stdout.close()


class LinkTest(ProgramTest):
    def require(self, *programs):
        for program in programs:
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")

    def measure(self, *arguments, status=DONE, **options):
        done = self.run_program("link", *arguments, "--format", "json", **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        validate(document)
        return document

    def verdicts(self, document):
        return {one["name"]: one for one in document["displays"]}


class Loopback(LinkTest):
    def test_a_real_server_is_measured_both_ways(self):
        self.require("iperf3")
        port = servers.free_port()
        with IperfServer(port):
            found = self.measure("127.0.0.1", "--iperf-port", port, "--seconds", "1", "--dataset", "10GB",
                                 "--display", "1080p60-h264")
        self.assertGreater(found["up_bytes_per_second"], 1e7)
        self.assertGreater(found["down_bytes_per_second"], 1e7)
        self.assertAlmostEqual(found["upload_seconds"], 1e10 / found["up_bytes_per_second"])
        self.assertLess(found["round_trip_ns"], 50e6)
        self.assertEqual(found["udp_lost_fraction"], 0)
        self.assertEqual(self.verdicts(found)["1080p60-h264"]["verdict"], "fit")

    def test_csv_has_every_figure_of_the_text(self):
        self.require("iperf3")
        port = servers.free_port()
        arguments = ("127.0.0.1", "--iperf-port", port, "--seconds", "1", "--dataset", "10GB", "--endpoint",
                     "here=127.0.0.1", "--endpoint", "nowhere=no-such-host.invalid")
        with IperfServer(port):
            rows = list(csv.DictReader(self.succeed("link", *arguments, "--format", "csv").stdout.splitlines()))
        figures = {row["name"]: row["value"] for row in rows if row["kind"] == "figure"}
        self.assertEqual(set(figures), {"round_trip_ns", "jitter_ns", "lost_fraction", "up_bytes_per_second",
                                        "down_bytes_per_second", "udp_bytes_per_second", "udp_lost_fraction",
                                        "udp_jitter_ns", "dataset_bytes", "upload_seconds"})
        self.assertGreater(float(figures["down_bytes_per_second"]), 1e7)
        self.assertAlmostEqual(float(figures["upload_seconds"]), 1e10 / float(figures["up_bytes_per_second"]), delta=1e-3)
        endpoints = {row["name"]: row for row in rows if row["kind"] == "endpoint"}
        self.assertEqual(endpoints["here"]["verdict"], "nearest")
        self.assertGreater(float(endpoints["here"]["value"]), 0)
        self.assertEqual(endpoints["nowhere"]["value"], "")
        self.assertIn("no-such-host.invalid", endpoints["nowhere"]["reasons"])
        displays = {row["name"]: row["verdict"] for row in rows if row["kind"] == "display"}
        self.assertEqual(displays["1080p60-h264"], "fit")
        # What was not measured is no 0.
        rows = csv.DictReader(self.succeed("link", "127.0.0.1", "--no-throughput", "--format", "csv").stdout.splitlines())
        self.assertEqual({row["name"]: row["value"] for row in rows}["up_bytes_per_second"], "")

    def test_the_text_says_what_does_not_depend_on_the_place(self):
        done = self.succeed("link", "127.0.0.1", "--no-throughput")
        self.assertRegex(done.stdout, r"Round trip +[\d.]+ ms to 127.0.0.1")
        self.assertIn("do not depend on this place", done.stdout)
        self.assertIn("not known", done.stdout)

    def test_endpoints_are_ranked_by_latency_and_unknown_ones_named(self):
        found = self.measure("127.0.0.1", "--no-throughput", "--endpoint", "here=127.0.0.1",
                             "--endpoint", "nowhere=no-such-host.invalid")
        self.assertEqual(found["nearest"], "here")
        self.assertIn("no-such-host.invalid", found["endpoints"][1]["problem"])
        self.assertIsNone(found["endpoints"][1]["round_trip_ns"])

    def test_a_server_that_refuses_leaves_the_round_trip(self):
        self.require("iperf3")
        done = self.run_program("link", "127.0.0.1", "--iperf-port", servers.closed_port(self), "--format", "json")
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("Connection refused", done.stderr)
        self.assertIn("iperf3 --server", done.stderr)
        document = json.loads(done.stdout)
        validate(document)
        self.assertIsNotNone(document["round_trip_ns"])
        self.assertIsNone(document["up_bytes_per_second"])
        self.assertIsNone(document["upload_seconds"])

    def with_programs(self, **programs):
        """PATH with these shell scripts alone."""
        folder = self.here / "bin"
        folder.mkdir()
        for name, text in programs.items():
            path = folder / name
            path.write_text("#!/bin/sh\n" + text)
            path.chmod(0o755)
        return environment(PATH=str(folder))

    def test_without_iperf3_and_ping_connections_are_timed_and_the_rest_named(self):
        done = self.run_program("link", "127.0.0.1", "--format", "json", env=self.with_programs())
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertIn("iperf3 is not installed", done.stderr)
        self.assertIn("ping is not installed", done.stderr)
        document = json.loads(done.stdout)
        validate(document)
        self.assertEqual(document["method"], "TCP connections to port 22")
        self.assertIsNone(document["lost_fraction"])

    def test_a_program_that_prints_something_else_is_named(self):
        for text, says in (("echo '<html>'", "the output of iperf3"), ("exit 7", "ended with 7"),
                           ("echo '{\"end\": {}}'", "sum_received"),
                           ("echo '{\"error\": \"unable to receive results\"}'", "unable to receive")):
            with self.subTest(text):
                shutil.rmtree(self.here / "bin", ignore_errors=True)
                done = self.run_program("link", "127.0.0.1", env=self.with_programs(iperf3=text))
                self.assertEqual(done.returncode, FAILED, done.stderr)
                self.assertIn(says, done.stderr)
                self.assertIn("Round trip", done.stdout)

    def test_a_busy_server_is_asked_again(self):
        calls = self.here / "calls"
        busy_at_first = (f"echo >>{calls}\n"
                         f'read -r first <{calls}.busy && rm {calls}.busy && echo \'{{"error": "the server is busy running a test"}}\' && exit 1\n'
                         'echo \'{"end": {"sum_received": {"bits_per_second": 8e6}, "sum_sent": {"retransmits": 0},'
                         ' "sum": {"bits_per_second": 8e6, "lost_percent": 0, "jitter_ms": 0}}}\'\n')
        (self.here / "calls.busy").write_text("busy\n")
        self.with_programs(iperf3=busy_at_first)
        found = self.measure("127.0.0.1", "--seconds", "1",
                             env=environment(PATH=f"{self.here / 'bin'}:{os.environ['PATH']}"))
        self.assertEqual(found["up_bytes_per_second"], 1e6)
        self.assertEqual(found["down_bytes_per_second"], 1e6)
        self.assertGreater(len(calls.read_text().splitlines()), 3)

    def test_hosts_and_names_that_are_none_are_refused(self):
        self.refuse("link", "no-such-host.invalid", says=["no-such-host.invalid", "not known"])
        self.refuse("link", "127.0.0.1", "--display", "1080p60-h256", says=["did you mean"])
        self.refuse("link", "127.0.0.1", "--endpoint", "frankfurt", says=["names no endpoint"])
        self.refuse("link", "127.0.0.1", "--endpoint", "a=-f", says=["no name or address"])
        self.refuse("link", "--", "-f", says=["no name or address"])
        self.refuse("link", says=["host"])
        self.refuse("link", "127.0.0.1", "--dataset", "big", says=["--dataset"])


class Forwarder:
    """Carries packets between two TUN devices, each after a delay, some never."""

    def __init__(self, first, second, delay_seconds, loss):
        self.ends = [self.open_tun(first), self.open_tun(second)]
        self.delay, self.loss = delay_seconds, loss
        self.ended = False
        self.random = random.Random(1)

    @staticmethod
    def open_tun(name):
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        no_packet_information, is_tun, set_interface = 0x1000, 0x0001, 0x400454CA
        fcntl.ioctl(tun, set_interface, struct.pack("16sH", name.encode(), is_tun | no_packet_information))
        return tun

    def start(self):
        for here, there in (self.ends, self.ends[::-1]):
            threading.Thread(target=self.carry, args=(here, there), daemon=True).start()

    def carry(self, here, there):
        waiting = collections.deque()
        while not self.ended:
            now = time.monotonic()
            moved = False
            while waiting and waiting[0][0] <= now:
                try:
                    os.write(there, waiting.popleft()[1])
                except OSError:
                    pass  # the device is not up yet, or gone
                moved = True
            for _ in range(64):
                try:
                    packet = os.read(here, 65536)
                except OSError:
                    break
                moved = True
                # As a router's queue, full at some point.
                if self.random.random() >= self.loss and len(waiting) < 4000:
                    waiting.append((time.monotonic() + self.delay, packet))
            if not moved:
                time.sleep(0.0003)

    def stop(self):
        self.ended = True
        time.sleep(0.01)
        for end in self.ends:
            os.close(end)


class Namespaces(LinkTest):
    """Two network namespaces, 10.77.0.1 here and 10.77.0.2 there."""

    def between(self, round_trip_ms, loss=0.0):
        self.require("ip", "iperf3", "ping")
        if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
            self.skipTest("network namespaces and TUN devices need root")
        names = [f"gpubench-{os.getpid()}-{side}" for side in "ab"]
        devices = [f"gb{os.getpid()}{side}" for side in "ab"]
        for name in names:
            made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
            if made.returncode != 0:
                self.skipTest("no network namespace may be made: " + made.stderr.strip())
            self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
        try:
            forwarder = Forwarder(*devices, round_trip_ms / 2000, loss)
        except OSError as error:
            self.skipTest(f"no TUN device may be made: {error}")
        self.addCleanup(forwarder.stop)
        for number, (name, device) in enumerate(zip(names, devices), start=1):
            for command in (["link", "set", device, "netns", name],
                            ["-n", name, "address", "add", f"10.77.0.{number}/24", "dev", device],
                            ["-n", name, "link", "set", device, "txqueuelen", "10000", "up"], ["-n", name, "link", "set", "lo", "up"]):
                subprocess.run(["ip", *command], check=True)
        forwarder.start()
        return [["ip", "netns", "exec", name] for name in names]

    def measure_across(self, round_trip_ms, loss=0.0, arguments=(), status=DONE):
        here, there = self.between(round_trip_ms, loss)
        with IperfServer(5201, prefix=there):
            done = subprocess.run([*here, PROGRAM, "link", "10.77.0.2", "--format", "json", "--seconds", "2", *arguments],
                                  cwd=self.here, env=environment(), capture_output=True, text=True, timeout=200,
                                  check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        validate(document)
        return document

    def test_40_ms_of_delay_are_measured_as_such(self):
        found = self.measure_across(40)
        self.assertEqual(found["method"], "ping")
        self.assertGreaterEqual(found["round_trip_ns"], 40e6)
        self.assertLess(found["round_trip_ns"], 90e6)  # a busy machine carries packets late
        self.assertEqual(found["lost_fraction"], 0)
        self.assertGreater(found["up_bytes_per_second"], 0)
        self.assertGreater(found["down_bytes_per_second"], 0)
        self.assertEqual(self.verdicts(found)["vnc-desktop"]["verdict"], "fit")

    def test_loss_is_measured_and_ends_streams(self):
        found = self.measure_across(10, loss=0.1, arguments=["--count", "60"])
        self.assertGreater(found["udp_lost_fraction"], 0.04)
        self.assertLess(found["udp_lost_fraction"], 0.5)
        self.assertGreater(found["lost_fraction"], 0.02)
        stream = self.verdicts(found)["1080p60-h265"]
        self.assertEqual(stream["verdict"], "unfit")
        self.assertTrue(any("loss" in reason for reason in stream["reasons"]), stream)

    def test_a_long_way_is_unfit_for_streams_and_fit_for_a_desktop(self):
        found = self.measure_across(120, arguments=["--display", "1080p60-h264"], status=NO)
        stream = self.verdicts(found)["1080p60-h264"]
        self.assertTrue(any("round trip" in reason for reason in stream["reasons"]), stream)
        self.assertEqual(self.verdicts(found)["dcv-desktop"]["verdict"], "fit")

    def test_a_host_that_is_silent_ends_with_3(self):
        here, _ = self.between(1, loss=1.0)
        done = subprocess.run([*here, PROGRAM, "link", "10.77.0.2", "--count", "2"], cwd=self.here, env=environment(),
                              capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("10.77.0.2 does not answer", done.stderr)


class Planning(LinkTest):
    def link_file(self, **changes):
        link = {"schema": "gpubench.link/1", "made_at": "2026-11-26T00:00:00Z", "host": "gpu.example", "method": "ping",
                "round_trip_ns": 120e6, "jitter_ns": 1e6, "lost_fraction": 0, "up_bytes_per_second": 1e6,
                "down_bytes_per_second": 1e7, "udp_lost_fraction": 0, "udp_jitter_ns": 1e6, "dataset_bytes": 36e8,
                "upload_seconds": 3600, "endpoints": [], "problems": [], **changes}
        validate(link)
        return self.write("link.json", json.dumps(link))

    def test_the_upload_is_taken_off_the_deadline(self):
        self.link_file()
        done = self.run_program("recommend", "resnet50-train", "--deadline", "48h", "--link", "link.json", "--as-of",
                                "2026-11-26", "--format", "json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("takes 60.0 min: 47.0 h of the deadline", done.stderr)
        self.assertIn("gpu.example", done.stderr)
        self.refuse("recommend", "resnet50-train", "--deadline", "50m", "--link", "link.json", "--as-of", "2026-11-26",
                    status=NO, says=["the upload alone"])

    def test_the_deadline_that_would_do_has_room_for_the_upload(self):
        self.link_file(upload_seconds=3600)
        asked = ("recommend", "resnet50-train", "--link", "link.json", "--as-of", "2026-11-26", "--quiet")
        refused = self.run_program(*asked, "--deadline", "61m")
        self.assertEqual(refused.returncode, NO, refused.stderr)
        [enough] = re.findall(r"--deadline (\S+) would do", refused.stderr)
        self.succeed(*asked, "--deadline", enough)

    def test_a_display_that_the_link_does_not_carry_ends_with_1(self):
        self.link_file()
        self.refuse("recommend", "render-frames", "--link", "link.json", "--display", "1080p60-h264", "--as-of",
                    "2026-11-26", status=NO, says=["1080p60-h264", "round trip"])
        self.refuse("recommend", "render-frames", "--display", "1080p60-h264", says=["--link"])
        self.refuse("recommend", "render-frames", "--link", "nosuch.json", says=["nosuch.json"])
        self.write("half.json", '{"schema": "gpubench.link/1"')
        self.refuse("recommend", "render-frames", "--link", "half.json", says=["half.json:1:"])
