"""The newest glibc version that a program needs: it does not start where the installed one is older."""

import re

# The glibc of Amazon Linux 2023, on which functions run.
NEWEST = (2, 34)


def needed(program: bytes) -> tuple[int, int]:
    """The newest version among the glibc symbols of an ELF file."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", program)
    return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))
