//! Searches for data that must not be logged or stored: contact data, tokens and secrets, as plain text or in any encoding
//! in which they are transmitted.

use crate::fake_messengers::{LINE_TOKEN, SLACK_PATH};
use crate::fake_providers;
use crate::fixtures::contact;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The token of every signed-in caller.
pub const TOKEN: &str = "eyJraWQiOiJjYW5hcnkifQ.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmVkLWJ5LWEtY2FuYXJ5";
/// A customer's LINE user id.
pub const LINE_ID: &str = "U0123456789abcdef0123456789abcdef";

/// The sensitive values that every scenario sends, each with a name that may be shown.
pub fn of_every_scenario() -> &'static [(&'static str, String)] {
    static ALL: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let contact = contact();
        let text = |field: &str| contact[field].as_str().unwrap().to_owned();
        let mut all = vec![
            ("a phone number", text("phone")),
            ("a phone number in E.164", format!("+886{}", text("phone").trim_start_matches('0'))),
            ("an e-mail address", text("email")),
            ("a shipping address", text("shipping_address")),
            ("an id at LINE", LINE_ID.to_owned()),
            ("a token", TOKEN.to_owned()),
            ("LINE's token", LINE_TOKEN.to_owned()),
            ("Slack's webhook", SLACK_PATH.to_owned()),
        ];
        all.extend(fake_providers::keys().map(|key| ("a provider's key", key.to_owned())));
        all
    })
}

/// Panics if a sensitive value is in an event, a file or an error response as plain text.
#[track_caller]
pub(crate) fn assert_none(place: &str, text: &str) {
    for (name, canary) in of_every_scenario() {
        assert!(!text.contains(canary.as_str()), "{name} is in {place}: {text}");
    }
}

/// Shorter values would be found by chance.
const BYTES_MIN: usize = 8;

/// The values to search for, each in every encoding.
#[derive(Debug, Clone, Default)]
pub struct Canaries {
    /// Encoded values with their names, indexed by their first two bytes, so that one pass over a text finds all of them.
    by_start: BTreeMap<[u8; 2], BTreeMap<String, String>>,
}

impl Canaries {
    /// Canaries for these values, each with a name that may be shown.
    ///
    /// Panics for a value that is so short that it would be found by chance.
    pub fn of<'c>(canaries: impl IntoIterator<Item = (&'c str, &'c str)>) -> Self {
        let mut all = Self::default();
        for (name, value) in canaries {
            assert!(value.len() >= BYTES_MIN, "{name} is too short to search for");
            for form in forms_of(value) {
                let start = [form.as_bytes()[0], form.as_bytes()[1]];
                all.by_start.entry(start).or_default().insert(form, name.to_owned());
            }
        }
        all
    }

    /// The names of the canaries that a text contains.
    pub fn in_text<'s>(&'s self, text: &str) -> Vec<&'s str> {
        let mut begins = vec![false; 1 << 16];
        self.by_start.keys().for_each(|start| begins[usize::from(u16::from_be_bytes(*start))] = true);
        let mut found = BTreeSet::new();
        for (at, start) in text.as_bytes().windows(2).enumerate() {
            let start = [start[0], start[1]];
            if begins[usize::from(u16::from_be_bytes(start))] {
                let forms = &self.by_start[&start];
                let here = forms.iter().filter(|(form, _)| text.as_bytes()[at..].starts_with(form.as_bytes()));
                found.extend(here.map(|(_, name)| name.as_str()));
            }
        }
        found.into_iter().collect()
    }
}

/// Plain text, JSON string, URL, form, hex, and base64 at each of the three alignments.
fn forms_of(value: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(value).to_string();
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let lower_form = lower_percents(&form);
    let mut forms = vec![
        value.to_owned(),
        quoted.trim_matches('"').to_owned(),
        form.replace('+', "%20"),
        lower_form.replace('+', "%20"),
        form,
        lower_form,
        hex::encode(value),
        hex::encode_upper(value),
    ];
    for before in 0..3_usize {
        let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(value.bytes()).collect();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&bytes);
            // The first and last base64 digits may contain bits of adjacent bytes and are left out.
            let whole_digits = bytes.len() * 8 / 6;
            forms.push(text[(before * 8).div_ceil(6)..whole_digits].to_owned());
        }
    }
    forms
}

/// Converts `%2B` to `%2b`.
fn lower_percents(form: &str) -> String {
    let mut pieces = form.split('%');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |so_far, piece| format!("{so_far}%{}{}", piece[..2].to_lowercase(), &piece[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const VALUE: &str = "Ada \"L\" <ada@example.com>/+886";

    fn is_found(text: &str) -> bool {
        Canaries::of([("ada", VALUE)]).in_text(text) == ["ada"]
    }

    #[test]
    fn a_canary_is_found_in_every_encoding() {
        let encoded: String = form_urlencoded::byte_serialize(VALUE.as_bytes()).collect();
        for text in [
            format!("to {VALUE}!"),
            json!({"deep": [{"name": VALUE}]}).to_string(),
            format!("?name={encoded}&x=1"),
            encoded.replace("%2F%2B", "%2f%2b").replace("%3C", "%3c").replace("%3E", "%3e"),
            encoded.replace('+', "%20"),
            hex::encode(format!("..{VALUE}..")),
        ] {
            assert!(is_found(&text), "{text}");
        }
        for before in ["", "a", "ab", "abc", "abcd"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}{VALUE}{after}");
                assert!(is_found(&STANDARD_NO_PAD.encode(&text)) && is_found(&URL_SAFE_NO_PAD.encode(&text)), "{text}");
            }
        }
    }

    #[test]
    fn similar_text_is_not_reported_as_a_canary() {
        for text in ["", "Ada", "ada@example.org", &STANDARD_NO_PAD.encode("somebody else entirely")] {
            assert!(!is_found(text), "{text}");
        }
    }
}
