"""Lets the shop write its files over plain HTTP. This step exists on one machine only.

The template's bucket refuses every request that does not come over TLS. The emulator speaks plain HTTP, and where it
enforces roles (`make test`) it keeps the bucket's word, too: so that policy is taken away. The functions' roles stay.
"""

from .stack import Stack


def apply(stack: Stack) -> None:
    """Takes the policy off the data platform's bucket."""
    stack.client("s3").delete_bucket_policy(Bucket=stack.outputs()["ExportBucket"])
