//! A service's error, in the form of its protocol: JSON, S3's XML, or SNS's query XML.

use crate::engine::Answer;
use serde_json::json;

/// The reason for which the service refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Too many requests.
    Throttled,
    /// A fault of the service.
    Fault,
    /// The caller's role does not allow the action.
    AccessDenied,
}

/// The error of this kind as the service answers this operation.
pub(crate) fn answer(operation: &str, kind: Kind, message: &str) -> Answer {
    match (operation, kind) {
        ("PutObject" | "GetObject" | "DeleteObject", kind) => {
            let (status, code) = match kind {
                Kind::Throttled => (503, "SlowDown"),
                Kind::Fault => (500, "InternalError"),
                Kind::AccessDenied => (403, "AccessDenied"),
            };
            xml(status, code, message)
        }
        ("Publish", kind) => {
            let (status, code) = match kind {
                Kind::Throttled => (400, "Throttling"),
                Kind::Fault => (500, "InternalError"),
                Kind::AccessDenied => (403, "AuthorizationError"),
            };
            let error = format!("<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>");
            Answer { status, body: format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>") }
        }
        ("SendEmail", Kind::Throttled) => json(429, "TooManyRequestsException", message),
        ("SendEmail", Kind::AccessDenied) => json(403, "AccessDeniedException", message),
        (_, Kind::Throttled) => json(400, "ThrottlingException", message),
        (_, Kind::Fault) => json(500, "InternalServerError", message),
        (_, Kind::AccessDenied) => json(400, "AccessDeniedException", message),
    }
}

/// An error of S3.
pub(crate) fn xml(status: u16, code: &str, message: &str) -> Answer {
    Answer { status, body: format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>") }
}

/// An error of the JSON protocols.
pub(crate) fn json(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({"__type": format!("com.amazonaws.service#{code}"), "message": message});
    Answer { status, body: body.to_string() }
}
