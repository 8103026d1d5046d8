#!/usr/bin/env python3
"""Holds every JSON report against its schema, and the schema against documents that it must refuse.
usage: json_schema_test.py WRITE_FIXTURE_REPORT REPORT_SCHEMA RUN_SCHEMA"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    sys.exit("error: the Python module jsonschema is missing: apt-get install python3-jsonschema")


def reject_constant(name):
    raise ValueError(f"{name} is not JSON")


def main():
    writer, report_schema, run_schema = sys.argv[1], *(json.loads(pathlib.Path(p).read_text()) for p in sys.argv[2:4])
    jsonschema.Draft7Validator.check_schema(report_schema)
    report_validator, run_validator = jsonschema.Draft7Validator(report_schema), jsonschema.Draft7Validator(run_schema)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([writer, "json", folder], check=True)
        reports = {path.stem: json.loads(path.read_text(encoding="utf-8"), parse_constant=reject_constant)
                   for path in pathlib.Path(folder).glob("*.json")}
    for name, report in sorted(reports.items()):
        failures += [f"{name}: {error.json_path}: {error.message[:200]}" for error in report_validator.iter_errors(report)]
        for run in [one["run"] for one in report.get("runs", [])]:
            failures += [f"{name}: runs: {error.json_path}: {error.message[:200]}" for error in run_validator.iter_errors(run)]
        if report["run"] is not None and name in ("full", "run_only", "two_devices", "watched_gpus"):
            failures += [f"{name}: run: {error.json_path}: {error.message[:200]}" for error in run_validator.iter_errors(report["run"])]
    if "full" not in reports or len(reports) < 7:
        failures.append(f"reports are missing: {sorted(reports)}")

    # A schema that accepts anything would pass all of the above.
    def must_refuse(what, change):
        broken = copy.deepcopy(reports["full"])
        change(broken)
        if report_validator.is_valid(broken):
            failures.append(f"the schema accepts {what}")

    must_refuse("another schema name", lambda r: r.update(schema="gpubench.report/2"))
    must_refuse("a report without recommendations", lambda r: r.pop("recommendations"))
    must_refuse("a cost in words", lambda r: r["recommendations"][0]["ranked"][0].update(cost_usd="$61"))
    must_refuse("a probability above 1", lambda r: r["recommendations"][0]["ranked"][0].update(probability_in_deadline=97))
    must_refuse("limits without the age of prices", lambda r: r["recommendations"][0]["limits"].pop("max_price_age_days"))
    must_refuse("a candidate without its price's source", lambda r: r["recommendations"][0]["ranked"][0]["price"].pop("source"))
    def must_refuse_side_by_side(what, change):
        broken = copy.deepcopy(reports["several_runs"])
        change(broken)
        if report_validator.is_valid(broken):
            failures.append(f"the schema accepts {what}")

    must_refuse_side_by_side("a run without label", lambda r: r["runs"][0].pop("label"))
    must_refuse_side_by_side("a free machine", lambda r: r["runs"][0].update(usd_per_hour=0))
    must_refuse_side_by_side("an unknown state", lambda r: r["side_by_side"][0]["cells"][0].update(status="fine"))
    for failure in failures:
        print("FAILED:", failure)
    print(f"{len(reports)} reports, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
