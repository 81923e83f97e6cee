"""The providers' public test merchants and keys, which are not secret."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merchant:
    number: str
    hash_key: str
    hash_iv: str


ECPAY = Merchant("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs")
NEWEBPAY = Merchant("MS127874575", "Fs5cX1TGqYM2PpdbE14a9H83YQSQF5jn", "C6AcmfqJILwgnhIP")

# The check code from ECPay's merchant console, for the card queries.
ECPAY_CREDIT_CHECK_CODE = "59997889"

LINE_PAY_CHANNEL = "1656900000"
LINE_PAY_SECRET = "a917ab6a2367b536f8e5a6e2977e06f4"


def secrets() -> dict[str, dict[str, Any]]:
    """The content of the shop's secrets by name, for use with the fakes."""

    def keys(merchant: Merchant) -> dict[str, Any]:
        pair = {"hash_key": merchant.hash_key, "hash_iv": merchant.hash_iv}
        return {"merchant_id": merchant.number, "keys": [pair]}

    return {
        "ecpay": keys(ECPAY) | {"credit_check_code": ECPAY_CREDIT_CHECK_CODE},
        "newebpay": keys(NEWEBPAY),
        "line-pay": {"channel_id": LINE_PAY_CHANNEL, "keys": [{"channel_secret": LINE_PAY_SECRET}]},
    }
