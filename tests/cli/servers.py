"""Servers that tests start on free loopback ports: Prometheus and Pushgateway of Debian's packages, and stand-ins."""

import contextlib
import http.server
import os
import random
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

# Where scripts/setup.sh puts them: taken out of their packages, so that no service is started.
FOLDERS = ("/usr/local/lib/gpubench-test-tools", "/usr/bin")


def find_tool(name):
    """A program of the tests, or None."""
    for folder in os.environ.get("GPUBENCH_TEST_TOOLS", "").split(os.pathsep) + list(FOLDERS):
        path = Path(folder) / name
        if folder and os.access(path, os.X_OK):
            return str(path)
    return shutil.which(name)


def require_tool(test, name):
    found = find_tool(name)
    if not found:
        test.skipTest(f"{name} is not installed (scripts/setup.sh)")
    return found


reserved = []


def free_port():
    """A port for a server that must be told one, kept from other tests until this process ends. It is below those that the
    kernel hands out to whoever asks for any: nobody else comes to it between this and the server's start."""
    first_handed_out = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    lowest = 10000
    assert first_handed_out > lowest + 1000, "no ports are left for servers of tests"
    for port in random.SystemRandom().sample(range(lowest, first_handed_out), 1000):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0gpubench-test-port-{port}")  # goes with the process
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        reserved.append(claim)
        return port
    raise AssertionError("no free port was found")


def closed_port(test):
    """A port that nobody listens on, nor can until the test ends."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    test.addCleanup(held.close)
    return held.getsockname()[1]


def fetch(url, timeout=10):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def wait_for(what, seconds=60):
    """Until what() is neither false nor an error of the network."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, urllib.error.URLError):
            found = what()
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def start(test, arguments, ready, seconds=60, **options):
    """Starts a program that ends with the test, and waits until `ready` answers."""
    process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, **options)
    end_with_test(test, process)
    wait_for(lambda: fetch(ready), seconds)
    return process


def end_with_test(test, process):
    def stop():
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()
    test.addCleanup(stop)


def start_prometheus(test, folder, config, *arguments):
    """A Prometheus server over a folder of data; its address."""
    port = free_port()
    config_file = Path(folder) / "prometheus.yml"
    config_file.write_text(config)
    start(test, [require_tool(test, "prometheus"), f"--config.file={config_file}",
                 f"--storage.tsdb.path={Path(folder) / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
                 "--log.level=error", "--storage.tsdb.retention.time=10y", *arguments],
          f"http://127.0.0.1:{port}/-/ready")
    return f"http://127.0.0.1:{port}"


def load_series(test, folder, openmetrics):
    """Makes blocks of a Prometheus server out of text with times."""
    text = Path(folder) / "series.om"
    text.write_text(openmetrics)
    (Path(folder) / "data").mkdir(exist_ok=True)
    done = subprocess.run([require_tool(test, "promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text),
                           str(Path(folder) / "data")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text.unlink()


def start_pushgateway(test):
    port = free_port()
    start(test, [require_tool(test, "prometheus-pushgateway"), f"--web.listen-address=127.0.0.1:{port}",
                 "--log.level=error"], f"http://127.0.0.1:{port}/-/ready")
    return f"http://127.0.0.1:{port}"


def stand_in(test, answer, location=None):
    """A server that answers each GET and PUT with answer(path): (status, content type, iterable of bytes)."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, kind, parts = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            with contextlib.suppress(OSError):
                for part in parts:
                    self.wfile.write(part)

        def do_PUT(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop():
        server.shutdown()
        server.server_close()
    test.addCleanup(stop)
    return f"http://127.0.0.1:{server.server_port}"
