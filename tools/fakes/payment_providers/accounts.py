"""Who has a contract with the providers: the merchants and keys that they publish for tests, which are no secret."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merchant:
    number: str
    hash_key: str
    hash_iv: str


ECPAY = Merchant("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs")
NEWEBPAY = Merchant("MS127874575", "Fs5cX1TGqYM2PpdbE14a9H83YQSQF5jn", "C6AcmfqJILwgnhIP")

# ECPay's back office shows it to the merchant; it opens the card's own books.
ECPAY_CREDIT_CHECK_CODE = "59997889"

LINE_PAY_CHANNEL = "1656900000"
LINE_PAY_SECRET = "a917ab6a2367b536f8e5a6e2977e06f4"


def secrets() -> dict[str, dict[str, Any]]:
    """What the shop's secrets hold, by their names, so that it can deal with the stand-in."""

    def keys(merchant: Merchant) -> dict[str, Any]:
        pair = {"hash_key": merchant.hash_key, "hash_iv": merchant.hash_iv}
        return {"merchant_id": merchant.number, "keys": [pair]}

    return {
        "ecpay": keys(ECPAY) | {"credit_check_code": ECPAY_CREDIT_CHECK_CODE},
        "newebpay": keys(NEWEBPAY),
        "line-pay": {"channel_id": LINE_PAY_CHANNEL, "keys": [{"channel_secret": LINE_PAY_SECRET}]},
    }
