"""How tiers run: concurrently, after what they need, and no further once one has failed."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from ..local import durations
from ..local.console import Problem
from . import runner
from .runner import Tier


def tier(name: str, needs: tuple[str, ...] = (), is_light: bool = False) -> Tier:
    return Tier(name, f"what {name} proves", lambda: None, needs, is_light)


class TestRunner(unittest.TestCase):
    """Programs in place of tiers: each notes its start and end, and runs its text in between."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.notes = self.folder / "notes"
        self.notes.touch()
        self.programs: dict[str, str] = {}
        self.enterContext(mock.patch.object(runner, "LOGS", self.folder / "logs"))
        self.enterContext(mock.patch.object(runner, "_command", self.command))
        self.enterContext(mock.patch.object(durations, "FILE", self.folder / "durations.json"))
        self.output = self.enterContext(contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), write_through=True)))

    def command(self, this: Tier) -> list[str]:
        note = f"open({str(self.notes)!r}, 'a').write"
        body = self.programs.get(this.name, "pass")
        program = "\n".join(["import sys, time", f"{note}('+{this.name} ')", body, f"{note}('-{this.name} ')"])
        return [sys.executable, "-c", program]

    def run_tiers(self, *tiers: Tier) -> tuple[bool, list[str], str]:
        passed = runner.run(list(tiers))
        return passed, self.notes.read_text().split(), self.output.buffer.getvalue().decode()

    def test_a_tier_begins_after_what_it_needs(self) -> None:
        passed, notes, _ = self.run_tiers(tier("tests", needs=("lint",)), tier("lint"))
        self.assertTrue(passed)
        self.assertEqual(notes, ["+lint", "-lint", "+tests", "-tests"])

    def test_two_tiers_that_compute_and_one_that_waits_run_beside_each_other_and_a_third_after_them(self) -> None:
        wait_for_all = f"while open({str(self.notes)!r}).read().count('+') < 3: time.sleep(0.01)"
        self.programs = dict.fromkeys(("one", "two", "light"), wait_for_all)
        passed, notes, _ = self.run_tiers(tier("one"), tier("two"), tier("three"), tier("light", is_light=True))
        self.assertTrue(passed)
        self.assertEqual(set(notes[:3]), {"+one", "+two", "+light"})
        self.assertGreater(notes.index("+three"), 3)

    def test_the_first_failure_stops_the_others_and_names_its_log(self) -> None:
        self.programs = {"slow": "time.sleep(60)", "broken": "print('what went wrong'); sys.exit(3)"}
        passed, notes, output = self.run_tiers(tier("slow"), tier("broken"), tier("later", needs=("slow",)))
        self.assertFalse(passed)
        self.assertNotIn("-slow", notes)
        self.assertNotIn("+later", notes)
        self.assertIn("what went wrong", output)
        self.assertIn(f"✗ broken failed: see {self.folder / 'logs' / 'broken.log'}", output)
        self.assertIn("0 passed, 1 failed", output)

    def test_what_test_programs_count_is_counted_together(self) -> None:
        rust = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.17s"
        self.programs = {"rust": f"print({rust!r})", "python": "print('Ran 3 tests in 0.9s\\n\\nOK')"}
        passed, _, output = self.run_tiers(tier("rust"), tier("python"))
        self.assertTrue(passed)
        self.assertIn("15 passed, 0 failed", output)

    def test_a_tier_that_passed_says_the_next_time_how_long_it_took(self) -> None:
        self.run_tiers(tier("lint"))
        self.assertIsNotNone(durations.last("tier lint"))

    def test_an_unknown_tier_is_refused_with_the_list(self) -> None:
        with self.assertRaises(Problem) as refused:
            runner.choose([tier("lint"), tier("tests")], ["lint", "test"])
        self.assertIn("no tier test", refused.exception.what)
        self.assertIn("lint, tests", refused.exception.advice)


if __name__ == "__main__":
    unittest.main()
