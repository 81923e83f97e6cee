//! The only place that maps a kind of refusal to an HTTP status.

use crate::http::Response;
use contracts::problem::PROBLEM_JSON;
use contracts::{Failure, Problem};
use domain::Kind;

/// `Retry-After` of a 503.
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
        Kind::UnsupportedMedia => 415,
        Kind::Invalid => 422,
    }
}

/// The permanent code of a failure.
pub const fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(refusal) => refusal.code(),
        Failure::Busy => "busy",
        Failure::Broken(_) => "internal_error",
    }
}

/// A failure as a problem response. It does not reveal the cause of a 500: the request id leads to its log line.
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

#[cfg(test)]
mod tests {
    use super::*;

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
