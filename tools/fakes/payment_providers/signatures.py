"""The signatures of the three providers, from their documentation. No code is shared with the shop."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .accounts import Merchant

# The characters that .NET's UrlEncode does not escape.
ECPAY_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!*()")
AES_BLOCK_BYTES = 16
# NewebPay pads to 32 bytes where the standard pads to 16.
NEWEBPAY_PADDING = 32


class NotSealed(Exception):
    """The text was not encrypted with this pair of keys."""


def check_mac_value(fields: Mapping[str, str], merchant: Merchant) -> str:
    """ECPay's CheckMacValue over all fields but itself."""
    names = sorted((name for name in fields if name != "CheckMacValue"), key=str.lower)
    middle = "&".join(f"{name}={fields[name]}" for name in names)
    text = f"HashKey={merchant.hash_key}&{middle}&HashIV={merchant.hash_iv}"
    return hashlib.sha256(dot_net_encoded(text).lower().encode()).hexdigest().upper()


def dot_net_encoded(text: str) -> str:
    return "".join("+" if byte == 0x20 else chr(byte) if byte in ECPAY_PLAIN else f"%{byte:02x}" for byte in text.encode())


def seal(text: str, merchant: Merchant, padding: int = AES_BLOCK_BYTES) -> str:
    """NewebPay's TradeInfo: AES-256-CBC, in hex."""
    content = text.encode()
    missing = padding - len(content) % padding
    encryptor = _cipher(merchant).encryptor()
    return (encryptor.update(content + bytes([missing]) * missing) + encryptor.finalize()).hex()


def unseal(sealed: str, merchant: Merchant) -> str:
    """Decrypts a text; raises `NotSealed` for other keys."""
    try:
        decryptor = _cipher(merchant).decryptor()
        content = decryptor.update(bytes.fromhex(sealed)) + decryptor.finalize()
        missing = content[-1]
        if not 1 <= missing <= NEWEBPAY_PADDING or content[-missing:] != bytes([missing]) * missing:
            raise NotSealed
        return content[:-missing].decode()
    except (ValueError, IndexError) as wrong:
        raise NotSealed from wrong


def trade_sha(sealed: str, merchant: Merchant) -> str:
    return _upper(f"HashKey={merchant.hash_key}&{sealed}&HashIV={merchant.hash_iv}")


def check_value(amount: str, order: str, merchant: Merchant) -> str:
    """The signature of a query to NewebPay."""
    middle = f"Amt={amount}&MerchantID={merchant.number}&MerchantOrderNo={order}"
    return _upper(f"IV={merchant.hash_iv}&{middle}&Key={merchant.hash_key}")


def check_code(amount: str, order: str, trade_no: str, merchant: Merchant) -> str:
    """The signature of NewebPay's response."""
    middle = f"Amt={amount}&MerchantID={merchant.number}&MerchantOrderNo={order}&TradeNo={trade_no}"
    return _upper(f"HashIV={merchant.hash_iv}&{middle}&HashKey={merchant.hash_key}")


def line_authorization(secret: str, path: str, tail: bytes, nonce: str) -> str:
    """X-LINE-Authorization; the tail is a POST's body or a GET's query."""
    message = secret.encode() + path.encode() + tail + nonce.encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _cipher(merchant: Merchant) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(merchant.hash_key.encode()), modes.CBC(merchant.hash_iv.encode()))


def _upper(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest().upper()
