"""What becomes of a program that cannot be laid out."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from . import layout


class TestLayout(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.program = Path(scratch.name, "program")
        self.program.write_text("not a program")
        self.enterContext(mock.patch.object(layout, "TOOLS", Path(scratch.name, "tools")))
        self.said = self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def test_without_debians_archive_a_program_stays_as_it_was_linked(self) -> None:
        self.enterContext(mock.patch.dict("os.environ", {"PATH": ""}))
        self.assertEqual(layout.by_how_it_runs(self.program, {}), self.program)
        self.assertIn("stays as it was linked", self.said.getvalue())

    def test_a_program_that_bolt_does_not_understand_stays_as_it_was_linked(self) -> None:
        bolt = layout.TOOLS / "bolt" / layout.LLVM / "bin" / "llvm-bolt"
        bolt.parent.mkdir(parents=True)
        bolt.symlink_to("/bin/false")
        self.assertEqual(layout.by_how_it_runs(self.program, {}), self.program)
        self.assertIn("llvm-bolt ended with 1", self.said.getvalue())


if __name__ == "__main__":
    unittest.main()
