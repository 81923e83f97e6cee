"""NewebPay's multi-payment gateway, from its manual (NDNF 1.2)."""

import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from . import callbacks, fault_settings, pages
from .accounts import NEWEBPAY
from .books import TAIPEI, Books, Trade
from .messages import Ask, BadForm, Reply, answer_json, form
from .signatures import NEWEBPAY_PADDING, NotSealed, check_code, check_value, same, seal, trade_sha, unseal

NAME = "NEWEBPAY"
BUTTONS = {
    "pay": "Pay by card",
    "fail": "Let the card be declined",
    "take_number": "Take a number and pay later",
    "simulate": "Simulate a payment",
}
OUTER = {"MerchantID", "TradeInfo", "TradeSha", "Version", "EncryptType"}
WANTED = [
    ("MerchantID", 15, re.escape(NEWEBPAY.number)),
    ("RespondType", 6, "JSON|String"),
    ("TimeStamp", 50, r"\d+"),
    ("Version", 5, r"1\.[56]|2\.[0-3]"),
    ("MerchantOrderNo", 30, r"\w+"),
    ("Amt", 10, r"[1-9]\d*"),
    ("ItemDesc", 50, ".+"),
]
OPTIONAL = {
    "LangType": "en|zh-tw|jp",
    "TradeLimit": r"[6-9]\d|[1-8]\d\d|900",
    "ExpireDate": r"\d{8}",
    "ReturnURL": r"https?://\S{1,190}",
    "NotifyURL": r"https?://\S{1,190}",
    "CustomerURL": r"https?://\S{1,190}",
    "ClientBackURL": r"https?://\S{1,190}",
    "Email": r"\S+@\S+",
    "EmailModify": "0|1",
    "LoginType": "0|1",
    "OrderComment": ".{0,300}",
    **{way: "0|1" for way in ("CREDIT", "VACC", "WEBATM", "CVS", "BARCODE", "LINEPAY", "APPLEPAY", "ANDROIDPAY", "TWQR")},
    **{way: "0|1" for way in ("UNIONPAY", "CREDITAE", "InstFlag")},
}
TIMESTAMP_SECONDS_MAX = 120
TIME = "%Y-%m-%d %H:%M:%S"
NOT_PAID = "0000-00-00 00:00:00"
SIMULATED = "模擬付款成功"
CLOSE_STATUS = {"AUTHORIZED": "0", "WAITING": "1", "CAPTURED": "3", "VOID": "0", "": "0"}


class Refusal(Exception):
    def __init__(self, code: str, words: str):
        super().__init__(code)
        self.code, self.words = code, words


def _result_form(trade: Trade, result: str, number: int) -> Mapping[str, str]:
    faults = fault_settings.callback(trade)
    status, message = {
        "paid": ("SUCCESS", SIMULATED if trade.simulated else "授權成功"),
        "failed": ("MPG03009", "授權失敗"),
        "number_taken": ("SUCCESS", "取號成功"),
        "pending": ("NOR1001", "連線異常"),
    }[result]
    fields: dict[str, Any] = {
        "MerchantID": faults.get("merchant", NEWEBPAY.number),
        "Amt": faults.get("amount", trade.amount),
        "TradeNo": trade.provider_no,
        "MerchantOrderNo": faults.get("trade_no", trade.trade_no),
        "RespondType": trade.asked["RespondType"],
        "IP": "127.0.0.1",
        "EscrowBank": "HNCB",
        "PaymentType": "VACC" if result == "number_taken" else trade.way,
    }
    if result == "number_taken":
        fields |= {"ExpireDate": datetime.now(TAIPEI).strftime("%Y-%m-%d"), "BankCode": "017", "CodeNo": "99887766554433"}
    elif trade.way == "CREDIT":
        done = result == "paid"
        fields |= {"RespondCode": "00" if done else "05", "Auth": "115468" if done else "", "Card6No": "400022"}
        fields |= {"Card4No": "1111", "Exp": "2912", "AuthBank": "KGI", "TokenUseStatus": 0, "InstFirst": 0}
        fields |= {"InstEach": 0, "Inst": 0, "ECI": "", "PaymentMethod": "CREDIT"}
    if result == "paid":
        fields["PayTime"] = (trade.paid_at or datetime.now(TAIPEI)).strftime(TIME)
    shape = faults.get("shape", "string" if trade.asked["RespondType"] == "String" else "object")
    if shape == "string":
        text = urlencode({"Status": status, "Message": message, **fields})
    else:
        inner = json.dumps(fields, ensure_ascii=False) if shape == "text" else fields
        text = json.dumps({"Status": status, "Message": message, "Result": inner}, ensure_ascii=False)
    sealed = seal(text, NEWEBPAY, NEWEBPAY_PADDING)
    sha = trade_sha(sealed, NEWEBPAY)
    if faults.get("signature") == "wrong":
        sha = sha[:-1] + ("0" if sha[-1] != "0" else "1")
    version = trade.asked["Version"]
    return {
        "Status": status,
        "MerchantID": str(fields["MerchantID"]),
        "Version": version,
        "TradeInfo": sealed,
        "TradeSha": sha,
    }


# Any response with status 200 acknowledges; otherwise there are three more attempts.
POST = callbacks.Post(_result_form, lambda status, _: status == 200, tries_max=4)


def checkout(books: Books, ask: Ask) -> Reply:
    """The checkout form that the browser posts."""
    try:
        fields = _envelope(ask)
    except Refusal as refusal:
        return pages.refused(NAME, refusal.code, refusal.words)
    for name, most, pattern in WANTED:
        value = fields.get(name, "")
        if not re.fullmatch(pattern, value, re.ASCII if name == "MerchantOrderNo" else 0) or len(value) > most:
            return pages.refused(NAME, "MPG01002", f"{name} is wrong")
    for name in fields.keys() - {name for name, _, _ in WANTED}:
        if name not in OPTIONAL or not re.fullmatch(OPTIONAL[name], fields[name]):
            return pages.refused(NAME, "MPG01009", f"{name} is wrong")
    if abs(time.time() - int(fields["TimeStamp"])) > TIMESTAMP_SECONDS_MAX:
        return pages.refused(NAME, "MPG02004", "the time is over")
    if "NotifyURL" in fields and fields["NotifyURL"] == fields.get("ReturnURL"):
        return pages.refused(NAME, "MPG01017", "NotifyURL and ReturnURL are the same")
    if "1" not in {fields.get(way) for way in ("CREDIT", "WEBATM", "VACC", "CVS", "BARCODE", "LINEPAY", "TWQR")}:
        return pages.refused(NAME, "MPG02003", "no way to pay")
    trade = books.open(
        NAME,
        fields["MerchantOrderNo"],
        amount=int(fields["Amt"]),
        currency="TWD",
        item=fields["ItemDesc"],
        notify_url=fields.get("NotifyURL", ""),
        back_url=fields.get("ClientBackURL", ""),
        result_url=fields.get("ReturnURL", ""),
        asked=fields,
    )
    if trade is None:
        return pages.refused(NAME, "MPG03008", "MerchantOrderNo is used already")
    return pages.checkout(trade, BUTTONS)


def decide(books: Books, trade: Trade, do: str) -> Reply:
    """The customer pressed a button on the page."""
    page = None
    with books.lock:
        # After a declined card the customer may try again on the same page.
        if trade.state not in ("OPEN", "NUMBER_TAKEN", "FAILED"):
            return pages.ended(trade, "this was finished before")
        if do == "pay" or do == "simulate":
            books.pay(trade, "VACC" if trade.state == "NUMBER_TAKEN" else "CREDIT", simulated=do == "simulate")
            result, words = "paid", "paid"
        elif do == "take_number":
            trade.state, trade.way, result, words = "NUMBER_TAKEN", "VACC", "number_taken", "a number was taken"
            page = pages.checkout(trade, {"pay": "Pay the number at a machine"})
        else:
            trade.state, trade.way, result, words = "FAILED", "CREDIT", "failed", "declined"
    # The number goes to CustomerURL by the browser; only a payment is sent to the merchant's server.
    if page:
        return page
    callbacks.send(books, trade, POST, result)
    if trade.result_url:
        return pages.handed_back(trade, _result_form(trade, result, 0))
    return pages.ended(trade, words)


def query(books: Books, ask: Ask) -> tuple[Trade | None, Reply]:
    """QueryTradeInfo."""
    try:
        fields = form(ask.body)
    except BadForm:
        return None, _failed("TRA10001", "參數錯誤")
    order, amount = fields.get("MerchantOrderNo", ""), fields.get("Amt", "")
    if fields.get("MerchantID") != NEWEBPAY.number or fields.get("Version") not in ("1.1", "1.2", "1.3"):
        return None, _failed("TRA10001", "商店代號錯誤")
    if not _is_fresh(fields):
        return None, _failed("TRA10008", "TimeStamp")
    if not same(fields.get("CheckValue", ""), check_value(amount, order, NEWEBPAY)):
        return None, _failed("TRA10016", "CheckValue錯誤")
    with books.lock:
        trade = books.find(NAME, order)
        if trade is None or str(trade.amount) != amount:
            return None, _failed("TRA10021", "查無交易資料")
        status = {"PAID": "1", "FAILED": "2", "CANCELED": "3"}.get(trade.state, "0")
        if trade.money == "VOID":
            status = "3"
        elif trade.refunds and trade.refunded == trade.amount:
            status = "6"
        result: dict[str, Any] = {
            "MerchantID": NEWEBPAY.number,
            "Amt": trade.amount,
            "TradeNo": trade.provider_no,
            "MerchantOrderNo": order,
            "TradeStatus": status,
            "PaymentType": trade.way,
            "CreateTime": trade.opened_at.strftime(TIME),
            "PayTime": trade.paid_at.strftime(TIME) if trade.paid_at else NOT_PAID,
            "FundTime": "0000-00-00",
            "CheckCode": check_code(str(trade.amount), order, trade.provider_no, NEWEBPAY),
        }
        if trade.way == "CREDIT":
            left = trade.amount - trade.refunded
            result |= {"RespondCode": "00", "Auth": "115468", "ECI": "", "CloseAmt": trade.amount}
            result |= {"CloseStatus": CLOSE_STATUS[trade.money], "BackBalance": left}
            result |= {"BackStatus": "3" if trade.refunds else "0", "RespondMsg": "授權成功", "Inst": 0}
        return trade, answer_json({"Status": "SUCCESS", "Message": "查詢成功", "Result": result})


def close(books: Books, ask: Ask, refuse_code: str = "") -> tuple[Trade | None, Reply]:
    """Close: capture (1) or refund (2)."""
    try:
        fields = _post_data(ask)
    except Refusal as refusal:
        return None, _failed(refusal.code, refusal.words)
    with books.lock:
        trade = _named(books, fields)
        if trade is None:
            return None, _failed("TRA10021", "查無交易資料")
        if refuse_code:
            return trade, _failed(refuse_code, "refused")
        amount_text = fields.get("Amt", "")
        if trade.state != "PAID" or trade.way != "CREDIT" or not re.fullmatch(r"[1-9]\d{0,9}", amount_text):
            return trade, _failed("TRA10035", "該交易非授權成功或已請款完畢")
        amount, undo = int(amount_text), fields.get("Cancel") == "1"
        match fields.get("CloseType"), trade.money:
            case "1", "AUTHORIZED" if not undo and amount <= trade.amount:
                trade.money = "WAITING"
            case "1", "WAITING" if undo:
                trade.money = "AUTHORIZED"
            case "2", "WAITING" | "CAPTURED" if not undo and amount <= trade.amount - trade.refunded:
                books.give_back(trade, amount)
            case "2", "WAITING" | "CAPTURED" if not undo:
                return trade, _failed("TRA10045", "退款金額大於可退餘額")
            case _:
                return trade, _failed("TRA10035", "該交易非授權成功或已請款完畢")
        result = {
            "MerchantID": NEWEBPAY.number,
            "Amt": amount,
            "TradeNo": trade.provider_no,
            "MerchantOrderNo": trade.trade_no,
        }
        words = "退款資料新增成功" if fields["CloseType"] == "2" else "請款資料新增成功"
        return trade, answer_json({"Status": "SUCCESS", "Message": words, "Result": result})


def cancel(books: Books, ask: Ask, refuse_code: str = "") -> tuple[Trade | None, Reply]:
    """Cancel: voids an authorization whose capture was not requested."""
    try:
        fields = _post_data(ask)
    except Refusal as refusal:
        return None, _failed(refusal.code, refusal.words)
    with books.lock:
        trade = _named(books, fields)
        if trade is None:
            return None, _failed("TRA10021", "查無交易資料")
        if refuse_code:
            return trade, _failed(refuse_code, "refused")
        if trade.state != "PAID" or trade.money != "AUTHORIZED" or fields.get("Amt") != str(trade.amount):
            return trade, _failed("TRA10036", "該交易非授權成功，無法取消授權")
        trade.money = "VOID"
        books.give_back(trade, trade.amount)
        code = check_code(str(trade.amount), trade.trade_no, trade.provider_no, NEWEBPAY)
        result = {
            "MerchantID": NEWEBPAY.number,
            "Amt": trade.amount,
            "TradeNo": trade.provider_no,
            "MerchantOrderNo": trade.trade_no,
            "CheckCode": code,
        }
        return trade, answer_json({"Status": "SUCCESS", "Message": "放棄授權成功", "Result": result})


def _envelope(ask: Ask) -> dict[str, str]:
    try:
        outer = form(ask.body)
    except BadForm as wrong:
        raise Refusal("MPG02005", str(wrong)) from wrong
    if not ask.is_form or outer.keys() - OUTER or not outer.keys() >= OUTER - {"EncryptType"}:
        raise Refusal("MPG01012", "MerchantID, TradeInfo, TradeSha and Version are required")
    if outer["MerchantID"] != NEWEBPAY.number:
        raise Refusal("MPG03001", "MerchantID is unknown")
    if outer.get("EncryptType", "0") != "0":
        raise Refusal("MPG01013", "this fake supports AES-CBC only")
    if not same(outer["TradeSha"], trade_sha(outer["TradeInfo"], NEWEBPAY)):
        raise Refusal("MPG03009", "TradeSha is wrong")
    try:
        fields = form(unseal(outer["TradeInfo"], NEWEBPAY).encode())
    except (NotSealed, BadForm) as wrong:
        raise Refusal("MPG03009", "TradeInfo cannot be read") from wrong
    if (fields.get("MerchantID"), fields.get("Version")) != (outer["MerchantID"], outer["Version"]):
        raise Refusal("MPG01012", "inside and outside differ")
    return fields


def _post_data(ask: Ask) -> dict[str, str]:
    try:
        outer = form(ask.body)
        if outer.get("MerchantID_") != NEWEBPAY.number:
            raise Refusal("TRA10001", "商店代號錯誤")
        fields = form(unseal(outer.get("PostData_", ""), NEWEBPAY).encode())
    except (BadForm, NotSealed) as wrong:
        raise Refusal("TRA10002", "解密失敗") from wrong
    if not _is_fresh(fields):
        raise Refusal("TRA10008", "TimeStamp")
    return fields


def _named(books: Books, fields: Mapping[str, str]) -> Trade | None:
    by_trade_no = books.by_provider_no(NAME, fields.get("TradeNo", ""))
    by_order = books.find(NAME, fields.get("MerchantOrderNo", ""))
    return by_order if fields.get("IndexType") == "1" else by_trade_no if fields.get("IndexType") == "2" else None


def _is_fresh(fields: Mapping[str, str]) -> bool:
    stamp = fields.get("TimeStamp", "")
    return stamp.isdigit() and abs(time.time() - int(stamp)) <= TIMESTAMP_SECONDS_MAX


def _failed(code: str, words: str) -> Reply:
    # An error has a list where a success has an object.
    return answer_json({"Status": code, "Message": words, "Result": []})


def trade_of(books: Books, ask: Ask) -> Trade | None:
    """The trade that a call names, before its signature is checked."""
    try:
        fields = form(ask.body)
        if "PostData_" in fields:
            return _named(books, form(unseal(fields["PostData_"], NEWEBPAY).encode()))
        return books.find(NAME, fields.get("MerchantOrderNo", ""))
    except (BadForm, NotSealed):
        return None
