"""The newest version of the C library that a program asks for: it does not start where there is only an older one."""

import re

# What Amazon Linux 2023 has, on which functions run.
NEWEST = (2, 34)


def needed(program: bytes) -> tuple[int, int]:
    """The newest version among the symbols that an ELF file wants of glibc."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", program)
    return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))
