"""An archive of fuzzing inputs: unpacking restores what was packed, and the same inputs give the same bytes."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from . import corpus


class TestArchive(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.enterContext(mock.patch.object(corpus, "FOLDER", self.folder))

    def test_what_was_packed_is_unpacked(self) -> None:
        inputs = {"a-name": b"\x00\xff", "b": b"", "0" * 40: b"GET /"}
        corpus.write("requests", inputs)
        corpus.unpack("requests", self.folder / "unpacked")
        self.assertEqual({file.name: file.read_bytes() for file in (self.folder / "unpacked").iterdir()}, inputs)
        self.assertEqual(corpus.targets(), ["requests"])

    def test_the_same_inputs_are_the_same_bytes_in_whatever_order_they_came(self) -> None:
        corpus.write("one", {"a": b"1", "b": b"2"})
        corpus.write("two", {"b": b"2", "a": b"1"})
        self.assertEqual(corpus.archive("one").read_bytes(), corpus.archive("two").read_bytes())


class TestCorpus(unittest.TestCase):
    def test_the_archives_in_the_tree_are_as_this_program_writes_them(self) -> None:
        for target in corpus.targets():
            with self.subTest(target), tempfile.TemporaryDirectory() as scratch:
                inputs, kept = corpus.read(target), corpus.archive(target).read_bytes()
                with mock.patch.object(corpus, "FOLDER", Path(scratch)):
                    corpus.write(target, inputs)
                    self.assertEqual(corpus.archive(target).read_bytes(), kept)


if __name__ == "__main__":
    unittest.main()
