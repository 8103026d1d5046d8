import csv
import datetime
import io
import json
import os

from harness import USAGE, ProgramTest

HEAD = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\n"
H100S = "p5.48xlarge,H100,8,192,2048,{},us-east-1,,{}\n"


class PriceListTest(ProgramTest):
    def make_list(self, rows, name="aws/vms.csv"):
        return self.write(name, HEAD + rows)

    def test_shows_what_a_list_would_change_and_writes_nothing(self):
        self.make_list(H100S.format(60.544, 0.9))
        done = self.succeed("catalog", "import", "skypilot", "aws/vms.csv", "--date", "2026-11-25", "--format", "csv",
                            "--show", "changed,refused")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([row["status"] for row in rows], ["changed", "refused"])
        self.assertEqual(rows[0]["before_per_hour"], "55.04")
        self.assertEqual(rows[0]["after_per_hour"], "60.544")
        self.assertAlmostEqual(float(rows[0]["change_percent"]), 10)
        self.assertEqual(rows[1]["place"], "aws/vms.csv:2:47")
        self.assertIn("floor of bids", rows[1]["reason"])
        self.assertIn("Nothing was written", done.stderr)
        self.assertEqual(sorted(p.name for p in self.here.iterdir()), ["aws"])

    def test_a_day_to_come_is_refused(self):
        self.make_list(H100S.format(60.544, ""))
        now = datetime.datetime.now(datetime.timezone.utc)
        day = lambda days: (now + datetime.timedelta(days=days)).strftime("%Y-%m-%d")
        command = ("catalog", "import", "skypilot", "aws/vms.csv")
        # Elsewhere it may be tomorrow already.
        self.succeed(*command, "--date", day(1))
        for date in (day(3), "2999", day(62)[:7]):
            self.refuse(*command, "--date", date, says=["--date", date, "a day to come", "2026-11-22"])
        later = (now + datetime.timedelta(days=3)).timestamp()
        os.utime(self.here / "aws/vms.csv", (later, later))
        self.refuse(*command, says=["aws/vms.csv was written", day(3), "--date"])

    def test_writes_a_snapshot_that_an_overlay_reads_and_that_is_checked(self):
        self.make_list(H100S.format(60.5, ""))
        done = self.succeed("catalog", "import", "skypilot", "aws/vms.csv", "--date", "2026-11-25", "--into", "prices")
        self.assertIn("Snapshot", done.stderr)
        snapshot = next((self.here / "prices").iterdir())
        listed = self.succeed("list", "prices", "^p5.48xlarge$", "--format", "json", "--overlay", snapshot)
        price = next(p for p in json.loads(listed.stdout)
                     if p["price_model"] == "on_demand" and p["region"] == "us-east-1" and p["provider"] == "aws")
        self.assertEqual(price["amount_per_hour"], 60.5)
        self.assertEqual(price["source_date"], "2026-11-25")
        self.assertIn("aws/vms.csv", price["source"])
        again = self.succeed("catalog", "import", "skypilot", "aws/vms.csv", "--date", "2026-11-25", "--into", "prices")
        self.assertIn("was there already", again.stderr)
        self.succeed("catalog", "validate", "--overlay", snapshot)
        found = json.loads(self.succeed("catalog", "snapshots", "prices", "--format", "json").stdout)
        self.assertEqual([(s["date"], s["prices"], s["intact"]) for s in found], [("2026-11-25", 1, True)])
        prices = snapshot / "prices.csv"
        prices.write_text(prices.read_text().replace("60.5", "6.05"))
        altered = self.run_program("catalog", "snapshots", "prices")
        self.assertEqual(altered.returncode, USAGE)
        self.assertIn("prices.csv was altered", altered.stdout)

    def test_a_snapshot_without_its_manifest_is_named(self):
        self.make_list(H100S.format(60.5, ""))
        self.succeed("catalog", "import", "skypilot", "aws/vms.csv", "--date", "2026-11-25", "--into", "prices")
        snapshot = next((self.here / "prices").iterdir())
        (snapshot / "snapshot.toml").unlink()
        done = self.run_program("catalog", "snapshots", "prices")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("snapshot.toml", done.stdout)
        self.assertIn(snapshot.name, done.stdout)

    def test_a_provider_is_a_name_and_no_path(self):
        self.make_list(H100S.format(60.5, ""))
        for wrong in ("../../x", "a/b", ".hidden", "", "a b"):
            self.refuse("catalog", "import", "skypilot", "aws/vms.csv", "--provider", wrong, "--into", "prices",
                        says=("--provider", "no name of a provider"))
        self.assertFalse((self.here / "prices").exists())

    def test_strict_writes_nothing_beside_a_refused_price(self):
        self.make_list(H100S.format(60.5, 0.01))
        done = self.run_program("catalog", "import", "skypilot", "aws/vms.csv", "--strict", "--into", "prices")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("nothing is taken over", done.stderr)
        self.assertFalse((self.here / "prices").exists())

    def test_refuses_what_is_no_price_list(self):
        self.write("aws/vms.csv", "AcceleratorName,Clouds\nA100,\"['AWS']\"\n")
        done = self.run_program("catalog", "import", "skypilot", "aws/vms.csv")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("error: aws/vms.csv:1:1: column 'InstanceType' is missing", done.stderr)
        self.write("broken.json", '[{"instance_type": "p5", ')
        done = self.run_program("catalog", "import", "vantage", "broken.json")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("broken.json:1:25: the JSON text ends in the middle", done.stderr)
        done = self.run_program("catalog", "import", "skypilt", "aws/vms.csv")
        self.assertIn("did you mean 'skypilot'?", done.stderr)
        os.mkfifo(self.here / "pipe")
        for form in ("skypilot", "vantage"):
            for name in ("pipe", "."):
                self.refuse("catalog", "import", form, name, says=["is not a regular file", "hint:"], timeout=20)

    def test_a_list_without_a_usable_price_is_an_error_that_says_why(self):
        self.make_list(H100S.format(0.0, ""))
        done = self.run_program("catalog", "import", "skypilot", "aws/vms.csv")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("a price of zero", done.stdout)
        self.assertIn("no price of this list can be used", done.stderr)
