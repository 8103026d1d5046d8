#!/usr/bin/env python3
"""Reads CSV, JUnit XML and Prometheus' text of every report back and holds the figures against the JSON report.
usage: exchange_formats_test.py WRITE_FIXTURE_REPORT JUNIT_SCHEMA"""
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    print("skipped: prometheus_client is missing (apt-get install python3-prometheus-client)")
    sys.exit(77)

failures, passed = [], 0


def check(condition, what):
    global passed
    if condition:
        passed += 1
    else:
        failures.append(what)
        print("FAILED:", what)


def runs_of(report):
    if report["run"]:
        return [("", report["run"])]
    return [(one["label"], one["run"]) for one in report.get("runs", [])]


def check_csv(name, text, report):
    rows = [row for row in csv.DictReader(text.splitlines()) if row["record"] == "measurement"]
    expected = [(label, m) for label, run in runs_of(report) for m in run["measurements"]]
    check(len(rows) == len(expected), f"{name}: a line for each measurement: {len(rows)} of {len(expected)}")
    number = lambda text: float(text) if text else None
    for row, (label, m) in zip(rows, expected):
        where = f"{name}: {label} {m['name']}"
        stated = (m.get("reported") or {}).get("time_ns", {})
        time = m["time_ns"] or {}
        interval = time.get("median_interval") or {}
        figures = {"median_ns": time.get("median", stated.get("median")), "mean_ns": stated.get("mean"),
                   "median_low_ns": interval.get("low"), "median_high_ns": interval.get("high"),
                   "fraction_of_peak": m["peak"] and m["peak"]["fraction_of_peak"], **m["rates"]}
        figures = {key: value for key, value in figures.items() if key in row}
        for key, value in figures.items():
            check(number(row[key]) == value, f"{where}: {key} is {row[key]}, in JSON {value}")
        check(row["run"] == label and row["benchmark"] == m["benchmark"] and row["status"] == m["status"], where)


def check_junit(name, path, report, schema):
    if shutil.which("xmllint"):
        done = subprocess.run(["xmllint", "--noout", "--schema", schema, str(path)], capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"{name}: keeps the schema: {done.stderr[:500]}")
    suites = {suite.get("name"): suite for suite in ElementTree.parse(path).getroot()}
    check(("what to rent" in suites) == bool(report["recommendations"]), f"{name}: suites {sorted(suites)}")
    for label, run in runs_of(report):
        suite = suites.get(label) if label else next(s for key, s in suites.items() if key != "what to rent")
        cases = suite.findall("testcase")
        check(len(cases) == len(run["measurements"]) == int(suite.get("tests")), f"{name}: a case for each measurement")
        check(len(suite.findall("testcase/failure")) == int(suite.get("failures")), f"{name}: failures are counted")
        for case, m in zip(cases, run["measurements"]):
            verified = m.get("verification")
            wrong = bool(verified) and verified["error"] > verified["tolerance"]
            failure, skipped = case.find("failure"), case.find("skipped")
            check((failure is not None) == (m["status"] == "failed" or wrong), f"{name}: {m['name']}: failure")
            check((skipped is not None) == (m["status"] == "skipped"), f"{name}: {m['name']}: skipped")
            if wrong:
                check(failure.get("type") == "wrong result", f"{name}: {m['name']}: type {failure.get('type')}")
            if m["time_ns"]:
                check(abs(float(case.get("time")) - m["time_ns"]["median"] * 1e-9) < 1e-9, f"{name}: {m['name']}: time")


def check_prometheus(name, text, report):
    families = {family.name: family for family in text_string_to_metric_families(text)}
    check(all(family.documentation and family.type == "gauge" for family in families.values()), f"{name}: help and type")
    seen = set()
    for family in families.values():
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            check(key not in seen, f"{name}: {key} stands once")
            seen.add(key)
    if name != "hostile":
        for label, run in runs_of(report):
            expected = {m["name"]: m["rates"]["bytes_per_second"] for m in run["measurements"]
                        if m["status"] == "ok" and m["rates"]["bytes_per_second"] is not None}
            found = {s.labels["benchmark"]: s.value for s in getattr(families.get("gpubench_bytes_per_second"), "samples", [])
                     if s.labels.get("run", "") == label}
            check(found == expected, f"{name}: {label}: rates in bytes a second: {len(found)} of {len(expected)}")
    costs = getattr(families.get("gpubench_offer_expected_cost_usd"), "samples", [])
    for answer in report["recommendations"]:
        ranked = [offer["expected_cost_usd"] for offer in answer["ranked"][:10] if offer["expected_cost_usd"] is not None]
        found = [s.value for s in costs if s.labels["workload"] == answer["workload"]["name"]]
        if name != "hostile":
            check(found == ranked, f"{name}: costs of {answer['workload']['name']}")


def main():
    writer, schema = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        for form in ("json", "csv", "junit", "prometheus"):
            subprocess.run([writer, form, folder], check=True)
        folder = pathlib.Path(folder)
        reports = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
        for name, report in sorted(reports.items()):
            # A median that is none is null in JSON and empty in CSV, but leaves times that no reader would accept.
            if name not in ("not_finite", "hostile"):
                check_csv(name, (folder / f"{name}.csv").read_text(encoding="utf-8"), report)
                check_junit(name, folder / f"{name}.junit", report, schema)
            elif shutil.which("xmllint"):
                ElementTree.parse(folder / f"{name}.junit")
            check_prometheus(name, (folder / f"{name}.prometheus").read_text(encoding="utf-8"), report)
    check(len(reports) > 8, f"every case was written: {sorted(reports)}")
    print(f"{passed} checks passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
