//! Forms and signatures that several providers have in common.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The maximum number of fields of a form; providers send about forty.
const FIELDS_MAX: usize = 200;

/// A callback that is not signed by the provider, or is no callback at all. The same error for every cause, so that it does
/// not reveal which byte was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signed message of the provider")]
pub struct Unreadable;

/// Fields in order.
pub(super) type Fields = Vec<(String, String)>;

/// Parses a form. A repeated name is refused, because a map would silently keep one of the values.
pub(super) fn read(body: &[u8]) -> Result<Fields, Unreadable> {
    let fields: Fields =
        form_urlencoded::parse(body).take(FIELDS_MAX + 1).map(|(name, value)| (name.into(), value.into())).collect();
    unique(fields)
}

/// Refuses repeated names and too many fields.
pub(super) fn unique(fields: Fields) -> Result<Fields, Unreadable> {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() == fields.len() && fields.len() <= FIELDS_MAX { Ok(fields) } else { Err(Unreadable) }
}

/// Serializes a form.
pub(super) fn write(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A field's value; empty if absent.
pub(super) fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// A field that is not empty.
pub(super) fn said(fields: &[(String, String)], name: &str) -> Option<String> {
    Some(field(fields, name)).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// SHA-256 in upper-case hex.
pub(super) fn sha256_upper(text: &str) -> String {
    hex::encode_upper(Sha256::digest(text.as_bytes()))
}

/// Compares two signatures in constant time.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The fields that may be stored: nothing about a card.
pub(super) fn without_cards(fields: &[(String, String)]) -> Fields {
    const KEPT_CHARS_MAX: usize = 200;
    fields
        .iter()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let is_of_a_card =
                name.contains("card") || matches!(name.as_str(), "exp" | "ip" | "checkmacvalue" | "checkcode");
            !is_of_a_card || name == "paymenttype"
        })
        .map(|(name, value)| (name.clone(), value.chars().take(KEPT_CHARS_MAX).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        assert!(read(b"a=1&b=2").is_ok());
        assert_eq!(read(b"a=1&a=2"), Err(Unreadable));
        assert_eq!(read(b"a=1&%61=2"), Err(Unreadable));
    }

    #[test]
    fn signatures_are_the_same_to_the_last_character_or_not_at_all() {
        let signature = sha256_upper("signed");
        assert!(same(&signature, &signature.clone()));
        for place in 0..signature.len() {
            let mut other = signature.clone().into_bytes();
            other[place] ^= 1;
            assert!(!same(&signature, &String::from_utf8(other).unwrap()), "{place}");
        }
        for other in ["", &signature[..8], &format!("{signature}0"), &signature.to_lowercase()] {
            assert!(!same(&signature, other), "{other}");
        }
    }

    #[test]
    fn nothing_of_a_card_is_kept() {
        let fields: Fields = [
            ("card4no", "2222"),
            ("Card6No", "431195"),
            ("Exp", "2609"),
            ("RtnCode", "1"),
            ("PaymentType", "Credit_CreditCard"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let kept: Vec<String> = without_cards(&fields).into_iter().map(|(name, _)| name).collect();
        assert_eq!(kept, ["RtnCode", "PaymentType"]);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
            if let Ok(fields) = read(&body) {
                prop_assert_eq!(read(write(&fields).as_bytes()), Ok(fields));
            }
        }
    }
}
