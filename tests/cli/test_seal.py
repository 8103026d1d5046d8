"""Sealed reports: unchanged, altered, missing, signed, signed by someone else."""

import json
import os
import unittest

from harness import NO, SOURCE, USAGE, ProgramTest

# The keys of RFC 8032, section 7.1, TEST 2 and TEST 1: published, so of use to nobody but a test.
PRIVATE = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
-----END PRIVATE KEY-----
"""
OTHER = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""


class Seal(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("out/report.html", "<p>fast</p>")
        self.write("out/runs/a.json", "{}")
        self.write("key.pem", PRIVATE)
        self.write("other.pem", OTHER)

    def seal(self, *arguments):
        done = self.succeed("seal", "out/report.html", "out/runs/a.json", "--output", "out/seal.json", *arguments)
        document = json.loads((self.here / "out/seal.json").read_text())
        try:
            import jsonschema
            schema = json.loads((SOURCE / "results" / "schema" / "gpubench.seal-1.json").read_text())
            jsonschema.validate(document, schema)
        except ModuleNotFoundError:
            pass
        return done, document

    def states(self, *arguments, status=0):
        done = self.run_program("verify", "out/seal.json", "--format", "json", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return [row["state"] for row in json.loads(done.stdout)], done.stderr

    def test_what_nobody_touched_is_unchanged_wherever_it_is_moved(self):
        done, document = self.seal()
        self.assertIn("not signed", done.stderr)
        self.assertEqual([f["path"] for f in document["sealed"]["files"]], ["report.html", "runs/a.json"])
        self.assertEqual(self.states()[0], ["unchanged", "unchanged"])
        self.assertRegex(self.succeed("verify", "out/seal.json", "--format", "json").stdout, r'"bytes": 11,')
        os.rename(self.here / "out", self.here / "moved")
        self.succeed("verify", "moved/seal.json")

    def test_altered_and_missing_files_are_named_and_end_with_1(self):
        self.seal("--key", "key.pem")
        self.write("out/report.html", "<p>FAST</p>")
        self.assertEqual(self.states(status=NO)[0], ["altered", "unchanged"])
        (self.here / "out/runs/a.json").unlink()
        self.assertEqual(self.states(status=NO)[0], ["altered", "missing"])

    def test_a_signature_tells_who_sealed(self):
        done, _ = self.seal("--key", "key.pem")
        self.assertIn("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=", done.stderr)
        self.assertIn("signed by your key", self.states("--key", "key.pem")[1])
        self.assertIn("another key than yours", self.states("--key", "other.pem", status=NO)[1])
        self.assertIn("only --key can tell", self.states()[1])

    def test_a_seal_made_anew_for_altered_files_does_not_pass_for_the_signed_one(self):
        self.seal("--key", "key.pem")
        self.write("out/report.html", "<p>FAST</p>")
        self.seal()
        self.assertIn("a signature was asked for", self.states("--key", "key.pem", status=NO)[1])

    def test_a_digest_edited_within_the_seal_breaks_its_signature_and_its_layout_does_not(self):
        _, document = self.seal("--key", "key.pem")
        self.write("out/seal.json", json.dumps(document))
        self.assertEqual(self.states("--key", "key.pem")[0], ["unchanged", "unchanged"])
        self.write("out/report.html", "<p>FAST</p>")
        import hashlib
        document["sealed"]["files"][0]["sha256"] = hashlib.sha256(b"<p>FAST</p>").hexdigest()
        self.write("out/seal.json", json.dumps(document))
        states, words = self.states(status=NO)
        self.assertEqual(states, ["unchanged", "unchanged"])
        self.assertIn("the seal itself was altered", words)

    def test_a_seal_covers_only_what_lies_beside_or_below_it(self):
        self.refuse("seal", "key.pem", "--output", "out/seal.json", says=["outside the folder of the seal"])
        self.refuse("seal", "out/report.html", "out/./report.html", "--output", "out/seal.json", says=["named twice"])
        self.refuse("seal", "out/report.html", "--output", "out/report.html", says=["which is to be read"])
        self.refuse("seal", "out/report.html", "--key", "key.pem", "--output", "key.pem", says=["which is to be read"])
        self.assertEqual((self.here / "key.pem").read_text(), PRIVATE)
        self.assertEqual((self.here / "out/report.html").read_text(), "<p>fast</p>")
        self.seal()
        self.refuse("verify", "out/seal.json", "--output", "out/runs/a.json", says=["which is to be read"])
        self.assertEqual(self.states()[0], ["unchanged", "unchanged"])
        _, document = self.seal()
        for path in ("../key.pem", "/etc/hostname", "runs/../report.html", "", "runs/"):
            document["sealed"]["files"][0]["path"] = path
            self.write("out/seal.json", json.dumps(document))
            self.refuse("verify", "out/seal.json", says=["out/seal.json", "sealed.files[0].path"])

    def test_files_that_are_no_seal_are_refused_by_what_is_wrong(self):
        _, document = self.seal("--key", "key.pem")
        for edit, says in (({"schema": "gpubench.seal/2"}, "gpubench.seal/2"), ({"schema": "gpubench.run/1"}, "schema"),
                           ({"sealed": None}, "sealed"), ({"signature": {}}, "signature.algorithm"),
                           ({"signature": {"algorithm": "rsa", "public_key": "", "value": ""}}, "rsa"),
                           ({"signature": {"algorithm": "ed25519", "public_key": "AAAA", "value": ""}}, "32 bytes")):
            self.write("out/seal.json", json.dumps({**document, **edit}))
            self.refuse("verify", "out/seal.json", says=["out/seal.json", says])
        for edit, place in ((lambda d: d.update(note="all is well"), "note"),
                            (lambda d: d["sealed"].update(vendor="A"), "sealed.vendor"),
                            (lambda d: d["sealed"]["files"][0].update(size=1), "sealed.files[0].size"),
                            (lambda d: d["signature"].update(signer="A"), "signature.signer")):
            altered = json.loads(json.dumps(document))
            edit(altered)
            self.write("out/seal.json", json.dumps(altered))
            self.refuse("verify", "out/seal.json", says=["out/seal.json", place + " is not part of a seal"])
        for text in ("", "{", "[1]", "\0\1", '{"schema": "gpubench.seal/1", "sealed": {"made_at": "", "files": []}}'):
            self.write("out/seal.json", text)
            self.refuse("verify", "out/seal.json", says=["out/seal.json"])

    def test_a_name_that_is_not_utf8_is_refused(self):
        name = b"out/caf\xe9.html"
        with open(os.path.join(os.fsencode(self.here), name), "w") as file:
            file.write("<p>fast</p>")
        done = self.run_program("seal", "out/report.html", os.fsdecode(name), "--output", "out/seal.json")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("the name is not UTF-8", done.stderr)
        self.assertIn("hint: rename the file", done.stderr)
        self.assertFalse((self.here / "out/seal.json").exists())

    def test_keys_that_are_none_are_refused(self):
        self.write("key.pem", "no key")
        self.refuse("seal", "out/report.html", "--key", "key.pem", says=["key.pem", "openssl genpkey"])
        self.refuse("seal", "out/report.html", "--key", "none.pem", says=["none.pem"])
        self.refuse("seal", "none.html", says=["none.html"])


if __name__ == "__main__":
    unittest.main()
