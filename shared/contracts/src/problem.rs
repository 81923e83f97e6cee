//! Problem details (RFC 9457): the body of every refusal.

use domain::Refusal;
use serde::{Deserialize, Serialize};

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem document. `code` is permanent; `detail` is for people and may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// A summary that is the same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The permanent code.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ProblemCode))]
    pub code: String,
    /// A description of this occurrence.
    pub detail: String,
    /// The request id, as in the logs.
    pub request_id: String,
    /// The invalid fields, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<WrongField>,
}

/// One invalid field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrongField {
    /// The field's path in the request, for example `lines[2].quantity`.
    pub field: String,
    /// The rule that the value violates.
    pub message: String,
}

impl Problem {
    /// A problem with this status and code.
    pub fn new(status: u16, code: &str, title: &str, detail: &str, request_id: &str) -> Self {
        Self {
            problem_type: format!("urn:millrun:problem:{code}"),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: detail.to_owned(),
            request_id: request_id.to_owned(),
            errors: Vec::new(),
        }
    }

    /// The problem of a refusal, with the HTTP status of its kind.
    pub fn of(refusal: &Refusal, status: u16, request_id: &str) -> Self {
        let errors = match refusal {
            Refusal::Invalid(wrong) => wrong
                .errors()
                .iter()
                .map(|error| WrongField { field: error.field.clone(), message: error.message.clone() })
                .collect(),
            _ => Vec::new(),
        };
        Self { errors, ..Self::new(status, refusal.code(), refusal.title(), &refusal.to_string(), request_id) }
    }
}
