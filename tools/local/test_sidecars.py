import unittest
from pathlib import Path

from . import sidecars
from .console import Problem
from .stack import Stack


class TestPorts(unittest.TestCase):
    def stack(self, port: int) -> Stack:
        return Stack(port=port, folder=Path("unused"))

    def test_a_browser_opens_the_pages_and_the_providers_of_the_usual_port(self) -> None:
        sidecars.refuse_blocked_ports(self.stack(4566))

    def test_a_port_that_browsers_refuse_is_refused_with_its_number(self) -> None:
        for port, blocked in ((6000, "6000"), (5066, "6566")):
            with self.assertRaises(Problem) as raised:
                sidecars.refuse_blocked_ports(self.stack(port))
            self.assertIn(blocked, raised.exception.what)


if __name__ == "__main__":
    unittest.main()
