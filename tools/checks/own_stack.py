"""A local stack of its own for one check, which is removed when the check passes, and whose logs are kept when it fails."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from ..local import shop
from ..local.console import say
from ..local.stack import ROOT, Stack, free_port


@contextmanager
def own_stack(name: str) -> Iterator[Stack]:
    """A stack without state, which the check starts. Its folder is .local/<name>."""
    stack = Stack(name=f"millrun-{name}", port=free_port(), folder=ROOT / ".local" / name, points_charging="trusted")
    failed = True
    try:
        shop.clean(stack)
        yield stack
        failed = False
    finally:
        shop.stop(stack)
        if failed:
            say(f"the logs of the stack are kept in {stack.folder.relative_to(ROOT)}/")
        else:
            shutil.rmtree(stack.folder, ignore_errors=True)
