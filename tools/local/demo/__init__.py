"""`make demo`: what the shop does, shown on the running stack."""

from .order import run

__all__ = ["run"]
