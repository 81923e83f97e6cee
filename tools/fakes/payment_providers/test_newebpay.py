"""NewebPay's fake as a merchant sees it."""

import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import signatures
from .accounts import NEWEBPAY
from .merchant_for_tests import StandIn


class Newebpay(StandIn):
    def open(self, trade_no: str, **changed: str) -> str:
        inner = {
            "MerchantID": NEWEBPAY.number,
            "RespondType": "JSON",
            "TimeStamp": str(int(time.time())),
            "Version": "2.0",
            "MerchantOrderNo": trade_no,
            "Amt": "350",
            "ItemDesc": "茶",
            "NotifyURL": f"{self.shop_url}/notify",
            "CREDIT": "1",
        } | changed
        return self.post("/MPG/mpg_gateway", self.envelope(urlencode(inner)))

    @staticmethod
    def envelope(text: str) -> dict[str, str]:
        sealed = signatures.seal(text, NEWEBPAY)
        sha = signatures.trade_sha(sealed, NEWEBPAY)
        return {"MerchantID": NEWEBPAY.number, "TradeInfo": sealed, "TradeSha": sha, "Version": "2.0"}

    def query(self, trade_no: str, amount: str = "350") -> dict[str, Any]:
        value = signatures.check_value(amount, trade_no, NEWEBPAY)
        fields = {"MerchantID": NEWEBPAY.number, "Version": "1.3", "RespondType": "JSON", "CheckValue": value}
        fields |= {"TimeStamp": str(int(time.time())), "MerchantOrderNo": trade_no, "Amt": amount}
        return json.loads(self.post("/API/QueryTradeInfo", fields))

    def give_back(self, path: str, trade_no: str, amount: int) -> str:
        inner = {"RespondType": "JSON", "Version": "1.1", "Amt": str(amount), "MerchantOrderNo": trade_no}
        inner |= {"TimeStamp": str(int(time.time())), "IndexType": "1", "CloseType": "2"}
        sealed = signatures.seal(urlencode(inner), NEWEBPAY)
        return json.loads(self.post(path, {"MerchantID_": NEWEBPAY.number, "PostData_": sealed}))["Status"]

    def opened(self, result: dict[str, str]) -> Any:
        self.assertEqual(result["TradeSha"], signatures.trade_sha(result["TradeInfo"], NEWEBPAY))
        return json.loads(signatures.unseal(result["TradeInfo"], NEWEBPAY))

    def test_a_payment_is_told_sealed_in_each_of_its_shapes(self) -> None:
        self.control("/_faults", provider="NEWEBPAY", trade_no="T2", callback={"shape": "text"})
        self.control("/_faults", provider="NEWEBPAY", trade_no="T3", callback={"shape": "string"})
        for number, trade_no in enumerate(("T1", "T2", "T3"), 1):
            self.open(trade_no)
            self.decide(trade_no, "pay")
            self.hear(number)
        first, second, third = self.merchant.heard
        self.assertEqual(self.opened(first)["Result"]["Amt"], 350)
        self.assertEqual(json.loads(self.opened(second)["Result"])["MerchantOrderNo"], "T2")
        flat = dict(parse_qsl(signatures.unseal(third["TradeInfo"], NEWEBPAY)))
        self.assertEqual((flat["Status"], flat["MerchantOrderNo"], flat["Amt"]), ("SUCCESS", "T3", "350"))

    def test_a_number_that_was_taken_is_paid_later(self) -> None:
        self.open("T1")
        self.assertIn("Pay the number", self.decide("T1", "take_number")[1])
        self.assertEqual(self.query("T1")["Result"]["TradeStatus"], "0")
        self.decide("T1", "pay")
        self.assertEqual(self.opened(self.hear(1)[0])["Result"]["PaymentType"], "VACC")

    def test_what_is_wrong_with_a_checkout_is_said(self) -> None:
        self.open("T1")
        for code, changed in [
            ("MPG03008", {}),
            ("MPG02004", {"MerchantOrderNo": "T2", "TimeStamp": str(int(time.time()) - 121)}),
            ("MPG01002", {"MerchantOrderNo": "T-2"}),
            ("MPG01017", {"MerchantOrderNo": "T2", "ReturnURL": f"{self.shop_url}/notify"}),
        ]:
            self.assertIn(f"<p id=code>{code}<", self.open("T1", **changed))
        wrong = self.envelope("MerchantID=1") | {"TradeSha": "0" * 64}
        self.assertIn("MPG03009", self.post("/MPG/mpg_gateway", wrong))

    def test_money_goes_back_by_its_state_and_never_more_than_there_was(self) -> None:
        self.open("T1")
        self.decide("T1", "pay")
        self.assertEqual(self.give_back("/API/CreditCard/Close", "T1", 100), "TRA10035", "only authorized")
        self.control("/_settle", provider="NEWEBPAY", trade_no="T1")
        self.assertEqual(self.give_back("/API/CreditCard/Cancel", "T1", 350), "TRA10036")
        self.assertEqual(self.give_back("/API/CreditCard/Close", "T1", 100), "SUCCESS")
        answer = self.query("T1")["Result"]
        self.assertEqual((answer["BackBalance"], answer["CloseStatus"], answer["TradeStatus"]), (250, "3", "1"))
        wanted = signatures.check_code("350", "T1", answer["TradeNo"], NEWEBPAY)
        self.assertEqual(answer["CheckCode"], wanted)
        self.assertNotEqual(self.give_back("/API/CreditCard/Close", "T1", 251), "SUCCESS")
        self.assertEqual(self.query("T1", "351"), {"Status": "TRA10021", "Message": "查無交易資料", "Result": []})
