"""ECPay's fake as a merchant sees it."""

import json
import time
import urllib.error
from datetime import datetime
from urllib.parse import parse_qsl

from . import signatures
from .accounts import ECPAY, ECPAY_CREDIT_CHECK_CODE
from .books import TAIPEI
from .merchant_for_tests import StandIn


class Ecpay(StandIn):
    def open(self, trade_no: str, **changed: str) -> str:
        fields = {
            "MerchantID": ECPAY.number,
            "MerchantTradeNo": trade_no,
            "MerchantTradeDate": datetime.now(TAIPEI).strftime("%Y/%m/%d %H:%M:%S"),
            "PaymentType": "aio",
            "TotalAmount": "350",
            "TradeDesc": "Tea",
            "ItemName": "Tom's <Tea> 茶",
            "ReturnURL": f"{self.shop_url}/notify",
            "ClientBackURL": f"{self.shop_url}/back",
            "ChoosePayment": "ALL",
            "NeedExtraPaidInfo": "Y",
            "EncryptType": "1",
        } | changed
        return self.post("/Cashier/AioCheckOut/V5", self.signed(fields))

    @staticmethod
    def signed(fields: dict[str, str]) -> dict[str, str]:
        return fields | {"CheckMacValue": signatures.check_mac_value(fields, ECPAY)}

    def act(self, trade_no: str, action: str, amount: int) -> dict[str, str]:
        number = self.trade(trade_no)["provider_no"]
        fields = {"MerchantID": ECPAY.number, "MerchantTradeNo": trade_no, "TradeNo": number, "Action": action}
        return dict(parse_qsl(self.post("/CreditDetail/DoAction", self.signed(fields | {"TotalAmount": str(amount)}))))

    def test_a_payment_is_told_until_it_is_acknowledged(self) -> None:
        self.assertIn("Tom&#x27;s &lt;Tea&gt; 茶", self.open("T1"))
        self.merchant.answers += [(500, ""), (200, "OK")]
        self.assertIn('href="' + self.shop_url + "/back", self.decide("T1", "pay")[1])
        first, second, third = self.hear(3)
        for result in (first, second, third):
            self.assertEqual(result["CheckMacValue"], signatures.check_mac_value(result, ECPAY))
            self.assertEqual((result["RtnCode"], result["TradeAmt"], result["SimulatePaid"]), ("1", "350", "0"))
        self.assertNotEqual(first["RtnMsg"], second["RtnMsg"])
        self.assertNotEqual(first["CheckMacValue"], second["CheckMacValue"])
        self.assertIn("finished before", self.decide("T1", "pay")[1])

    def test_what_is_wrong_with_a_checkout_is_said(self) -> None:
        self.open("T1")
        for code, changed in [
            ("10200047", {}),
            ("10200052", {"MerchantTradeNo": "T2", "MerchantTradeDate": "2020/01/01 00:00:00"}),
            ("10200002", {"MerchantTradeNo": "T_2"}),
            ("10200002", {"MerchantTradeNo": "T2", "TotalAmount": "0"}),
            ("10200003", {"MerchantTradeNo": "T2", "Surprise": "1"}),
        ]:
            self.assertIn(f"<p id=code>{code}<", self.open("T1", **changed))
        self.assertIn("10200073", self.post("/Cashier/AioCheckOut/V5", {"MerchantID": ECPAY.number, "CheckMacValue": "0"}))

    def test_every_fault_setting_of_a_result_does_what_it_says(self) -> None:
        self.control("/_faults", provider="ECPAY", trade_no="T1", callback={"copies": 5, "at_once": True, "amount": 1})
        self.control("/_faults", provider="ECPAY", trade_no="T2", callback={"signature": "wrong", "before_redirect": True})
        self.control(
            "/_faults", provider="ECPAY", trade_no="T3", callback={"before": ["number_taken"], "after": ["failed"]}
        )
        self.control("/_faults", provider="ECPAY", trade_no="T4", callback={"never": True})
        for trade_no in ("T1", "T2", "T3", "T4"):
            self.open(trade_no)
        self.decide("T1", "pay")
        self.assertEqual({result["TradeAmt"] for result in self.hear(5)}, {"1"})
        self.merchant.heard.clear()
        self.decide("T2", "pay")
        result = self.merchant.heard.pop()
        self.assertNotEqual(result["CheckMacValue"], signatures.check_mac_value(result, ECPAY))
        self.decide("T3", "simulate")
        self.assertEqual([result["RtnCode"] for result in self.hear(3)], ["2", "1", "10200058"])
        self.assertEqual(self.merchant.heard[1]["SimulatePaid"], "1")
        self.decide("T4", "pay")
        self.assertEqual((self.trade("T4")["state"], self.trade("T4")["callbacks"]), ("PAID", []))

    def test_a_question_is_answered_signed_and_not_encoded(self) -> None:
        self.open("T1", ItemName="50% off + more")
        for trade_no, status in (("T1", "0"), ("T9", "10200047")):
            asked = {"MerchantID": ECPAY.number, "MerchantTradeNo": trade_no, "TimeStamp": str(int(time.time()))}
            text = self.post("/Cashier/QueryTradeInfo/V5", self.signed(asked))
            answer = dict(pair.split("=", 1) for pair in text.split("&"))
            self.assertEqual(answer["TradeStatus"], status)
            self.assertEqual(answer["CheckMacValue"], signatures.check_mac_value(answer, ECPAY))
        self.assertNotIn("%2B", text)

    def test_money_goes_back_by_its_state_and_never_more_than_there_was(self) -> None:
        self.open("T1")
        self.decide("T1", "pay")
        self.assertNotEqual(self.act("T1", "R", 100)["RtnCode"], "1", "only authorized")
        self.control("/_settle", provider="ECPAY", trade_no="T1")
        self.assertEqual([self.act("T1", "R", 100)["RtnCode"] for _ in range(3)], ["1", "1", "1"], "each a refund")
        self.assertNotEqual(self.act("T1", "R", 100)["RtnCode"], "1", "over the rest")
        self.assertNotEqual(self.act("T1", "N", 50)["RtnCode"], "1")
        self.assertEqual(self.trade("T1")["refunded"], 300)
        number = self.hear(1)[0]["gwsr"]
        asked = {"MerchantID": ECPAY.number, "CreditRefundId": number, "CreditAmount": "350"}
        asked["CreditCheckCode"] = ECPAY_CREDIT_CHECK_CODE
        card = json.loads(self.post("/CreditDetail/QueryTrade/V2", self.signed(asked)))["RtnValue"]
        self.assertEqual([line["amount"] for line in card["close_data"]], ["350", "-100", "-100", "-100"])
        self.assertEqual((card["status"], card["clsamt"]), ("已關帳", 50))

    def test_an_answer_can_be_lost_refused_and_replaced_by_a_page(self) -> None:
        self.open("T1")
        self.decide("T1", "pay")
        self.control("/_settle", provider="ECPAY", trade_no="T1")
        answers = [{"do": "lose"}, {"do": "refuse", "code": "10200051"}, {"do": "down"}]
        self.control("/_faults", provider="ECPAY", trade_no="T1", answers={"refund": answers})
        with self.assertRaises((urllib.error.URLError, OSError)):
            self.act("T1", "R", 100)
        self.assertEqual(self.act("T1", "R", 100)["RtnCode"], "10200051")
        self.assertNotIn("RtnCode", self.act("T1", "R", 100))
        self.assertEqual(self.trade("T1")["refunded"], 100, "the lost answer was of a refund that was done")


class FaultSettings(StandIn):
    def test_an_unknown_fault_setting_is_refused(self) -> None:
        for wanted in (
            {"provider": "STRIPE", "trade_no": "T1"},
            {"provider": "ECPAY", "trade_no": "T1", "callback": {"nevr": True}},
            {"provider": "ECPAY", "trade_no": "T1", "answers": {"refund": [{"do": "loose"}]}},
            {"provider": "ECPAY", "trade_no": "T1", "callback": {"copies": 51}},
        ):
            status, _, _ = self.send("POST", "/_faults", json.dumps(wanted).encode(), {})
            self.assertEqual(status, 400, wanted)
