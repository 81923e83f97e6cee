"""What a step reads from its log."""

import tempfile
import unittest
from pathlib import Path

from . import console

BARS = "   Compiling domain v0.1.0\n    Building [=>   ] 12/345: domain, store\r    Building [=>   ] 13/345: store     "


class TestLog(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.log = Path(scratch.name, "log")

    def test_cargos_progress_bar_says_how_far_a_build_is(self) -> None:
        self.log.write_text(BARS)
        self.assertEqual(console.newest(self.log).rstrip(), " – 13/345 crates: store")

    def test_the_end_of_a_log_has_no_progress_bars(self) -> None:
        self.log.write_text(BARS + "\nerror: it does not compile\n")
        self.assertEqual(console.tail(self.log), ["   Compiling domain v0.1.0", "error: it does not compile"])

    def test_of_a_long_log_the_end_alone_is_read(self) -> None:
        self.log.write_text("first\n" + "x" * console.TAIL_BYTES + "\nlast\n")
        self.assertEqual(console.tail(self.log, 1), ["last"])
        self.assertNotIn("first", console.tail(self.log))


if __name__ == "__main__":
    unittest.main()
