"""Lets the shop write its files over plain HTTP; needed for the emulator only.

The bucket policy denies every request without TLS. The emulator speaks plain HTTP, and enforces that policy where it
enforces roles (`make test`), so the policy is removed. The functions' roles stay.
"""

from .stack import Stack


def apply(stack: Stack) -> None:
    """Removes the policy of the data platform's bucket."""
    stack.client("s3").delete_bucket_policy(Bucket=stack.outputs()["ExportBucket"])
