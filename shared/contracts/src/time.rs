//! Times in requests.

use jiff::Timestamp;
use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};
use std::fmt;

/// The longest text that is read as a time, in bytes.
const TIME_BYTES_MAX: usize = 64;

/// Deserializes a time (RFC 3339) of a request. It is truncated to whole milliseconds, the precision in which it is stored
/// and compared, so that the response that creates a resource and later responses agree.
pub(crate) fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    deserializer.deserialize_str(Time)
}

/// As [`milliseconds`], for a field that may be absent.
pub(crate) fn optional_milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    deserializer.deserialize_option(OptionalTime)
}

struct OptionalTime;

impl<'de> Visitor<'de> for OptionalTime {
    type Value = Option<Timestamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Time.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        milliseconds(deserializer).map(Some)
    }
}

struct Time;

impl Visitor<'_> for Time {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time with its offset from UTC, such as \"2026-11-21T20:00:00+08:00\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let time =
            Some(text).filter(|text| text.len() <= TIME_BYTES_MAX).and_then(|text| text.parse::<Timestamp>().ok());
        time.and_then(|time| Timestamp::from_millisecond(time.as_millisecond()).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Other("a text"), &self))
    }
}

#[cfg(test)]
mod tests {
    use crate::sell_windows::CreateSellWindow;

    fn window(start_at: &str) -> Result<CreateSellWindow, serde_json::Error> {
        let body = r#"{"name": "a", "start_at": START, "end_at": "2026-11-22T12:00:00Z", "timezone": "Asia/Taipei"}"#;
        serde_json::from_str(&body.replace("START", start_at))
    }

    #[test]
    fn a_time_has_whole_milliseconds_from_the_border_on() {
        for (written, read) in [
            ("2026-11-21T20:00:00+08:00", "2026-11-21T12:00:00Z"),
            ("2026-11-21T12:00:00.123456789Z", "2026-11-21T12:00:00.123Z"),
            ("2026-11-21T12:00:00.0009Z", "2026-11-21T12:00:00Z"),
        ] {
            assert_eq!(window(&format!("\"{written}\"")).unwrap().start_at.to_string(), read);
        }
    }

    #[test]
    fn what_is_no_time_is_refused_in_our_words() {
        for bad in ["\"4311\"", "\"\"", "\"2026-11-21T12:00:00\"", "\"2026-02-30T12:00:00Z\"", "4311", "null", "[]"] {
            let error = window(bad).unwrap_err().to_string();
            assert!(error.contains("expected a time with its offset"), "{error}");
        }
    }
}
