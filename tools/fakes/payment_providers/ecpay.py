"""ECPay's all-in-one checkout, from its documentation (developers.ecpay.com.tw)."""

import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from . import callbacks, fault_settings, pages
from .accounts import ECPAY, ECPAY_CREDIT_CHECK_CODE, Merchant
from .books import TAIPEI, Books, Trade
from .messages import Ask, BadForm, Reply, answer_json, form
from .signatures import check_mac_value, same

NAME = "ECPAY"
BUTTONS = {
    "pay": "Pay by card",
    "fail": "Let the card be declined",
    "take_number": "Take a number and pay later",
    "simulate": "Simulate a payment",
}
# Name, maximum length, pattern.
WANTED = [
    ("MerchantID", 10, r"\d+"),
    ("MerchantTradeNo", 20, r"[A-Za-z0-9]+"),
    ("MerchantTradeDate", 20, r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"),
    ("PaymentType", 20, "aio"),
    ("TotalAmount", 10, r"[1-9]\d*"),
    ("TradeDesc", 200, r"[^<>\"'&]+"),
    ("ItemName", 400, ".+"),
    ("ReturnURL", 200, r"https?://\S+"),
    ("ChoosePayment", 20, "ALL|Credit|ATM|CVS|BARCODE|WebATM|ApplePay|TWQR|BNPL|WeiXin|DigitalPayment"),
    ("EncryptType", 1, "1"),
    ("CheckMacValue", 64, r"[0-9A-F]{64}"),
]
OPTIONAL = {
    "ClientBackURL": 200,
    "OrderResultURL": 200,
    "PaymentInfoURL": 200,
    "ClientRedirectURL": 200,
    "NeedExtraPaidInfo": 1,
    "ItemURL": 200,
    "Remark": 100,
    "IgnorePayment": 100,
    "Language": 3,
    "StoreID": 20,
    "ExpireDate": 2,
    "StoreExpireDate": 6,
    "CustomField1": 50,
    "CustomField2": 50,
    "CustomField3": 50,
    "CustomField4": 50,
}
# The date is in Taipei time; one from another time zone differs by hours.
DATE_TOLERANCE = timedelta(minutes=30)
TIMESTAMP_SECONDS_MAX = 180
TIME = "%Y/%m/%d %H:%M:%S"
FAILED_CODE = "10200058"
NUMBER_TAKEN_CODE = "2"
PENDING_CODE = "10300066"
NOT_FOUND = "10200047"


def _result_form(trade: Trade, result: str, number: int) -> Mapping[str, str]:
    faults = fault_settings.callback(trade)
    code, words = {
        "paid": ("1", "交易成功"),
        "failed": (FAILED_CODE, "授權失敗"),
        "number_taken": (NUMBER_TAKEN_CODE, "Get VirtualAccount Succeeded"),
        "pending": (PENDING_CODE, "交易付款結果待確認中，請勿出貨"),
    }[result]
    if result == "paid" and number > 0:
        # A repeated result has another text, and so another signature.
        words = "paid"
    paid_at = (trade.paid_at or datetime.now(TAIPEI)).strftime(TIME)
    fields = {f"CustomField{n}": trade.asked.get(f"CustomField{n}", "") for n in range(1, 5)} | {
        "MerchantID": faults.get("merchant", ECPAY.number),
        "MerchantTradeNo": faults.get("trade_no", trade.trade_no),
        "PaymentDate": paid_at,
        "PaymentType": "ATM_TAISHIN" if result == "number_taken" else trade.way,
        "PaymentTypeChargeFee": "2",
        "RtnCode": code,
        "RtnMsg": words,
        "SimulatePaid": "1" if trade.simulated else "0",
        "StoreID": "",
        "TradeAmt": str(faults.get("amount", trade.amount)),
        "TradeDate": trade.opened_at.strftime(TIME),
        "TradeNo": trade.provider_no,
    }
    if trade.asked.get("NeedExtraPaidInfo") == "Y" and result != "number_taken":
        fields |= {"gwsr": trade.authorization, "auth_code": "777777", "card6no": "431195", "card4no": "2222"}
        fields |= {"process_date": paid_at, "amount": fields["TradeAmt"], "stage": "0", "stast": "0", "eci": "0"}
        fields |= {"red_dan": "0", "red_de_amt": "0", "red_ok_amt": "0", "red_yet": "0", "staed": "0", "PeriodType": ""}
    return signed(fields, faults.get("signature") == "wrong")


POST = callbacks.Post(_result_form, lambda status, text: status == 200 and text == "1|OK", tries_max=5)


def signed(fields: Mapping[str, str], wrongly: bool = False, merchant: Merchant = ECPAY) -> dict[str, str]:
    value = check_mac_value(fields, merchant)
    if wrongly:
        value = value[:-1] + ("0" if value[-1] != "0" else "1")
    return {**fields, "CheckMacValue": value}


def checkout(books: Books, ask: Ask) -> Reply:
    """The checkout form that the browser posts."""
    try:
        fields = _signed_form(ask)
    except Refusal as refusal:
        return pages.refused(NAME, refusal.code, refusal.words)
    for name, most, pattern in WANTED:
        value = fields.get(name, "")
        if not re.fullmatch(pattern, value, re.DOTALL) or len(value) > most:
            return pages.refused(NAME, "10200002", f"{name} Error")
    for name in fields.keys() - {name for name, _, _ in WANTED}:
        if name not in OPTIONAL or len(fields[name]) > OPTIONAL[name]:
            return pages.refused(NAME, "10200003", f"{name} Error")
    if len(fields["ItemName"].encode()) > 400:
        return pages.refused(NAME, "10200002", "ItemName Error")
    date = datetime.strptime(fields["MerchantTradeDate"], TIME).replace(tzinfo=TAIPEI)
    if abs(date - datetime.now(TAIPEI)) > DATE_TOLERANCE:
        return pages.refused(NAME, "10200052", "MerchantTradeDate Error: Taipei time is wanted")
    if fields["ReturnURL"] in (fields.get("OrderResultURL"), fields.get("ClientBackURL")):
        return pages.refused(NAME, "10200002", "ReturnURL must be no other address")
    trade = books.open(
        NAME,
        fields["MerchantTradeNo"],
        amount=int(fields["TotalAmount"]),
        currency="TWD",
        item=fields["ItemName"],
        notify_url=fields["ReturnURL"],
        back_url=fields.get("ClientBackURL", ""),
        result_url=fields.get("OrderResultURL", ""),
        asked=fields,
    )
    if trade is None:
        return pages.refused(NAME, NOT_FOUND, "MerchantTradeNo is used already")
    return pages.checkout(trade, BUTTONS)


def decide(books: Books, trade: Trade, do: str) -> Reply:
    """The customer pressed a button on the page."""
    with books.lock:
        # After a declined card the customer may try again on the same page.
        if trade.state not in ("OPEN", "NUMBER_TAKEN", "FAILED"):
            return pages.ended(trade, "this was finished before")
        if do == "pay" or do == "simulate":
            way = "ATM_TAISHIN" if trade.state == "NUMBER_TAKEN" else "Credit_CreditCard"
            books.pay(trade, way, simulated=do == "simulate")
            result, words = "paid", "paid"
        elif do == "take_number":
            trade.state, trade.way = "NUMBER_TAKEN", "ATM_TAISHIN"
            # Its result goes to PaymentInfoURL, which is optional.
            page = pages.checkout(trade, {"pay": "Pay the number at a machine"})
            result = ""
        else:
            trade.state, trade.way = "FAILED", "Credit_CreditCard"
            result, words = "failed", "declined"
    if not result:
        return page
    callbacks.send(books, trade, POST, result)
    if trade.result_url:
        return pages.handed_back(trade, _result_form(trade, result, 0))
    return pages.ended(trade, words)


def query(books: Books, ask: Ask) -> tuple[Trade | None, Reply]:
    """QueryTradeInfo: the response is signed, and not encoded."""
    try:
        fields = _signed_form(ask)
        if abs(time.time() - int(fields.get("TimeStamp", "0"))) > TIMESTAMP_SECONDS_MAX:
            raise Refusal("10200001", "TimeStamp Error")
    except (Refusal, ValueError) as refusal:
        return None, _plain({"TradeStatus": "10200073", "RtnMsg": str(refusal)})
    trade_no = fields.get("MerchantTradeNo", "")
    trade = books.find(NAME, trade_no)
    answer = {
        "HandlingCharge": "0",
        "ItemName": "",
        "MerchantID": ECPAY.number,
        "MerchantTradeNo": trade_no,
        "PaymentDate": "",
        "PaymentType": "",
        "PaymentTypeChargeFee": "0",
        "TradeAmt": "0",
        "TradeDate": "",
        "TradeNo": "",
        "TradeStatus": NOT_FOUND,
    }
    if trade:
        status = {"PAID": "1", "FAILED": "10200095"}.get(trade.state, "0")
        answer |= {
            "ItemName": trade.item,
            "PaymentDate": trade.paid_at.strftime(TIME) if trade.paid_at else "",
            "PaymentType": trade.way,
            "TradeAmt": str(trade.amount),
            "TradeDate": trade.opened_at.strftime(TIME),
            "TradeNo": trade.provider_no,
            "TradeStatus": status,
            "CustomField1": "",
        }
        if trade.paid_at:
            answer |= {"gwsr": trade.authorization, "process_date": answer["PaymentDate"], "amount": answer["TradeAmt"]}
    return trade, _plain(answer)


def act(books: Books, ask: Ask, refuse_code: str = "") -> tuple[Trade | None, Reply]:
    """DoAction: capture, refund, cancel, abandon. ECPay's test environment does not offer it, so only this fake can test
    it.
    """
    try:
        fields = _signed_form(ask)
    except Refusal as refusal:
        return None, _act_answer({}, refusal.code, refusal.words)
    with books.lock:
        trade = books.find(NAME, fields.get("MerchantTradeNo", ""))
        if trade is None or trade.provider_no != fields.get("TradeNo"):
            return None, _act_answer(fields, NOT_FOUND, "error_nopay")
        if refuse_code:
            return trade, _act_answer(fields, refuse_code, "refused")
        code, words = _act(books, trade, fields.get("Action", ""), fields.get("TotalAmount", ""))
    return trade, _act_answer(fields, code, words)


def _act(books: Books, trade: Trade, action: str, amount_text: str) -> tuple[str, str]:
    if trade.state != "PAID" or not trade.way.startswith("Credit"):
        return "10300023", "error_not_credit"
    if not re.fullmatch(r"[1-9]\d{0,9}", amount_text):
        return "10200002", "TotalAmount Error"
    amount, rest = int(amount_text), trade.amount - trade.refunded
    match action, trade.money:
        case "C", "AUTHORIZED" if amount == trade.amount:
            trade.money = "WAITING"
        case "E", "WAITING" if amount == rest:
            trade.money = "AUTHORIZED"
        case "N", "AUTHORIZED" if amount == rest:
            trade.money = "VOID"
            books.give_back(trade, amount)
        case "R", "WAITING" | "CAPTURED" if amount <= rest:
            # ECPay cannot distinguish a retry from a second refund.
            books.give_back(trade, amount)
        case "R", "WAITING" | "CAPTURED":
            return "10200050", "error_overamount"
        case _:
            return "10200051", f"error_status_{trade.money}"
    return "1", ""


def card(books: Books, ask: Ask) -> tuple[Trade | None, Reply]:
    """QueryTrade/V2: the card's records; the caller proves itself with the check code."""
    try:
        fields = _signed_form(ask)
    except Refusal:
        return None, answer_json({"RtnMsg": "error", "RtnValue": ""})
    if fields.get("CreditCheckCode") != ECPAY_CREDIT_CHECK_CODE:
        return None, answer_json({"RtnMsg": "error_Stop", "RtnValue": ""})
    with books.lock:
        found = (trade for (provider, _), trade in books.trades.items() if provider == NAME and trade.paid_at)
        number, amount = fields.get("CreditRefundId", ""), fields.get("CreditAmount", "")
        trade = next((t for t in found if t.authorization == number and str(t.amount) == amount), None)
        if trade is None:
            return None, answer_json({"RtnMsg": "error_nopay", "RtnValue": ""})
        return trade, answer_json({"RtnMsg": "", "RtnValue": _card_books(trade)})


def _card_books(trade: Trade) -> dict[str, Any]:
    def line(status: str, amount: int, number: str) -> dict[str, str]:
        return {"status": status, "amount": str(amount), "sno": number, "datetime": trade.paid_at.strftime(TIME)}

    lines, status = [], {"AUTHORIZED": "已授權", "VOID": "已取消"}.get(trade.money, "已關帳")
    if trade.money in ("WAITING", "CAPTURED"):
        now = "要關帳" if trade.money == "WAITING" else "已關帳"
        lines = [line(now, trade.amount, trade.provider_no)]
        lines += [line(now, -refund["amount"], refund["number"]) for refund in trade.refunds]
        status = now
    captured = trade.amount - trade.refunded if trade.money == "CAPTURED" else 0
    return {
        "TradeID": int(trade.authorization),
        "amount": trade.amount,
        "clsamt": captured,
        "authtime": trade.paid_at.strftime(TIME),
        "status": status,
        "close_data": lines,
    }


class Refusal(Exception):
    def __init__(self, code: str, words: str):
        super().__init__(f"{code} {words}")
        self.code, self.words = code, words


def _signed_form(ask: Ask) -> dict[str, str]:
    try:
        if not ask.is_form:
            raise BadForm("not a form")
        fields = form(ask.body)
    except BadForm as wrong:
        raise Refusal("10200001", str(wrong)) from wrong
    if fields.get("MerchantID") != ECPAY.number:
        raise Refusal("10200002", "MerchantID Error")
    if not same(fields.get("CheckMacValue", ""), check_mac_value(fields, ECPAY)):
        raise Refusal("10200073", "CheckMacValue Error")
    return fields


def _plain(fields: Mapping[str, str]) -> Reply:
    return Reply("&".join(f"{name}={value}" for name, value in signed(fields).items()), kind="text/html; charset=utf-8")


def _act_answer(fields: Mapping[str, str], code: str, words: str) -> Reply:
    echo = {name: fields.get(name, "") for name in ("MerchantID", "MerchantTradeNo", "TradeNo")}
    return Reply("&".join(f"{name}={value}" for name, value in {**echo, "RtnCode": code, "RtnMsg": words}.items()))
