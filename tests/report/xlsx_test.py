#!/usr/bin/env python3
"""Reads every XLSX report back with openpyxl and holds its numbers against those of the JSON report.
usage: xlsx_test.py WRITE_FIXTURE_REPORT"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import openpyxl
except ImportError:
    print("skipped: the Python module openpyxl is missing (apt-get install python3-openpyxl)")
    sys.exit(77)


class Checker:
    def __init__(self):
        self.passed, self.failures = 0, []

    def that(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failures.append(what)
            print("FAILED:", what)


def rows_of(sheet):
    """The rows below the header, each by the header's names."""
    header = [cell.value for cell in sheet[1]]
    return [dict(zip(header, (cell.value for cell in row))) for row in sheet.iter_rows(min_row=2)]


def check_every_sheet(check, name, book):
    check.that(book.sheetnames[-1] == "Provenance", f"{name}: ends with the provenance: {book.sheetnames}")
    for sheet in book:
        where = f"{name}, {sheet.title}"
        check.that(sheet.freeze_panes == "B2", f"{where}: the header stays in view: {sheet.freeze_panes}")
        check.that(all(cell.value for cell in sheet[1]), f"{where}: every column has a header")
        cells = [cell for row in sheet.iter_rows() for cell in row]
        check.that(all(cell.data_type != "f" for cell in cells), f"{where}: no formula")
        check.that(not any(cell.value in ("nan", "inf", "-inf") for cell in cells), f"{where}: no number that is none")
        check.that(sheet.max_row > 1, f"{where}: has rows")


def check_measurements(check, book, report):
    rows = rows_of(book["Measurements"])
    measured = report["run"]["measurements"]
    check.that(len(rows) == len(measured), f"a row for each measurement: {len(rows)} of {len(measured)}")
    numbers = {"median, ns": lambda m: m["time_ns"] and m["time_ns"]["median"],
               "FLOP/s": lambda m: m["rates"]["flop_per_second"], "B/s": lambda m: m["rates"]["bytes_per_second"],
               "fraction of peak": lambda m: m["peak"] and m["peak"]["fraction_of_peak"]}
    for row, m in zip(rows, measured):
        check.that(row["benchmark"] == m["benchmark"], f"{row['benchmark']} is {m['benchmark']}")
        for header, of in numbers.items():
            value = of(m)
            same = row[header] is None if value is None else abs(row[header] - value) <= 1e-12 * abs(value)
            check.that(same, f"{m['name']}: {header} is {row[header]}, measured {value}")
    formats = {cell.value: book["Measurements"].cell(2, cell.column).number_format for cell in book["Measurements"][1]}
    check.that(formats["fraction of peak"] == "0.00%", f"fractions are shown as percent: {formats}")
    check.that(formats["median, ns"] == "#,##0.0", f"times have a number format: {formats}")


def check_ranking(check, book, report):
    rows, ranked = rows_of(book["Ranking"]), report["recommendations"][0]["ranked"]
    check.that(len(rows) == len(ranked), f"every offer has a row: {len(rows)} of {len(ranked)}")
    for row, offer in zip(rows, ranked):
        check.that(abs(row["expected cost, USD"] - offer["expected_cost_usd"]) <= 1e-14 * offer["expected_cost_usd"], f"cost of rank {offer['rank']}")
        check.that(row["instance type"] == offer["instance"]["type"], f"type of rank {offer['rank']}")
    rent = [row["answer"] for row in rows_of(book["Answer"]) if row["what"] == "rent"]
    check.that(rent == [report["recommendations"][0]["answer"]["rent"]], f"the answer is there: {rent}")
    rejected = len(rows_of(book["Rejected"]))
    check.that(rejected == len(report["recommendations"][0]["rejected"]), f"rejected offers: {rejected}")
    prices = [row for row in rows_of(book["Provenance"]) if row["what"] == "price"]
    check.that(prices and all(row["date"] and row["file or source"] for row in prices), "every price has date and source")


def check_side_by_side(check, book, report):
    rows = rows_of(book["Side by side"])
    check.that(len(rows) == len(report["side_by_side"]), "every row is there")
    sheet, missing = book["Side by side"], 0
    columns = {cell.value: cell.column for cell in sheet[1]}
    for place, (row, expected) in enumerate(zip(rows, report["side_by_side"])):
        for cell in expected["cells"]:
            value = row[cell["run"]]
            if cell["value"] is None:
                missing += 1
                check.that(isinstance(value, str) and value.startswith(cell["status"]), f"said in words: {value}")
            else:
                check.that(abs(value - cell["value"]) <= 1e-14 * abs(cell["value"]), f"{expected['benchmark']}, {cell['run']}: {value}")
            bold = bool(sheet.cell(place + 2, columns[cell["run"]]).font.b)
            check.that(bold == cell["best"], f"{expected['benchmark']}, {cell['run']}: the best is bold")
        check.that(row["unit of the figures"] == expected["unit"], f"unit of {expected['benchmark']}")
    check.that(missing > 3, f"the case has something missing: {missing}")
    costs = rows_of(book["Cost of work"])
    check.that(costs and all(isinstance(row["here, USD"], (int, float)) or isinstance(row["vendor, USD"], (int, float))
                             for row in costs), "costs are numbers")
    check.that(all(row["there, USD"] == "no price" for row in costs), "a run without price has no cost, and not 0")
    provenance = rows_of(book["Provenance"])
    digests = [row["SHA-256"] for row in provenance if row["what"] == "run"]
    check.that(digests == [run["sha256"] for run in report["runs"]], f"digests of the run files: {digests}")
    imported = [row["name"] for row in provenance if row["what"] == "imported file"]
    check.that(imported == ["sweep.txt", "stream.csv"], f"imported files: {imported}")


def main():
    check = Checker()
    with tempfile.TemporaryDirectory() as folder:
        for form in ("xlsx", "json"):
            subprocess.run([sys.argv[1], form, folder], check=True)
        folder = pathlib.Path(folder)
        reports = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
        books = {path.stem: openpyxl.load_workbook(path) for path in folder.glob("*.xlsx")}
        first = (folder / "full.xlsx").read_bytes()
        subprocess.run([sys.argv[1], "xlsx", str(folder)], check=True)
        check.that((folder / "full.xlsx").read_bytes() == first, "the same report gives the same bytes")
    check.that(set(books) == set(reports) and len(books) > 7, f"every case is a workbook: {sorted(books)}")
    for name, book in sorted(books.items()):
        check_every_sheet(check, name, book)
    check_measurements(check, books["full"], reports["full"])
    check_ranking(check, books["full"], reports["full"])
    check_side_by_side(check, books["several_runs"], reports["several_runs"])
    check.that(books["full"].properties.creator.startswith("gpubench "), "the author is gpubench")
    print(f"{check.passed} checks passed, {len(check.failures)} failed")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
