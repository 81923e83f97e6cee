//! Texts of notifications: one template per message and language, rendered with the facts of an order or a batch, and
//! escaped for the channel.
//!
//! A message's file has its subject, an empty line, and its paragraphs, as plain text. For HTML and Slack, a frame contains
//! the text and escapes all of it, so no value can inject markup.

mod facts;
mod slack;
mod tracking;

pub use facts::Facts;
pub use tracking::TrackingUrls;

use askama::Template;
pub use domain::notification::Language;
use domain::notification::{Channel, TemplateKey};

/// A rendered message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The subject, one line.
    pub subject: String,
    /// The text, escaped for the channel.
    pub text: String,
    /// The text as HTML, for e-mail.
    pub html: Option<String>,
}

/// A template that could not be rendered, which is a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unrenderable;

impl std::fmt::Display for Unrenderable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the template of a message cannot be rendered")
    }
}

impl std::error::Error for Unrenderable {}

impl From<askama::Error> for Unrenderable {
    fn from(_: askama::Error) -> Self {
        Self
    }
}

/// Renders a template for a channel.
///
/// # Errors
/// [`Unrenderable`].
pub fn render(language: Language, key: TemplateKey, facts: &Facts, channel: Channel) -> Result<Message, Unrenderable> {
    let text = text(language, key, facts)?;
    let (subject, body) = text.split_once("\n\n").ok_or(Unrenderable)?;
    // A line break in a fact must not end the subject.
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = body.trim();
    Ok(match channel {
        Channel::Email => {
            let paragraphs = body.split("\n\n").collect();
            let html = Mail { language: language.as_str(), subject: &subject, paragraphs }.render()?;
            Message { text: body.to_owned(), html: Some(html), subject }
        }
        Channel::Line => Message { text: format!("{subject}\n\n{body}"), html: None, subject },
        // Text messages are priced by length, and the subject has the essential facts.
        Channel::Sms => Message { text: subject.clone(), html: None, subject },
        Channel::Slack => {
            let text = Slack { subject: &subject, body }.render()?;
            Message { text, html: None, subject }
        }
    })
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Mail<'m> {
    language: &'m str,
    subject: &'m str,
    paragraphs: Vec<&'m str>,
}

#[derive(Template)]
#[template(path = "message.slack")]
struct Slack<'m> {
    subject: &'m str,
    body: &'m str,
}

macro_rules! messages {
    ($($name:ident = $language:ident $key:ident $path:literal;)*) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            struct $name<'f> {
                facts: &'f Facts,
            }
        )*

        // Does not compile if a language lacks the template of a message.
        fn text(language: Language, key: TemplateKey, facts: &Facts) -> Result<String, askama::Error> {
            match (language, key) {
                $((Language::$language, TemplateKey::$key) => $name { facts }.render(),)*
            }
        }
    };
}

messages! {
    EnThresholdReached = En ThresholdReached "en/threshold_reached.txt";
    EnOrderPlaced = En OrderPlaced "en/order_placed.txt";
    EnPreorderReserved = En PreorderReserved "en/preorder_reserved.txt";
    EnOrderPaid = En OrderPaid "en/order_paid.txt";
    EnProductionStarted = En ProductionStarted "en/production_started.txt";
    EnShipDateChanged = En ShipDateChanged "en/ship_date_changed.txt";
    EnPaymentRequested = En PaymentRequested "en/payment_requested.txt";
    EnPaymentReminder = En PaymentReminder "en/payment_reminder.txt";
    EnOrderExpired = En OrderExpired "en/order_expired.txt";
    EnOrderCanceled = En OrderCanceled "en/order_canceled.txt";
    EnOfferMissed = En OfferMissed "en/offer_missed.txt";
    EnOrderFailed = En OrderFailed "en/order_failed.txt";
    EnOrderRefunded = En OrderRefunded "en/order_refunded.txt";
    EnOrderShipped = En OrderShipped "en/order_shipped.txt";
    EnPointsRefunded = En PointsRefunded "en/points_refunded.txt";
    ZhThresholdReached = ZhTw ThresholdReached "zh-TW/threshold_reached.txt";
    ZhOrderPlaced = ZhTw OrderPlaced "zh-TW/order_placed.txt";
    ZhPreorderReserved = ZhTw PreorderReserved "zh-TW/preorder_reserved.txt";
    ZhOrderPaid = ZhTw OrderPaid "zh-TW/order_paid.txt";
    ZhProductionStarted = ZhTw ProductionStarted "zh-TW/production_started.txt";
    ZhShipDateChanged = ZhTw ShipDateChanged "zh-TW/ship_date_changed.txt";
    ZhPaymentRequested = ZhTw PaymentRequested "zh-TW/payment_requested.txt";
    ZhPaymentReminder = ZhTw PaymentReminder "zh-TW/payment_reminder.txt";
    ZhOrderExpired = ZhTw OrderExpired "zh-TW/order_expired.txt";
    ZhOrderCanceled = ZhTw OrderCanceled "zh-TW/order_canceled.txt";
    ZhOfferMissed = ZhTw OfferMissed "zh-TW/offer_missed.txt";
    ZhOrderFailed = ZhTw OrderFailed "zh-TW/order_failed.txt";
    ZhOrderRefunded = ZhTw OrderRefunded "zh-TW/order_refunded.txt";
    ZhOrderShipped = ZhTw OrderShipped "zh-TW/order_shipped.txt";
    ZhPointsRefunded = ZhTw PointsRefunded "zh-TW/points_refunded.txt";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts that contain markup of each channel, which must be escaped.
    fn hostile() -> Facts {
        let bad = "<b>&\"'</b>\n\n<!channel>".to_owned();
        Facts {
            shop: "Millrun".to_owned(),
            order_no: "M-1".to_owned(),
            link: bad.clone(),
            refunded: bad.clone(),
            provider: bad.clone(),
            name: bad.clone(),
            goods: bad.clone(),
            reason: bad.clone(),
            product: bad.clone(),
            carrier: bad.clone(),
            bill: bad.clone(),
            delivery: bad.clone(),
            tracking_url: bad.clone(),
            was_paid: true,
            ..Facts::default()
        }
    }

    #[test]
    fn every_message_is_there_in_every_language_for_every_channel() {
        for language in Language::ALL {
            for key in TemplateKey::ALL {
                for channel in Channel::ALL {
                    let message = render(language, *key, &hostile(), *channel).unwrap();
                    assert!(!message.subject.is_empty() && !message.subject.contains('\n'), "{key:?}");
                    assert!(!message.text.trim().is_empty(), "{key:?}");
                    assert_eq!(message.html.is_some(), *channel == Channel::Email);
                }
            }
        }
    }

    /// Every message as rendered: one file per language, and the e-mails that docs/screens/mail is drawn from. `BLESS=1`
    /// writes them.
    #[test]
    fn every_message_reads_as_its_golden_file_says() {
        let facts = Facts {
            shop: "Millrun".to_owned(),
            timezone: "Asia/Taipei".to_owned(),
            order_no: "M-20261121-000001".to_owned(),
            link: "https://shop.example/orders/01a1f71d-60db-7a10-8b20-30a5c7e91f42".to_owned(),
            name: "Ada".to_owned(),
            goods: "Competition oolong × 2".to_owned(),
            total: "TWD 10,400".to_owned(),
            refunded: "TWD 5,200".to_owned(),
            provider: "ECPay".to_owned(),
            pay_before: "2026-12-06 00:00".to_owned(),
            bill: "Competition oolong × 2: TWD 10,700".to_owned(),
            delivery: "Home delivery: TWD 100".to_owned(),
            discount: "TWD 400".to_owned(),
            ship_date: "2026-12-20".to_owned(),
            tracking_url: "https://carrier.example/track?no=905-123-456".to_owned(),
            reason: "water damage".to_owned(),
            was_paid: true,
            coupon_is_back: true,
            carrier: "Black Cat".to_owned(),
            tracking_no: "905-123-456".to_owned(),
            product: "Wool coat".to_owned(),
            batch_id: "w.p".to_owned(),
            reserved_qty: "12".to_owned(),
            threshold_qty: "10".to_owned(),
            ..Facts::default()
        };
        for language in Language::ALL {
            let written: String = TemplateKey::ALL
                .iter()
                .map(|key| {
                    let message = render(language, *key, &facts, Channel::Line).unwrap();
                    format!("=== {}\n{}\n\n", key.as_str(), message.text)
                })
                .collect();
            expect_golden(&format!("{}.txt", language.as_str()), &written);
            for key in TemplateKey::ALL {
                let html = render(language, *key, &facts, Channel::Email).unwrap().html.unwrap();
                expect_golden(&format!("mail/{}-{}.html", key.as_str(), language.as_str()), &html);
            }
        }
    }

    fn expect_golden(name: &str, written: &str) {
        let path = format!("{}/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, written).unwrap();
        }
        assert_eq!(written, std::fs::read_to_string(&path).unwrap_or_default(), "{path}: BLESS=1 writes it");
    }

    #[test]
    fn no_value_brings_markup_along() {
        for language in Language::ALL {
            for key in TemplateKey::ALL {
                let html = render(language, *key, &hostile(), Channel::Email).unwrap().html.unwrap();
                assert!(!html.contains("<b>") && !html.contains("<!channel>"), "{html}");
                let slack = render(language, *key, &hostile(), Channel::Slack).unwrap().text;
                assert!(!slack.contains('<') && !slack.contains('>'), "{slack}");
            }
        }
    }

    #[test]
    fn a_shipped_order_says_how_it_comes() {
        let parcel = Facts { carrier: "Black Cat".to_owned(), tracking_no: "TW-1".to_owned(), ..hostile() };
        let message = render(Language::En, TemplateKey::OrderShipped, &parcel, Channel::Line).unwrap();
        assert!(message.text.starts_with("Order M-1 is on its way\n\n"), "{}", message.text);
        assert!(message.text.contains("with Black Cat, tracking number TW-1."), "{}", message.text);
        let linked = Facts { tracking_url: "https://carrier.example/?no=TW-1".to_owned(), ..parcel };
        let message = render(Language::En, TemplateKey::OrderShipped, &linked, Channel::Email).unwrap();
        assert!(message.text.contains("Follow it here: https://carrier.example/?no=TW-1"), "{}", message.text);
        let pickup = Facts { pickup_info: "台北店,週一".to_owned(), ..hostile() };
        let message = render(Language::ZhTw, TemplateKey::OrderShipped, &pickup, Channel::Sms).unwrap();
        assert_eq!(message.text, "訂單 M-1 可以取貨");
    }
}
