"""`make prove` resumes where it stopped, and starts over when the sources change."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from ..local import durations
from ..local.console import Problem
from . import prove, resume
from .prove import Part


class TestProve(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.ran: list[str] = []
        self.is_broken = True
        self.sources = "these"
        parts = [Part("good", "", self.good), Part("broken", "", self.broken), Part("last", "", self.last)]
        self.enterContext(mock.patch.object(prove, "PARTS", parts))
        self.enterContext(mock.patch.object(resume, "FOLDER", Path(scratch.name, "prove")))
        self.enterContext(mock.patch.object(resume, "sources", lambda: self.sources))
        self.enterContext(mock.patch.object(durations, "FILE", Path(scratch.name, "durations.json")))
        self.output = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def good(self, _: str) -> None:
        self.ran.append("good")

    def last(self, _: str) -> None:
        self.ran.append("last")

    def broken(self, _: str) -> None:
        self.ran.append("broken")
        if self.is_broken:
            raise Problem("something survived")

    def test_a_part_that_fails_does_not_end_the_run_and_the_table_says_so(self) -> None:
        self.assertFalse(prove.run([], fresh=False))
        self.assertEqual(self.ran, ["good", "broken", "last"])
        self.assertIn("something survived", self.output.getvalue())
        self.assertIn("2 passed, 1 failed", self.output.getvalue())

    def test_only_what_has_not_passed_is_run_again(self) -> None:
        prove.run([], fresh=False)
        self.ran, self.is_broken = [], False
        self.assertTrue(prove.run([], fresh=False))
        self.assertEqual(self.ran, ["broken"])

    def test_other_sources_and_a_fresh_run_forget_what_was_done(self) -> None:
        self.is_broken = False
        for sources, fresh in (("these", False), ("others", False), ("others", True)):
            self.ran, self.sources = [], sources
            self.assertTrue(prove.run([], fresh))
            self.assertEqual(self.ran, ["good", "broken", "last"])

    def test_an_unknown_part_is_refused_with_the_list(self) -> None:
        with self.assertRaises(Problem) as refused:
            prove.run(["goods"], fresh=False)
        self.assertIn("good, broken, last", refused.exception.advice)

    def test_items_that_were_done_are_known_to_the_next_run(self) -> None:
        resume.Done("roles", "these").add("place_order dynamodb:PutItem", "a test")
        self.assertIn("place_order dynamodb:PutItem", resume.Done("roles", "these"))
        self.assertNotIn("place_order dynamodb:PutItem", resume.Done("roles", "others"))


if __name__ == "__main__":
    unittest.main()
