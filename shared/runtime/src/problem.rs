//! The one place that turns a kind of refusal into an HTTP status.

use crate::http::Response;
use contracts::problem::PROBLEM_JSON;
use contracts::{Failure, Problem};
use domain::{Kind, Refusal};

/// Seconds that a busy answer asks to wait.
const RETRY_AFTER_SECONDS: &str = "1";

/// The status of a kind of refusal.
pub const fn status(kind: Kind) -> u16 {
    match kind {
        Kind::Malformed => 400,
        Kind::Unauthenticated => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::Conflict => 409,
        Kind::TooLarge => 413,
        Kind::Invalid => 422,
    }
}

/// The permanent code that a failure shows.
pub const fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(refusal) => refusal.code(),
        Failure::Busy => "busy",
        Failure::Broken(_) => "internal_error",
    }
}

/// A failure as an answer. Nothing of what is broken is shown: the request id leads to the log line that has it.
pub fn answer(failure: &Failure, request_id: &str) -> Response {
    let problem = match failure {
        Failure::Refused(refusal) => Problem::of(refusal, status(refusal.kind()), request_id),
        Failure::Busy => Problem::new(503, "busy", "Busy", "too many at once; try again with the same key", request_id),
        Failure::Broken(_) => Problem::new(500, "internal_error", "Internal error", "this is our fault", request_id),
    };
    let response = Response::new(problem.status, PROBLEM_JSON, serde_json::to_string(&problem).unwrap_or_default());
    match failure {
        Failure::Busy => response.with("retry-after", RETRY_AFTER_SECONDS),
        _ => response,
    }
}

/// What a body gets that is not what the route takes: 400 where it is not JSON, 422 where it is and is wrong.
pub(crate) fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    use serde_json::error::Category;
    match error.inner().classify() {
        Category::Data => {
            let (field, message) = describe(&error.path().to_string(), error.inner());
            domain::Invalid::field(field, message).into()
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let (line, column) = (error.inner().line(), error.inner().column());
            Refusal::MalformedRequest(format!("the body is not JSON: line {line}, column {column}"))
        }
    }
}

/// The longest field name of a caller that is repeated, in bytes.
const UNKNOWN_FIELD_BYTES_MAX: usize = 64;

/// The field and what is wanted there, in our words. serde's own text names Rust types and repeats what the caller sent,
/// which may be personal: only the kind of error and what our types expect are read from it.
fn describe(path: &str, error: &serde_json::Error) -> (String, String) {
    let path = if path == "." { "" } else { path };
    let text = error.to_string();
    // Ours is what comes last: the caller's text may contain the same words.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let ours = |kind: &str| text.strip_prefix(kind).and_then(|rest| rest.strip_prefix(" `")?.strip_suffix('`'));
    if let Some(name) = ours("missing field") {
        return (below(path, name), "is missing".to_owned());
    }
    if let Some(name) = ours("duplicate field") {
        return (below(path, name), "must be given once".to_owned());
    }
    if text.starts_with("unknown field") {
        // The last part of the path is the caller's own text.
        return (shown_path(path), "is not a field of this request".to_owned());
    }
    let expected = text.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    (path.to_owned(), wanted(expected))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() || path.ends_with(name) { name.to_owned() } else { format!("{path}.{name}") }
}

/// The path without a last part that is no plain name.
fn shown_path(path: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'[' | b']');
    if path.len() <= UNKNOWN_FIELD_BYTES_MAX && path.bytes().all(is_plain) { path.to_owned() } else { String::new() }
}

/// What a field must be, from what serde says that our type expects.
fn wanted(expected: &str) -> String {
    const INTEGERS: [&str; 10] = ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];
    match expected {
        number if INTEGERS.contains(&number) => {
            "must be a whole number, written without quotation marks, a point or an exponent, such as 1".to_owned()
        }
        "f32" | "f64" => "must be a number, such as 1".to_owned(),
        "a string" | "str" | "a borrowed string" | "string" => {
            "must be a text in quotation marks, such as \"abc\"".to_owned()
        }
        "a boolean" => "must be true or false".to_owned(),
        "a sequence" => "must be a list, such as []".to_owned(),
        "an object" | "a map" => "must be an object, such as {}".to_owned(),
        object if object.starts_with("struct ") => "must be an object, such as {}".to_owned(),
        choice if choice.starts_with("one of `") || choice.starts_with('`') => format!("must be {choice}"),
        time if time.starts_with("a time") || time.starts_with("a date") => format!("must be {time}"),
        _ => "is not of the form that the API's contract describes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Body {
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Line {
        quantity: i64,
    }

    fn refusal(body: &[u8]) -> Refusal {
        let mut reader = serde_json::Deserializer::from_slice(body);
        unreadable(&serde_path_to_error::deserialize::<_, Body>(&mut reader).unwrap_err())
    }

    fn field_of(body: &[u8]) -> (String, String) {
        let Refusal::Invalid(wrong) = refusal(body) else { panic!("must be a wrong field") };
        (wrong.errors()[0].field.clone(), wrong.errors()[0].message.clone())
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for bad in [&b"{"[..], b"", b"{]", b"\xff\xfe", b"{\"lines\": [}"] {
            assert!(matches!(refusal(bad), Refusal::MalformedRequest(_)), "{bad:?}");
        }
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path_and_its_value_is_not_repeated() {
        let number = "must be a whole number, written without quotation marks, a point or an exponent, such as 1";
        for value in ["\"secret\"", "1.0", "1e0", "1.5", "null", "true", "[]", "18446744073709551615", "1e308"] {
            let (field, message) = field_of(format!(r#"{{"lines": [{{"quantity": {value}}}]}}"#).as_bytes());
            assert_eq!((field.as_str(), message.as_str()), ("lines[0].quantity", number), "{value}");
        }
        let told = |body: &str| {
            let (field, message) = field_of(body.as_bytes());
            format!("{field}: {message}")
        };
        assert_eq!(told(r#"{"lines": [], "card_number": "4311"}"#), "card_number: is not a field of this request");
        assert_eq!(told("null"), ": must be an object, such as {}");
        assert_eq!(told("{}"), "lines: is missing");
        assert_eq!(told(r#"{"lines": [{}]}"#), "lines[0].quantity: is missing");
        assert_eq!(told(r#"{"lines": [], "lines": []}"#), "lines: must be given once");
        assert_eq!(told(r#"{"lines": 1}"#), "lines: must be a list, such as []");
    }

    #[test]
    fn nothing_that_the_caller_wrote_comes_back() {
        for secret in ["4311 9522", "x, expected 4311", "x` at line 4311", "茶4311", &"4311".repeat(1_000)] {
            let secret_json = serde_json::to_string(secret).unwrap();
            for body in [
                format!(r#"{{"lines": [], {secret_json}: 1}}"#),
                format!(r#"{{"lines": {secret_json}}}"#),
                format!(r#"{{"lines": [{{"quantity": {secret_json}}}]}}"#),
                format!(r#"{{"lines": [{{"quantity": 1, {secret_json}: 1}}]}}"#),
                secret_json.clone(),
            ] {
                let (field, message) = field_of(body.as_bytes());
                assert!(!field.contains("4311") && !message.contains("4311"), "{body}: {field} {message}");
            }
        }
    }

    #[test]
    fn a_busy_answer_says_when_to_come_back() {
        let answer = answer(&Failure::Busy, "r-1");
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains(&("retry-after".to_owned(), "1".to_owned())));
    }

    #[test]
    fn what_is_broken_shows_nothing_of_itself() {
        let answer = answer(&Failure::broken("table millrun-Orders: AccessDenied"), "r-1");
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("AccessDenied") && !answer.body.contains("Orders"), "{}", answer.body);
    }
}
