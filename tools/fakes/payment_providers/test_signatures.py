"""Published test vectors of the three providers, which were computed by their own systems."""

import unittest
from urllib.parse import parse_qsl

from . import signatures
from .accounts import ECPAY, NEWEBPAY, Merchant

ECPAY_OLDER = Merchant("2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS")
# A result from NewebPay's gateway.
ECPAY_RESULT = (
    "CustomField1=&CustomField2=&CustomField3=&CustomField4=&MerchantID=3002607&MerchantTradeNo=test17344"
    "30936645&PaymentDate=2024%2F12%2F17+18%3A22%3A54&PaymentType=Credit_CreditCard&PaymentTypeChargeFee="
    "2&RtnCode=1&RtnMsg=%E4%BA%A4%E6%98%93%E6%88%90%E5%8A%9F&SimulatePaid=0&StoreID=&TradeAmt=100&TradeDa"
    "te=2024%2F12%2F17+18%3A22%3A16&TradeNo=2412171822169397"
)
PLAIN_REQUEST = (
    "MerchantID=MS127874575&RespondType=String&TimeStamp=1695795410&Version=2.0&MerchantOrderNo=Vanespl_e"
    "c_1695795410&Amt=30&ItemDesc=test&NotifyURL=https%3A%2F%2Fwebhook.site%2Fd4db5ad1-2278-466a-9d66-785"
    "85c0dbadb"
)
SEALED_REQUEST = (
    "f79eac33c4f3245d58f17b544c5d38b09457a6d77e77bae6f10fcc7236fe153ccef1a80001c0746afc063a7570f80ad970d8"
    "a32c72332c9ec5547410188007876bdca2bafa52d07d31b6b183f2204d6e4feee6d245e286ab198cf95422ad5843c7696fc9"
    "43cbb65979ad207607d4b5d97dac4a90ccd5e7a37adb7d7062e838be09d94e8c5dfa145c048e17feabe58c2e310792f0f50f"
    "5af32961ffb07ff6649ae1021ad558242551de5f09316e3182e198775e5d1ad5b66a70be290004de750fa85d86b0c2f087b4"
    "0005d89e048be2ab6fd83f1c522494c093426a10a1f73fe4"
)
# A result that NewebPay's gateway encrypted.
SEALED_RESULT = (
    "ee11d1501e6dc8433c75988258f2343d11f4d0a423be672e8e02aaf373c53c2363aeffdb4992579693277359b3e449ebe644"
    "d2075fdfbc10150b1c40e7d24cb215febefdb85b16a5cde449f6b06c58a5510d31e8d34c95284d459ae4b52afc1509c28009"
    "76a5c0b99ef24cfd28a2dfc8004215a0c98a1d3c77707773c2f2132f9a9a4ce3475cb888c2ad372485971876f8e2fec05899"
    "27544c3463d30c785c2d3bd947c06c8c33cf43e131f57939e1f7e3b3d8c3f08a84f34ef1a67a08efe177f1e663ecc6bedc7f"
    "82640a1ced807b548633cfa72d060864271ec79854ee2f5a170aa902000e7c61d1269165de330fce7d10663d1668c7115717"
    "76365bfdcd7ddc915dcb90d31a9f27af9b79a443ca8302e508b0dbaac817d44cfc44247ae613075dde4ac960f1bdff4173b9"
    "15e4344bc4567bd32e86be7d796e6d9b9cf20476e4996e98ccc315f1ed03a34139f936797d971f2a3f90bc18f8a155a290bc"
    "bcf04f4277171c305bf554f5cba243154b30082748a81f2e5aa432ef9950cc9668cd4330ef7c37537a6dcb5e6ef01b4eca97"
    "05e4b097cf6913ee96e81d0389e5f775"
)
PLAIN_RESULT = (
    "Status=SUCCESS&Message=%E6%8E%88%E6%AC%8A%E6%88%90%E5%8A%9F&MerchantID=MS127874575&Amt=30&TradeNo=23"
    "092714215835071&MerchantOrderNo=Vanespl_ec_1695795668&RespondType=String&IP=123.51.237.115&EscrowBan"
    "k=HNCB&PaymentType=CREDIT&RespondCode=00&Auth=115468&Card6No=400022&Card4No=1111&Exp=2609&AuthBank=K"
    "GI&TokenUseStatus=0&InstFirst=0&InstEach=0&Inst=0&ECI=&PayTime=2023-09-27+14%3A21%3A59&PaymentMethod"
    "=CREDIT"
)
PLAIN_CLOSE = (
    "RespondType=String&Version=1.0&Amt=100&MerchantOrderNo=Vanespl_ec_1641348593&TimeStamp=1641348593&In"
    "dexType=1&TradeNo=23111221191660146&CloseType=2"
)
SEALED_CLOSE = (
    "61d27f528031d936b29c87802479e4e51e9cc72935abba1cade58c7524504e727e53d7209593175899023a68200d18e9cc99"
    "8119e760a29cc76a5d1de88fc8da93367ffc9c50f09b9b6a43f42c716a10327734c40bd8b02139601ac6c0674a407930b2bf"
    "615bb13c7d5b383ad4c8e879d92298dcbb0be3022a5c8a0143a8c4447e528710993fc41041c299c895b405ed5187ca6f4c3d"
    "1a85130c8e83a742e6d1"
)
LINE_NONCE = "3f1a8d2e-5b6c-4d7e-8f90-a1b2c3d4e5f6"
LINE_SECRET = "a917ab6a2367b536f8e5a6e2977e06f4"


class Ecpay(unittest.TestCase):
    def test_every_published_value_comes_out(self) -> None:
        older = {
            "TradeDesc": "促銷方案",
            "PaymentType": "aio",
            "MerchantTradeDate": "2013/03/12 15:30:23",
            "MerchantTradeNo": "ecpay20130312153023",
            "MerchantID": "2000132",
            "ReturnURL": "https://www.ecpay.com.tw/receive.php",
            "ItemName": "Apple iphone 7 手機殼",
            "TotalAmount": "1000",
            "ChoosePayment": "ALL",
            "EncryptType": "1",
        }
        official = older | {
            "MerchantTradeDate": "2023/03/12 15:30:23",
            "MerchantTradeNo": "ecpay20230312153023",
            "MerchantID": "3002607",
            "ItemName": "Apple iphone 15",
            "TotalAmount": "30000",
        }
        skill = {
            "MerchantID": "3002607",
            "MerchantTradeNo": "Test1234567890",
            "MerchantTradeDate": "2025/01/01 12:00:00",
            "PaymentType": "aio",
            "TotalAmount": "100",
            "TradeDesc": "測試",
            "ItemName": "測試商品",
            "ReturnURL": "https://example.com/notify",
            "ChoosePayment": "ALL",
            "EncryptType": "1",
        }

        def short(item: str, amount: int) -> dict[str, str]:
            return {"MerchantID": "3002607", "ItemName": item, "TotalAmount": str(amount)}

        asked = {"MerchantID": "3002607", "MerchantTradeNo": "test1734430936645"}
        refund = {"TradeNo": "2412171822169397", "Action": "R", "TotalAmount": "40"}
        for fields, keys, wanted in [
            (official, ECPAY, "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840"),
            (older, ECPAY_OLDER, "CFA9BDE377361FBDD8F160274930E815D1A8A2E3E80CE7D404C45FC9A0A1E407"),
            (skill, ECPAY, "291CBA324D31FB5A4BBBFDF2CFE5D32598524753AFD4959C3BF590C5B2F57FB2"),
            (short("Tom's Shop", 100), ECPAY, "CF0A3D4901D99459D8641516EC57210700E8A5C9AB26B1D021301E9CB93EF78D"),
            (short("Test~Product", 200), ECPAY, "CEEAE01D2F9A8E74D4AC0DCE7735B046D73F35A5EC99558A31A2EE03159DA1C9"),
            (short("My Test Product", 300), ECPAY, "7712A5E6EDC3B57086063C88568084C66CE882A21D40E74DE5ACA3B478C6F316"),
            (
                asked | {"TimeStamp": "1734430980"},
                ECPAY,
                "7BF27925AB37AE8B64FA6A700F441156A92B9C6DDB874F16A0C9C2A51AB960F8",
            ),
            (asked | refund, ECPAY, "2BB49B84D0328114EE5030EEF45A348FADDFFCE90649FDF02AD241D920B2EF63"),
        ]:
            self.assertEqual(signatures.check_mac_value(fields, keys), wanted, fields)

    def test_what_the_gateway_signed_is_signed(self) -> None:
        result = dict(parse_qsl(ECPAY_RESULT, keep_blank_values=True))
        wanted = "447090F34BFFD306CE78C3CF5C52725A8AEC851EB37629B2F2D10423E38BAD26"
        self.assertEqual(signatures.check_mac_value(result, ECPAY), wanted)
        unknown = {name: "" for name in ("ItemName", "PaymentDate", "PaymentType", "TradeDate", "TradeNo")}
        unknown |= {"HandlingCharge": "0", "PaymentTypeChargeFee": "0", "TradeAmt": "0", "TradeStatus": "10200047"}
        unknown |= {"MerchantID": "3002607", "MerchantTradeNo": "PRB1790506627828"}
        wanted = "5648F8E8354B11940F611ADE50CCA58DD4916DCC960DF7BF4D73960DBE432366"
        self.assertEqual(signatures.check_mac_value(unknown, ECPAY), wanted)

    def test_every_sign_is_encoded_as_dot_net_does(self) -> None:
        signs = "~ !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}中"
        wanted = "%7e+!%22%23%24%25%26%27()*%2b%2c-.%2f%3a%3b%3c%3d%3e%3f%40%5b%5c%5d%5e_%60%7b%7c%7d%e4%b8%ad"
        self.assertEqual(signatures.dot_net_encoded(signs), wanted)


class Newebpay(unittest.TestCase):
    def test_a_request_is_sealed_and_signed(self) -> None:
        self.assertEqual(signatures.seal(PLAIN_REQUEST, NEWEBPAY), SEALED_REQUEST)
        wanted = "84E4D9F96537E029F8450BE1E759080F9AF6995921B7F6F9AAFDDD2C36E7B287"
        self.assertEqual(signatures.trade_sha(SEALED_REQUEST, NEWEBPAY), wanted)
        self.assertEqual(signatures.seal(PLAIN_CLOSE, NEWEBPAY), SEALED_CLOSE)

    def test_what_the_gateway_sealed_is_read_and_can_be_sealed_again(self) -> None:
        wanted = "C80876AEBAC0036268C0E240E5BFF69C0470DE9606EEE083C5C8DD64FDB3347A"
        self.assertEqual(signatures.trade_sha(SEALED_RESULT, NEWEBPAY), wanted)
        self.assertEqual(signatures.unseal(SEALED_RESULT, NEWEBPAY), PLAIN_RESULT)
        self.assertEqual(signatures.seal(PLAIN_RESULT, NEWEBPAY, signatures.NEWEBPAY_PADDING), SEALED_RESULT)

    def test_questions_and_answers_are_signed_each_in_its_way(self) -> None:
        order = "Vanespl_ec_1695795668"
        wanted = "79C5227AF869AE4F25FDF4E22B928D5B52E415D9905EC6912D7807E18C3FFACA"
        self.assertEqual(signatures.check_code("30", order, "23092714215835071", NEWEBPAY), wanted)
        wanted = "CD326F689018E7862727547F85CECD7DD7AE0FDB7782DE2C1E46B4417245B51F"
        self.assertEqual(signatures.check_value("30", order, NEWEBPAY), wanted)

    def test_what_was_not_sealed_is_refused(self) -> None:
        for text in ("", "00", "zz", SEALED_REQUEST[:-2], SEALED_REQUEST[:-32]):
            with self.assertRaises(signatures.NotSealed):
                signatures.unseal(text, NEWEBPAY)


class LinePay(unittest.TestCase):
    def test_every_call_is_signed_over_what_is_sent(self) -> None:
        at = "/v3/payments/2023042201206549310"
        for path, tail, wanted in [
            (
                "/v3/payments/request",
                b'{"amount":3600,"currency":"TWD","orderId":"YS8K2M4Q7TABCDEFGHJK"}',
                "aR8NgeWpzPdQpQvUWrTFoUaffEa2oWur9SPaze3B7bE=",
            ),
            (f"{at}/confirm", b'{"amount":3600,"currency":"TWD"}', "75O1Stb9tOcgYN+StBm1VHs/bmxITkrom+gYytcVKzc="),
            (
                "/v3/payments/requests/2023042201206549310/check",
                b"",
                "nN6K9AHzSUvA38i94MAS1qQrAbqg8kdYTyjtf6oSp3g=",
            ),
            (f"{at}/refund", b"{}", "Cz20R/VDymSZiYLX5Lq9ZwTSRW/ooz5hB/wq77BennE="),
            (f"{at}/refund", b'{"refundAmount":100}', "pQDl1tZkFlyUmLLL3VNGU9PLJuWiK1kJUHHLft8YDWQ="),
        ]:
            self.assertEqual(signatures.line_authorization(LINE_SECRET, path, tail, LINE_NONCE), wanted, path)
