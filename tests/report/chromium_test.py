#!/usr/bin/env python3
"""Opens the hand-made HTML reports in headless Chromium and asserts what only a browser can tell: no console error, no
network request, every chart drawn, no sideways scrolling on a phone, light and dark, and a PDF for A4.

Speaks the DevTools protocol through --remote-debugging-pipe, so that it needs Python and a browser and nothing else.
usage: chromium_test.py WRITE_FIXTURE_REPORT [DIRECTORY FOR SCREENSHOTS]
Exit code 77: no browser here.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

BROWSERS = ["chromium", "google-chrome", "google-chrome-stable", "chrome"]
CASES_WITHOUT_SHOTS = ["recommendations_only", "run_only", "two_devices", "watched_gpus", "empty_run",
                       "nothing", "not_finite", "hostile"]
# A chart without points has nothing to draw; these cases have none to show or only broken numbers.
CHARTS = {"full": 3, "recommendations_only": 1, "run_only": 2, "two_devices": 3, "watched_gpus": 1, "empty_run": 0,
          "nothing": 0, "not_finite": None,
          "hostile": None, "several_runs": 2}
WIDTHS = {"phone": (360, 740, True), "desktop": (1280, 900, False)}

# Runs in the page. A chart counts as drawn when its canvas has pixels of several colours.
PROBE = """(() => {
  const drawn = [...document.querySelectorAll("canvas")].map((canvas) => {
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const box = canvas.getBoundingClientRect();
    return {colours: new Set(pixels).size, inked: pixels.filter((p) => p !== 0).length / pixels.length,
            label: canvas.getAttribute("aria-label") || "", role: canvas.getAttribute("role"), width: box.width, height: box.height};
  });
  const page = document.documentElement;
  const wide = [...document.body.querySelectorAll("*")].filter((e) => !e.closest(".scroll, pre") &&
    e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== "absolute");
  return JSON.stringify({
    canvases: drawn,
    overflow: page.scrollWidth - innerWidth,
    wide: wide.map((e) => e.tagName + "." + e.className).slice(0, 5),
    tablesWithoutCaption: [...document.querySelectorAll("table")].filter((t) => !t.caption || !t.caption.textContent.trim()).length,
    headersWithoutScope: [...document.querySelectorAll("th")].filter((h) => !["col", "row"].includes(h.scope)).length,
    tables: document.querySelectorAll("table").length,
    duplicateIds: [...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i),
    deadLinks: [...document.querySelectorAll("a[href^='#']")].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash),
    resources: performance.getEntriesByType("resource").map((e) => e.name),
    foreign: document.querySelectorAll("img, iframe, object, link[rel=stylesheet], script[src]").length,
    background: getComputedStyle(document.body).backgroundColor,
    colour: getComputedStyle(document.body).color,
    headings: [...document.querySelectorAll("h1")].length,
  });
})()"""


class Browser:
    """A headless Chromium in a new, empty profile."""

    def __init__(self, program, profile):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def connect():  # the browser reads commands on descriptor 3 and answers on 4
            saved_in, saved_out = os.dup(to_browser), os.dup(from_browser)
            os.dup2(saved_in, 3)
            os.dup2(saved_out, 4)

        arguments = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
                     f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self.log = open(pathlib.Path(profile) / "log.txt", "wb")
        self.process = subprocess.Popen(arguments, preexec_fn=connect, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.last_id, self.events, self.session = b"", 0, [], None

    def _message(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                return None
            part = os.read(self.read_end, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, timeout=60, **params):
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write_end, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + timeout
        while True:
            message = self._message(deadline)
            if message is None:
                raise RuntimeError(f"no answer to {method} within {timeout} s")
            if message.get("id") == command["id"]:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def open(self, url, width, height, phone, scheme, scripts=True):
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=url)
        for _ in range(200):
            if self.evaluate("document.readyState === 'complete' && location.href !== 'about:blank'"):
                break
            time.sleep(0.05)
        # Two frames: Chart.js sizes its canvases in one and has drawn them by the next.
        if scripts:
            self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def complaints(self):
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append("exception: " + json.dumps(params["exceptionDetails"])[:600])
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append("log: " + params["entry"]["text"])
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                found.append("console: " + json.dumps(params["args"])[:600])
            elif method == "Page.javascriptDialogOpening":
                found.append("dialog: " + params["message"])
        return found

    def requests(self, own_url):
        urls = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [url for url in urls if url.split("#")[0] != own_url and not url.startswith("data:")]

    def close(self):
        try:
            self.session = None
            self.call("Browser.close", timeout=10)
        except (RuntimeError, OSError):
            pass
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Checker:
    def __init__(self):
        self.failures, self.passed = [], 0

    def that(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failures.append(what)
            print("FAILED:", what)


def check_page(check, browser, name, url, look, shots):
    size, scheme = look
    width, height, phone = WIDTHS[size]
    browser.open(url, width, height, phone, scheme)
    where = f"{name}, {size}, {scheme}"
    seen = json.loads(browser.evaluate(PROBE))
    complaints, requests = browser.complaints(), browser.requests(url)
    check.that(not complaints, f"{where}: console is clean: {complaints}")
    check.that(not requests and not seen["resources"], f"{where}: no network request: {requests} {seen['resources']}")
    check.that(seen["foreign"] == 0, f"{where}: nothing is loaded from elsewhere")
    if CHARTS[name] is not None:
        check.that(len(seen["canvases"]) == CHARTS[name], f"{where}: {CHARTS[name]} charts, found {len(seen['canvases'])}")
        for canvas in seen["canvases"]:
            check.that(canvas["colours"] > 4 and canvas["inked"] > 0.005, f"{where}: chart is drawn: {canvas}")
    for canvas in seen["canvases"]:
        check.that(canvas["role"] == "img" and len(canvas["label"]) > 20, f"{where}: chart has a text alternative: {canvas}")
        check.that(canvas["width"] <= width and canvas["height"] >= 200, f"{where}: chart has a size: {canvas}")
    check.that(seen["overflow"] <= 0 and not seen["wide"], f"{where}: no sideways scrolling: {seen['overflow']} px, {seen['wide']}")
    check.that(seen["tablesWithoutCaption"] == 0, f"{where}: every table has a caption")
    check.that(seen["headersWithoutScope"] == 0, f"{where}: every header cell has a scope")
    check.that(not seen["duplicateIds"] and not seen["deadLinks"], f"{where}: ids {seen['duplicateIds']}, links {seen['deadLinks']}")
    check.that(seen["headings"] == 1, f"{where}: one h1")
    light = sum(map(int, seen["background"][4:-1].split(","))) > 3 * 128
    check.that(light == (scheme == "light"), f"{where}: background {seen['background']}")
    check.that(seen["background"] != seen["colour"], f"{where}: text can be read")
    if shots:
        tall = int(browser.evaluate("document.documentElement.scrollHeight"))
        image = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": width, "height": tall, "scale": 1})
        (pathlib.Path(shots) / f"{name}-{size}-{scheme}.png").write_bytes(base64.b64decode(image["data"]))


def check_controls(check, browser, url):
    """Sorting, filtering and unfolding by the keyboard's means: real buttons and a select."""
    browser.open(url, *WIDTHS["desktop"], "light")
    rows = "[...document.querySelectorAll('#ranking-1 tbody tr')].filter((r) => !r.hidden)"
    costs = f"{rows}.map((r) => Number(r.cells[3].dataset.sort))"
    header = "document.querySelectorAll('#ranking-1 thead th')[3]"
    first = browser.evaluate(f"{rows}.length")
    total = browser.evaluate("document.querySelectorAll('#ranking-1 tbody tr').length")
    check.that(5 < first < total, f"other regions of an offer are folded away: {first} of {total} rows")
    browser.evaluate(f"{header}.querySelector('button').click()")
    check.that(browser.evaluate(f"{header}.getAttribute('aria-sort')") == "ascending", "a sorted column says so")
    browser.evaluate(f"{header}.querySelector('button').click()")
    falling = browser.evaluate(costs)
    check.that(falling == sorted(falling, reverse=True) and falling[0] > falling[-1], f"costs fall: {falling}")
    browser.evaluate("const s = document.querySelector('.controls select'); s.value = 'gcp'; s.dispatchEvent(new Event('change'))")
    shown = browser.evaluate(f"[...new Set({rows}.map((r) => r.dataset.provider))].join()")
    check.that(shown == "gcp", f"only one provider is shown: {shown}")
    browser.evaluate("s.value = ''; s.dispatchEvent(new Event('change')); document.querySelector('.controls input').click();"
                     "document.querySelector('#ranking-1').parentElement.nextElementSibling.click()")
    check.that(browser.evaluate(f"{rows}.length === document.querySelectorAll('#ranking-1 tbody tr').length"), "all rows can be shown")
    focusable = browser.evaluate("[...document.querySelectorAll('.scroll')].every((e) => e.tabIndex === 0 && e.getAttribute('aria-label'))")
    check.that(focusable, "regions that scroll can be reached and are named")
    check.that(not browser.complaints(), f"console is clean after use: {browser.complaints()}")


def check_print(check, browser, name, url, shots):
    browser.open(url, *WIDTHS["desktop"], "dark")
    def printed():
        return base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    pdf = printed()
    browser.evaluate("document.querySelectorAll('canvas').forEach((canvas) => { canvas.style.visibility = 'hidden'; })")
    check.that(len(printed()) + 10000 < len(pdf), f"{name}: the charts are on paper too")
    check.that(pdf.startswith(b"%PDF-") and len(pdf) > 20000, f"prints: {len(pdf)} bytes")
    check.that(not browser.complaints(), f"console is clean after printing: {browser.complaints()}")
    if shots:
        (pathlib.Path(shots) / f"{name}.pdf").write_bytes(pdf)


def check_without_script(check, browser, url):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url, *WIDTHS["desktop"], "light", scripts=False)
    text = browser.evaluate("document.body.innerText")
    for fact in ["g6.12xlarge", "19.8 h", "Without JavaScript", "Cost against time", "gemm_fp32"]:
        check.that(fact in text, f"reads without JavaScript: {fact}")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def check_hostile(check, browser, url):
    browser.open(url, *WIDTHS["desktop"], "light")
    check.that(browser.evaluate("document.querySelectorAll('img').length") == 0, "markup in a name stays text")
    check.that("</script><img src=x onerror=alert(1)>" in browser.evaluate("document.querySelector('h1').textContent"),
               "the name is shown as it is")


def main():
    writer, shots = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    program = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if not program:
        print(f"skipped: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
        return 77
    check = Checker()
    with tempfile.TemporaryDirectory(prefix="gpubench-report-", ignore_cleanup_errors=True) as folder:
        reports, profile = pathlib.Path(folder) / "reports", pathlib.Path(folder) / "profile"
        reports.mkdir()
        profile.mkdir()
        subprocess.run([writer, "html", str(reports)], check=True)
        browser = Browser(program, profile)
        try:
            browser.attach()
            url = {path.stem: path.as_uri() for path in reports.glob("*.html")}
            check.that(set(url) == set(CHARTS), f"every case is known to this test: {sorted(url)}")
            for size in WIDTHS:
                for scheme in ["light", "dark"]:
                    check_page(check, browser, "full", url["full"], (size, scheme), shots)
            for size in WIDTHS:
                check_page(check, browser, "several_runs", url["several_runs"], (size, "light"), shots)
            check_page(check, browser, "several_runs", url["several_runs"], ("desktop", "dark"), shots)
            for name in CASES_WITHOUT_SHOTS:
                check_page(check, browser, name, url[name], ("phone", "light"), None)
            check_controls(check, browser, url["full"])
            check_hostile(check, browser, url["hostile"])
            for name in ("full", "several_runs"):
                check_print(check, browser, name, url[name], shots)
            check_without_script(check, browser, url["full"])
        finally:
            browser.close()
    print(f"{program}: {check.passed} checks passed, {len(check.failures)} failed")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
