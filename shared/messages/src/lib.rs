//! What people are told: one template per message and language, rendered with the facts of an order or a batch, and escaped
//! for where it goes.
//!
//! A message's file holds its subject, an empty line, and its paragraphs, as plain text. What goes out as HTML or to Slack is
//! that text put into a frame, which escapes all of it: no value can bring markup along, whatever the file forgets.

mod facts;
mod slack;

pub use facts::Facts;

use askama::Template;
use domain::notification::{Channel, TemplateKey};

/// A language that the shop can speak to its customers and admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Traditional Chinese, as in Taiwan.
    ZhTw,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhTw];

    /// Its name (BCP 47), which is its templates' folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhTw => "zh-TW",
        }
    }

    /// The language of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }
}

/// A message, ready for its channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says, escaped for the channel.
    pub text: String,
    /// The same as HTML, for e-mail.
    pub html: Option<String>,
}

/// A template that could not be rendered: a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unrenderable;

impl std::fmt::Display for Unrenderable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a message's template cannot be rendered")
    }
}

impl std::error::Error for Unrenderable {}

impl From<askama::Error> for Unrenderable {
    fn from(_: askama::Error) -> Self {
        Self
    }
}

/// The message of this template for this channel.
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
        // A text message costs by its length: the subject says all that matters.
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

        // A message without a file in one of the languages fails here.
        fn text(language: Language, key: TemplateKey, facts: &Facts) -> Result<String, askama::Error> {
            match (language, key) {
                $((Language::$language, TemplateKey::$key) => $name { facts }.render(),)*
            }
        }
    };
}

messages! {
    EnThresholdReached = En ThresholdReached "en/threshold_reached.txt";
    EnPaymentRequested = En PaymentRequested "en/payment_requested.txt";
    EnPaymentReminder = En PaymentReminder "en/payment_reminder.txt";
    EnOrderExpired = En OrderExpired "en/order_expired.txt";
    EnOrderCanceled = En OrderCanceled "en/order_canceled.txt";
    EnOfferMissed = En OfferMissed "en/offer_missed.txt";
    EnOrderFailed = En OrderFailed "en/order_failed.txt";
    EnOrderShipped = En OrderShipped "en/order_shipped.txt";
    ZhThresholdReached = ZhTw ThresholdReached "zh-TW/threshold_reached.txt";
    ZhPaymentRequested = ZhTw PaymentRequested "zh-TW/payment_requested.txt";
    ZhPaymentReminder = ZhTw PaymentReminder "zh-TW/payment_reminder.txt";
    ZhOrderExpired = ZhTw OrderExpired "zh-TW/order_expired.txt";
    ZhOrderCanceled = ZhTw OrderCanceled "zh-TW/order_canceled.txt";
    ZhOfferMissed = ZhTw OfferMissed "zh-TW/offer_missed.txt";
    ZhOrderFailed = ZhTw OrderFailed "zh-TW/order_failed.txt";
    ZhOrderShipped = ZhTw OrderShipped "zh-TW/order_shipped.txt";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts of which each tries to break out of where it is put.
    fn hostile() -> Facts {
        let bad = "<b>&\"'</b>\n\n<!channel>".to_owned();
        Facts {
            shop: "Millrun".to_owned(),
            order_no: "M-1".to_owned(),
            name: bad.clone(),
            goods: bad.clone(),
            reason: bad.clone(),
            product: bad.clone(),
            carrier: bad.clone(),
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
        let pickup = Facts { pickup_info: "台北店,週一".to_owned(), ..hostile() };
        let message = render(Language::ZhTw, TemplateKey::OrderShipped, &pickup, Channel::Sms).unwrap();
        assert_eq!(message.text, "訂單 M-1 可以取貨");
    }
}
