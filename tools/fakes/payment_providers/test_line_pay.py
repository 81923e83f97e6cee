"""LINE Pay's fake as a merchant sees it."""

import json
import time
from typing import Any

from . import signatures
from .accounts import LINE_PAY_CHANNEL, LINE_PAY_SECRET
from .merchant_for_tests import StandIn

NONCE = "3f1a8d2e-5b6c-4d7e-8f90-a1b2c3d4e5f6"


class LinePay(StandIn):
    def call(self, method: str, path: str, body: Any = None, query: str = "", secret: str = LINE_PAY_SECRET) -> Any:
        content = json.dumps(body).encode() if body is not None else b""
        headers = {
            "Content-Type": "application/json",
            "X-LINE-ChannelId": LINE_PAY_CHANNEL,
            "X-LINE-Authorization-Nonce": NONCE,
            "X-LINE-Authorization": signatures.line_authorization(secret, path, content or query.encode(), NONCE),
        }
        status, text, _ = self.send(method, path + ("?" + query if query else ""), content, headers)
        self.assertEqual(status, 200)
        return json.loads(text)

    def open(self, trade_no: str, amount: int = 350, **changed: Any) -> Any:
        products = [{"name": "Tea", "quantity": 1, "price": amount}]
        urls = {"confirmUrl": f"{self.shop_url}/confirm?token=x", "cancelUrl": f"{self.shop_url}/cancel"}
        body = {"amount": amount, "currency": "TWD", "orderId": trade_no, "redirectUrls": urls}
        body["packages"] = [{"id": "1", "amount": amount, "products": products}]
        return self.call("POST", "/v3/payments/request", body | changed)

    def test_a_payment_is_agreed_on_confirmed_once_and_given_back_in_parts(self) -> None:
        info = self.open("T1")["info"]
        number = info["transactionId"]
        self.assertEqual((type(number), len(str(number))), (int, 19))
        money = {"amount": 350, "currency": "TWD"}
        at = f"/v3/payments/{number}"
        check = f"/v3/payments/requests/{number}/check"
        self.assertEqual(self.call("GET", check)["returnCode"], "0000")
        self.assertEqual(self.call("POST", f"{at}/confirm", money)["returnCode"], "1169")
        self.assertIn("Agree to pay", self.send("GET", info["paymentUrl"]["web"].removeprefix(self.url), b"", {})[1])
        status, _, headers = self.decide("T1", "pay")
        self.assertEqual(
            (status, headers["Location"].split("/confirm")[1]), (302, f"?token=x&transactionId={number}&orderId=T1")
        )
        self.assertEqual(self.call("GET", check)["returnCode"], "0110")
        self.assertEqual(self.call("POST", f"{at}/confirm", money | {"amount": 351})["returnCode"], "1124")
        self.assertEqual(self.call("POST", f"{at}/confirm", money)["returnCode"], "0000")
        self.assertEqual(self.call("POST", f"{at}/confirm", money)["returnCode"], "1172")
        self.assertEqual(self.call("GET", check)["returnCode"], "0123")
        codes = [
            self.call("POST", f"{at}/refund", body)["returnCode"] for body in ({"refundAmount": 100}, {"refundAmount": 251})
        ]
        self.assertEqual(codes, ["0000", "1164"])
        self.assertEqual([self.call("POST", f"{at}/refund", {})["returnCode"] for _ in range(2)], ["0000", "1165"])
        details = self.call("GET", "/v3/payments", query=f"transactionId={number}")["info"]
        self.assertEqual([refund["refundAmount"] for refund in details[0]["refundList"]], [-100, -250])

    def test_what_is_wrong_is_said_with_200(self) -> None:
        self.open("T1")
        self.assertEqual(self.open("T1")["returnCode"], "1172")
        self.assertEqual(self.open("T2", packages=[])["returnCode"], "1124")
        self.assertEqual(self.open("T2", currency="JPY")["returnCode"], "2101")
        self.assertEqual(self.call("GET", "/v3/payments", query="transactionId=1", secret="other")["returnCode"], "1106")
        self.assertEqual(self.call("GET", "/v3/payments", query="transactionId=1")["returnCode"], "1150")

    def test_a_declined_card_shows_when_it_is_confirmed_and_a_canceled_one_at_once(self) -> None:
        declined, canceled = self.open("T1")["info"]["transactionId"], self.open("T2")["info"]["transactionId"]
        self.decide("T1", "fail")
        money = {"amount": 350, "currency": "TWD"}
        self.assertEqual(self.call("POST", f"/v3/payments/{declined}/confirm", money)["returnCode"], "1284")
        self.assertEqual(self.call("GET", f"/v3/payments/requests/{declined}/check")["returnCode"], "0122")
        self.assertIn("/cancel?", self.decide("T2", "cancel")[2]["Location"])
        self.assertEqual(self.call("GET", f"/v3/payments/requests/{canceled}/check")["returnCode"], "0121")

    def test_a_late_answer_is_of_a_call_that_was_done(self) -> None:
        number = self.open("T1")["info"]["transactionId"]
        self.decide("T1", "pay")
        self.control("/_faults", provider="LINE_PAY", trade_no="T1", answers={"confirm": [{"do": "late", "seconds": 0.3}]})
        began = time.monotonic()
        answer = self.call("POST", f"/v3/payments/{number}/confirm", {"amount": 350, "currency": "TWD"})
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        self.assertEqual((answer["returnCode"], self.trade("T1")["state"]), ("0000", "PAID"))
