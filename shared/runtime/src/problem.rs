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
            let path = error.path().to_string();
            let field = if path == "." { String::new() } else { path };
            domain::Invalid::field(field, describe(error.inner())).into()
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let (line, column) = (error.inner().line(), error.inner().column());
            Refusal::MalformedRequest(format!("the body is not JSON: line {line}, column {column}"))
        }
    }
}

/// serde's words without the position and without the value that was sent, which may be personal.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.split_once(", expected ") {
        Some((_, expected)) if text.starts_with("invalid ") => format!("must be {expected}"),
        _ if text.starts_with("unknown field") => "is not a field of this request".to_owned(),
        _ => text.to_owned(),
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
        let (field, message) = field_of(br#"{"lines": [{"quantity": "secret"}]}"#);
        assert_eq!((field.as_str(), message.as_str()), ("lines[0].quantity", "must be i64"));
        let (field, message) = field_of(br#"{"lines": [], "card_number": "4311"}"#);
        assert_eq!((field.as_str(), message.as_str()), ("card_number", "is not a field of this request"));
        assert_eq!(field_of(b"null").1, "must be struct Body");
        assert_eq!(field_of(b"{}").1, "missing field `lines`");
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
