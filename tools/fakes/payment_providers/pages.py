"""The pages that a customer sees at the provider: plain HTML that needs no JavaScript, except to submit forms by itself."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from .books import Trade
from .messages import Reply

NAMES = {"ECPAY": "ECPay", "NEWEBPAY": "NewebPay", "LINE_PAY": "LINE Pay"}
SUBMIT = "document.forms[0].submit()"
STYLE = "body{font:16px sans-serif;max-width:34em;margin:3em auto}button,a{margin-right:1em;padding:.4em 1em}"
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
SUBMIT_HASH = base64.b64encode(hashlib.sha256(SUBMIT.encode()).digest()).decode()


def checkout(trade: Trade, buttons: Mapping[str, str]) -> Reply:
    """The page with the buttons: their values and labels."""
    buttons_html = "".join(
        f'<button name="do" value="{escape(do)}">{escape(words)}</button>' for do, words in buttons.items()
    )
    return page(
        f"{NAMES[trade.provider]}: pay",
        f"<p>{escape(trade.item)}</p><p id=amount>{escape(trade.currency)} {trade.amount}</p>"
        f"<p>Order <span id=trade_no>{escape(trade.trade_no)}</span></p>"
        "<p>No money moves here: this page is a fake of the provider.</p>"
        f'<form method="post" action="/decide"><input type="hidden" name="trade" value="{escape(trade.key)}">'
        f"{buttons_html}</form>",
    )


def ended(trade: Trade, words: str) -> Reply:
    """The result, and the way back: a form where the merchant wants one, otherwise a link."""
    return page(f"{NAMES[trade.provider]}: {words}", f"<p id=state>{escape(trade.state)}</p>{_way_back(trade)}")


def handed_back(trade: Trade, fields: Mapping[str, str]) -> Reply:
    """Posts the browser to the merchant with the result, by a form that submits itself."""
    inputs = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in fields.items())
    return page(
        f"{NAMES[trade.provider]}: back to the shop",
        f'<form method="post" action="{escape(trade.result_url)}">{inputs}<button>Back to the shop</button></form>',
        script=SUBMIT,
    )


def refused(provider: str, code: str, words: str) -> Reply:
    return page(f"{NAMES[provider]}: {code}", f"<p id=code>{escape(code)}</p><p id=reason>{escape(words)}</p>", status=200)


def page(title: str, body: str, status: int = 200, script: str = "") -> Reply:
    code = f"<script>{script}</script>" if script else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{body}{code}</body></html>"
    )
    policy = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SUBMIT_HASH}'"
    return Reply(text, status, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _way_back(trade: Trade) -> str:
    if not trade.back_url:
        return ""
    return f'<p><a id="back" href="{escape(trade.back_url)}">Back to the shop</a></p>'
