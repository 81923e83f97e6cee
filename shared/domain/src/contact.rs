//! Contact data of an order. It is personal data: it never appears in a log line or an event, and `Debug` prints it as
//! `redacted`.

use crate::Invalid;
use crate::shipping_method::PostalCode;
use crate::text::Line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The contact data of one order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The recipient.
    pub name: Line<100>,
    /// E.164 (`+886912345678`). Orders of release 0.1 have it as the customer wrote it (`02-2345-6789#12`).
    pub phone: String,
    /// An e-mail address, its domain in ASCII.
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
        Self::parse_at("contact", raw)
    }

    /// As [`Contact::parse`], for contact data below this path of a request.
    ///
    /// # Errors
    /// [`Invalid`] for each field that is malformed.
    pub fn parse_at(place: &str, raw: RawContact<'_>) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        let field = |name: &str| format!("{place}.{name}");
        let name = wrong.check(Line::parse(&field("name"), raw.name));
        let phone = wrong.check(parse_phone(&field("phone"), raw.phone));
        let email = wrong.check(parse_email(&field("email"), raw.email));
        let shipping_address = wrong.check(Line::parse(&field("shipping_address"), raw.shipping_address));
        let line_user_id = raw.line_user_id.map(|text| parse_line_user_id(&field("line_user_id"), text));
        let line_user_id = line_user_id.and_then(|parsed| wrong.check(parsed));
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

/// Corrections of contact data: a field that is `None` does not change.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContactChange {
    name: Option<Line<100>>,
    phone: Option<String>,
    shipping_address: Option<Line<300>>,
    /// Of the new address. It is not stored: it only decides whether the order's fee covers the way there.
    postal_code: Option<PostalCode>,
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
    /// The postal code of the new address.
    pub postal_code: Option<&'a str>,
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
            postal_code: raw.postal_code.and_then(|code| wrong.check(PostalCode::parse("postal_code", code))),
        };
        if raw.name.or(raw.phone).or(raw.shipping_address).is_none() {
            wrong.note("name", "is required, unless phone or shipping_address is given");
        }
        wrong.into_result(Some(change))
    }

    /// Whether the goods go elsewhere than this contact says.
    pub fn moves(&self, contact: &Contact) -> bool {
        self.shipping_address.as_ref().is_some_and(|address| *address != contact.shipping_address)
    }

    /// The postal code of the new address, if it is stated.
    pub const fn postal_code(&self) -> Option<&PostalCode> {
        self.postal_code.as_ref()
    }
}

/// Keyed hashes of a phone number and an e-mail address. An admin finds a customer's orders by them; without the key they
/// reveal nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactHashes {
    pub phone: String,
    pub email: String,
}

impl Contact {
    /// The value that replaces erased contact data: every text is empty. Release 0.1 can read it.
    pub fn erased() -> Self {
        let (phone, email) = (String::new(), String::new());
        Self { name: Line::empty(), phone, email, shipping_address: Line::empty(), line_user_id: None }
    }

    /// Whether the contact data was erased.
    pub fn is_erased(&self) -> bool {
        *self == Self::erased()
    }

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

/// The maximum length of a phone number as typed, in characters.
const PHONE_CHARS_MAX: usize = 20;
/// The maximum length of an e-mail address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const EMAIL_BYTES_MAX: usize = 254;

/// Parses a number of its country's numbering plan, in E.164. A number without a country code belongs to Taiwan.
///
/// # Errors
/// [`Invalid`] for `field` otherwise.
pub fn parse_phone(field: &str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    // The library would also read letters, extensions and what stands around a number.
    let is_written_so = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/');
    let fits = text.chars().count() <= PHONE_CHARS_MAX && text.chars().all(is_written_so);
    fits.then(|| phonenumber::parse(Some(LOCAL_COUNTRY), text).ok())
        .flatten()
        .filter(phonenumber::is_valid)
        .map(|number| number.format().mode(phonenumber::Mode::E164).to_string())
        .ok_or_else(|| {
            Invalid::field(
                field,
                "must be a phone number that exists, without an extension: international such as +886912000111, or of \
                 Taiwan such as 0912-000-111",
            )
        })
}

/// The country of numbers without a country code.
const LOCAL_COUNTRY: phonenumber::country::Id = phonenumber::country::Id::TW;

/// An international number in E.164, if it belongs to a mobile phone or may do so (in some countries the number does not
/// tell): only these can receive a text message.
pub fn mobile(number: &str) -> Option<String> {
    use phonenumber::Type;
    let number = phonenumber::parse(None, number).ok().filter(phonenumber::is_valid)?;
    let kind = number.number_type(&phonenumber::metadata::DATABASE);
    matches!(kind, Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber)
        .then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// The country of an international number (ISO 3166-1 alpha-2), if it has one.
pub fn country(number: &str) -> Option<String> {
    let number = phonenumber::parse(None, number).ok()?;
    number.country().id().map(|id| id.as_ref().to_owned())
}

/// Parses an e-mail address, with its domain in ASCII form (RFC 5890), which SES requires.
///
/// # Errors
/// [`Invalid`] for `field` otherwise.
pub fn parse_email(field: &str, text: &str) -> Result<String, Invalid> {
    let wrong =
        || Invalid::field(field, "must be an e-mail address of at most 254 characters, such as name@example.com");
    let (local, domain) = text.trim().rsplit_once('@').ok_or_else(wrong)?;
    // SES sends to ASCII local parts, and nobody has a quoted one.
    if !local.is_ascii() || local.contains('"') {
        return Err(wrong());
    }
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| wrong())?;
    // A top-level domain has a letter (RFC 3696, 2): an IP address is no domain.
    let top = domain.rsplit('.').next().unwrap_or_default();
    if !top.starts_with(|c: char| c.is_ascii_alphabetic()) || top.len() < 2 {
        return Err(wrong());
    }
    let options = email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
    let address = format!("{local}@{domain}");
    match email_address::EmailAddress::parse_with_options(&address, options) {
        Ok(_) if address.len() <= EMAIL_BYTES_MAX => Ok(address),
        _ => Err(wrong()),
    }
}

fn parse_line_user_id(field: &str, text: &str) -> Result<String, Invalid> {
    let hex = text.strip_prefix('U').unwrap_or_default();
    if hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::field(field, "must be a LINE user id: U and 32 lower-case hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_stored_as_e164() {
        for (written, stored) in [
            ("+886912345678", "+886912345678"),
            ("+8860912345678", "+886912345678"),
            ("+886 912 345 678", "+886912345678"),
            ("0912345678", "+886912345678"),
            ("0912-345-678", "+886912345678"),
            ("02-2345-6789", "+886223456789"),
            ("(02) 2345 6789", "+886223456789"),
            ("+81 90-1234-5678", "+819012345678"),
            ("+1 (415) 555-2671", "+14155552671"),
        ] {
            assert_eq!(parse_phone("phone", written).as_deref(), Ok(stored), "{written}");
        }
        for bad in [
            "",
            "abc",
            "+0912345678",
            "+886 912",
            "12345",
            "+1234567890123456",
            "0912345678; DROP",
            "0000000000",
            "0912-345-678#12",
            "+886 912 345 678 ext. 9",
            "1-800-FLOWERS",
            "tel:0912345678",
            "0912\u{200b}345678",
        ] {
            assert!(parse_phone("phone", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_mobile_gets_text_messages() {
        for number in ["+886912345678", "+819012345678", "+14155552671"] {
            assert_eq!(mobile(number).as_deref(), Some(number));
        }
        assert_eq!(mobile("+8860912345678").as_deref(), Some("+886912345678"));
        for other in ["+886223456789", "+886800012345", "0912345678", "+886000000000", ""] {
            assert_eq!(mobile(other), None, "{other}");
        }
    }

    #[test]
    fn an_email_address_can_be_sent_to() {
        for good in ["a@b.co", "first.last+tag@sub.my-shop.com", "o'neil@example.org", "a@xn--fiqs8s.xn--fiqz9s"] {
            assert_eq!(parse_email("email", good).as_deref(), Ok(good));
        }
        assert_eq!(parse_email("email", " ada@B\u{fc}cher.example ").as_deref(), Ok("ada@xn--bcher-kva.example"));
        assert_eq!(parse_email("email", "ada@例え.テスト").as_deref(), Ok("ada@xn--r8jz45g.xn--zckzah"));
        let long = format!("{}@example.com", "a".repeat(65));
        let label = format!("a@{}.com", "b".repeat(64));
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a b@c.de",
            "a..b@c.de",
            ".a@b.co",
            "a.@b.co",
            "a@-b.co",
            "a@b..co",
            "a@b.co\nx",
            "a@127.0.0.1",
            "a@1.2",
            "a@[127.0.0.1]",
            "a@b.c",
            "a@b.co.",
            "\"a b\"@b.co",
            "Ada <a@b.co>",
            "a@b_c.co",
            "a\u{200b}@b.co",
            "a@b.c\u{202e}o\u{0}",
            "茶@b.co",
            "a@b@c.co",
            "a,b@c.co",
            &long,
            &label,
        ] {
            assert!(parse_email("email", bad).is_err(), "{bad:?}");
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
