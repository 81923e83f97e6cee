"""A tier whose input files have not changed since it passed runs again only when it is named."""

import contextlib
import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from ..local.console import Problem
from . import resume, tiers
from .runner import Tier


class TestInputs(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.ran, self.is_broken, self.files = 0, False, "these"
        self.enterContext(mock.patch.object(tiers, "TIERS", [Tier("infra", "", self.tier, inputs=("infra",))]))
        self.enterContext(mock.patch.object(resume, "FOLDER", Path(scratch.name)))
        self.enterContext(mock.patch.object(resume, "sources", lambda _: self.files))
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        # `make test TIERS=tools` sets it for these very tests.
        self.enterContext(mock.patch.dict("os.environ"))
        os.environ.pop(tiers.AGAIN, None)

    def tier(self) -> None:
        self.ran += 1
        if self.is_broken:
            raise Problem("it fails")

    def test_it_is_run_once_for_the_same_files(self) -> None:
        tiers.run_one("infra")
        tiers.run_one("infra")
        self.assertEqual(self.ran, 1)

    def test_it_is_run_again_after_a_change_or_when_it_is_named(self) -> None:
        tiers.run_one("infra")
        self.files = "others"
        tiers.run_one("infra")
        with mock.patch.dict("os.environ", {tiers.AGAIN: "1"}):
            tiers.run_one("infra")
        self.assertEqual(self.ran, 3)

    def test_what_failed_is_run_again(self) -> None:
        self.is_broken = True
        for _ in range(2):
            with self.assertRaises(Problem):
                tiers.run_one("infra")
        self.assertEqual(self.ran, 2)

    def test_the_files_of_the_real_tiers_are_there(self) -> None:
        for path in (*tiers.INFRA_INPUTS, *tiers.ALWAYS_INPUTS, "web"):
            self.assertTrue((resume.ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
