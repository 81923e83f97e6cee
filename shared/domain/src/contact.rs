//! Contact data of an order. It is personal data: it never appears in a log line or an event, and `Debug` prints it as
//! `redacted`.

use crate::Invalid;
use crate::text::Line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The contact data of one order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The recipient.
    pub name: Line<100>,
    /// E.164 (`+886912345678`) or local (`0912345678`, `02-2345-6789`).
    pub phone: String,
    pub email: String,
    /// The delivery address.
    pub shipping_address: Line<300>,
    /// The customer's LINE user id: `U` and 32 hexadecimal digits (LINE Messaging API).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_user_id: Option<String>,
}

/// Contact data as received, before validation.
#[derive(Debug, Clone, Copy)]
pub struct RawContact<'a> {
    /// See [`Contact::name`].
    pub name: &'a str,
    /// See [`Contact::phone`].
    pub phone: &'a str,
    /// See [`Contact::email`].
    pub email: &'a str,
    /// See [`Contact::shipping_address`].
    pub shipping_address: &'a str,
    /// See [`Contact::line_user_id`].
    pub line_user_id: Option<&'a str>,
}

impl Contact {
    /// # Errors
    /// [`Invalid`] for each field that is malformed.
    pub fn parse(raw: RawContact<'_>) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        let name = wrong.check(Line::parse("contact.name", raw.name));
        let phone = wrong.check(parse_phone("contact.phone", raw.phone));
        let email = wrong.check(parse_email(raw.email));
        let shipping_address = wrong.check(Line::parse("contact.shipping_address", raw.shipping_address));
        let line_user_id = raw.line_user_id.map(parse_line_user_id).and_then(|parsed| wrong.check(parsed));
        let contact =
            name.zip(phone).zip(email).zip(shipping_address).map(|(((name, phone), email), shipping_address)| Self {
                name,
                phone,
                email,
                shipping_address,
                line_user_id,
            });
        wrong.into_result(contact)
    }
}

/// Corrections of contact data: what is `None` stays.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContactChange {
    name: Option<Line<100>>,
    phone: Option<String>,
    shipping_address: Option<Line<300>>,
}

/// Corrections as they arrive.
#[derive(Clone, Copy, Default)]
pub struct RawContactChange<'a> {
    /// See [`Contact::name`].
    pub name: Option<&'a str>,
    /// See [`Contact::phone`].
    pub phone: Option<&'a str>,
    /// See [`Contact::shipping_address`].
    pub shipping_address: Option<&'a str>,
}

impl ContactChange {
    /// # Errors
    /// Names each field that is not of its form, and `name` when nothing is to be changed.
    pub fn parse(raw: RawContactChange<'_>) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        let change = Self {
            name: raw.name.and_then(|name| wrong.check(Line::parse("name", name))),
            phone: raw.phone.and_then(|phone| wrong.check(parse_phone("phone", phone))),
            shipping_address: raw
                .shipping_address
                .and_then(|address| wrong.check(Line::parse("shipping_address", address))),
        };
        if raw.name.or(raw.phone).or(raw.shipping_address).is_none() {
            wrong.note("name", "must be there, or phone, or shipping_address");
        }
        wrong.into_result(Some(change))
    }
}

impl Contact {
    /// The contact data with these corrections.
    #[must_use]
    pub fn changed(&self, change: ContactChange) -> Self {
        let Self { name, phone, email, shipping_address, line_user_id } = self.clone();
        Self {
            name: change.name.unwrap_or(name),
            phone: change.phone.unwrap_or(phone),
            shipping_address: change.shipping_address.unwrap_or(shipping_address),
            email,
            line_user_id,
        }
    }
}

impl fmt::Debug for ContactChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactChange(redacted)")
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(redacted)")
    }
}

fn parse_phone(field: &str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let (body, international) = text.strip_prefix('+').map_or((text, false), |rest| (rest, true));
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let separators_fit = body.bytes().all(|b| b.is_ascii_digit() || (!international && b"- ()#".contains(&b)));
    // An E.164 number has at most 15 digits and does not start with 0. Local numbers with an extension have at most 20
    // characters.
    let fits =
        if international { (8..=15).contains(&digits) && !body.starts_with('0') } else { (6..=15).contains(&digits) };
    if fits && separators_fit && text.len() <= 20 {
        Ok(text.to_owned())
    } else {
        Err(Invalid::field(field, "must be a phone number: E.164 such as +886912345678, or local digits"))
    }
}

fn parse_email(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let wrong = || Invalid::field("contact.email", "must be an e-mail address of at most 254 characters");
    let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // An RFC 5321 dot-string without quoting, which is all that SES accepts.
    let local_fits = (1..=64).contains(&local.len())
        && local.split('.').all(|atom| !atom.is_empty())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let domain_fits = domain.contains('.') && domain.split('.').all(label_fits);
    if text.len() <= 254 && local_fits && domain_fits { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn parse_line_user_id(text: &str) -> Result<String, Invalid> {
    let hex = text.strip_prefix('U').unwrap_or_default();
    if hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::field("contact.line_user_id", "must be a LINE user id: U and 32 lower-case hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_e164_or_local() {
        for good in ["+886912345678", "0912345678", "02-2345-6789", "(02) 2345 6789", "0912-345-678#12"] {
            assert!(parse_phone("phone", good).is_ok(), "{good}");
        }
        for bad in
            ["", "abc", "+0912345678", "+886 912", "12345", "+1234567890123456", "0912345678; DROP", "１２３４５６７"]
        {
            assert!(parse_phone("phone", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_email_address_can_be_sent_to() {
        for good in ["a@b.co", "first.last+tag@sub.my-shop.com", "o'neil@example.org"] {
            assert!(parse_email(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in ["", "a", "a@b", "@b.co", "a@", "a b@c.de", "a..b@c.de", "a@-b.co", "a@b..co", "a@b.co\nx", &long] {
            assert!(parse_email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_invalid_field_is_listed() {
        let raw = RawContact { name: "", phone: "x", email: "x", shipping_address: " ", line_user_id: Some("x") };
        let wrong = Contact::parse(raw).unwrap_err();
        let fields: Vec<_> = wrong.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["contact.name", "contact.phone", "contact.email", "contact.shipping_address", "contact.line_user_id"]
        );
    }

    #[test]
    fn debug_output_keeps_contact_data_to_itself() {
        let raw = RawContact {
            name: "Ada",
            phone: "0912345678",
            email: "ada@example.com",
            shipping_address: "1 Main St",
            line_user_id: None,
        };
        assert_eq!(format!("{:?}", Contact::parse(raw).unwrap()), "Contact(redacted)");
    }
}
