//! The signatures of ECPay's and the shop's messages.

use super::super::form::{self, Fields};
use crate::secrets::Secret;
use serde::Deserialize;

/// A key pair for signatures.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Keys {
    pub(super) hash_key: Secret,
    pub(super) hash_iv: Secret,
}

/// `CheckMacValue` over every other field: sorted by name without regard to case, between the two keys, encoded as .NET
/// does, in lower case, SHA-256 (developers.ecpay.com.tw, p=2902 and p=2904).
pub(super) fn check_mac_value(fields: &Fields, keys: &Keys) -> String {
    let mut sorted: Vec<&(String, String)> = fields.iter().filter(|(name, _)| name != "CheckMacValue").collect();
    sorted.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let mut text = format!("HashKey={}", keys.hash_key.show());
    for (name, value) in sorted {
        text.push_str(&format!("&{name}={value}"));
    }
    text.push_str(&format!("&HashIV={}", keys.hash_iv.show()));
    form::sha256_upper(&encode(&text))
}

/// .NET's URL encoding, in lower case.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => {
                encoded.push(char::from(byte.to_ascii_lowercase()));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current() -> Keys {
        Keys { hash_key: Secret::new("pwFHCqoQZGmho4w6"), hash_iv: Secret::new("EkRm7iFT261dpevs") }
    }

    fn mac(keys: &Keys, fields: &[(&str, &str)]) -> String {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_mac_value(&fields, keys)
    }

    #[test]
    fn texts_are_encoded_as_dotnet_does() {
        assert_eq!(
            encode("~ !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}中"),
            "%7e+!%22%23%24%25%26%27()*%2b%2c-.%2f%3a%3b%3c%3d%3e%3f%40%5b%5c%5d%5e_%60%7b%7c%7d%e4%b8%ad"
        );
    }

    #[test]
    fn the_published_requests_have_the_published_signatures() {
        let v1 = [
            ("TradeDesc", "促銷方案"),
            ("PaymentType", "aio"),
            ("MerchantTradeDate", "2023/03/12 15:30:23"),
            ("MerchantTradeNo", "ecpay20230312153023"),
            ("MerchantID", "3002607"),
            ("ReturnURL", "https://www.ecpay.com.tw/receive.php"),
            ("ItemName", "Apple iphone 15"),
            ("TotalAmount", "30000"),
            ("ChoosePayment", "ALL"),
            ("EncryptType", "1"),
        ];
        assert_eq!(mac(&current(), &v1), "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840");
        let older = Keys { hash_key: Secret::new("5294y06JbISpM5x9"), hash_iv: Secret::new("v77hoKGq4kWxNNIS") };
        let v2 = v1.map(|(name, value)| match name {
            "MerchantID" => (name, "2000132"),
            "MerchantTradeDate" => (name, "2013/03/12 15:30:23"),
            "MerchantTradeNo" => (name, "ecpay20130312153023"),
            "ItemName" => (name, "Apple iphone 7 手機殼"),
            "TotalAmount" => (name, "1000"),
            _ => (name, value),
        });
        assert_eq!(mac(&older, &v2), "CFA9BDE377361FBDD8F160274930E815D1A8A2E3E80CE7D404C45FC9A0A1E407");
        let v3 = [
            ("MerchantID", "3002607"),
            ("MerchantTradeNo", "Test1234567890"),
            ("MerchantTradeDate", "2025/01/01 12:00:00"),
            ("PaymentType", "aio"),
            ("TotalAmount", "100"),
            ("TradeDesc", "測試"),
            ("ItemName", "測試商品"),
            ("ReturnURL", "https://example.com/notify"),
            ("ChoosePayment", "ALL"),
            ("EncryptType", "1"),
        ];
        assert_eq!(mac(&current(), &v3), "291CBA324D31FB5A4BBBFDF2CFE5D32598524753AFD4959C3BF590C5B2F57FB2");
    }

    #[test]
    fn texts_with_marks_have_the_known_signatures() {
        for (name, total, wanted) in [
            ("Tom's Shop", "100", "CF0A3D4901D99459D8641516EC57210700E8A5C9AB26B1D021301E9CB93EF78D"),
            ("Test~Product", "200", "CEEAE01D2F9A8E74D4AC0DCE7735B046D73F35A5EC99558A31A2EE03159DA1C9"),
            ("My Test Product", "300", "7712A5E6EDC3B57086063C88568084C66CE882A21D40E74DE5ACA3B478C6F316"),
        ] {
            let fields = [("MerchantID", "3002607"), ("ItemName", name), ("TotalAmount", total)];
            assert_eq!(mac(&current(), &fields), wanted, "{name}");
        }
    }
}
