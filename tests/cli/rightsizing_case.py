"""What tests of gpubench rightsize share: a catalogue, a real Prometheus server, and looks at an answer."""

import json

import observed
import servers
from harness import SOURCE, ProgramTest

A100_40, A100_80, H100, L4 = ("NVIDIA A100-SXM4-40GB", "NVIDIA A100-SXM4-80GB", "NVIDIA H100 80GB HBM3", "NVIDIA L4")


class Rightsize(ProgramTest):
    def setUp(self):
        super().setUp()
        self.catalogue = observed.write_catalogue(self.here / "catalogue")

    def answer_of(self, *arguments, **options):
        done = self.succeed("rightsize", *arguments, "--profiles", self.catalogue, "--as-of", "2026-11-22", "--format",
                            "json", **options)
        answer = json.loads(done.stdout)
        try:
            import jsonschema
        except ImportError:
            return answer
        schema = json.loads((SOURCE / "rightsizing" / "schema" / "gpubench.rightsizing-1.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(answer)
        return answer

    def prometheus(self, series):
        folder = self.here / "prometheus"
        folder.mkdir()
        servers.load_series(self, folder, series.text())
        return servers.start_prometheus(self, folder, "global: {}\n")

    def ask(self, series, *arguments, step="30m"):
        self.url = self.prometheus(series)
        return self.answer_of("--prometheus", self.url, "--until", observed.UNTIL, "--step", step, *arguments)

    def machine(self, answer, host=None):
        found = [each for each in answer["machines"] if host is None or each["host"] == host]
        self.assertEqual(len(found), 1, [each.get("host") for each in answer["machines"]])
        return found[0]

    def assert_bound(self, machine, bound):
        self.assertEqual({device["bound"] for device in machine["devices"]}, {bound}, machine["sentence"])

    def assert_choice(self, machine, provider, instance_type, instances=1):
        choice = machine["choice"]
        self.assertEqual((choice["provider"], choice["instance_type"], choice["instances"]),
                         (provider, instance_type, instances), machine["sentence"])
