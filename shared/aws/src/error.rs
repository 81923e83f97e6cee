//! The classification of failed calls: which may succeed when repeated.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Throttling by its code; its status is 400 with most services.
const THROTTLING_CODES: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
];
const TOO_MANY_REQUESTS: u16 = 429;

/// Whether the same call may succeed later: a time-out, a broken connection, a fault of the service, throttling. The
/// service may or may not have executed the call. Any other error is a refusal, or a request that was never sent.
pub fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refused) => {
            let status = refused.raw().status();
            status.is_server_error()
                || status.as_u16() == TOO_MANY_REQUESTS
                || refused.err().code().is_some_and(|code| THROTTLING_CODES.contains(&code))
        }
        _ => false,
    }
}

/// The service's error code, or the kind of error if it has no code. Never its message, which may repeat the request.
pub fn error_code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    match error {
        SdkError::ServiceError(refused) => refused.err().code().unwrap_or("unknown error code"),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => "no answer",
        SdkError::ResponseError(_) => "an unreadable answer",
        _ => "the request cannot be sent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::metadata::ErrorMetadata;

    #[derive(Debug)]
    struct Refused(ErrorMetadata);

    impl ProvideErrorMetadata for Refused {
        fn meta(&self) -> &ErrorMetadata {
            &self.0
        }
    }

    fn refused(status: u16, code: &str) -> SdkError<Refused, HttpResponse> {
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        SdkError::service_error(Refused(ErrorMetadata::builder().code(code).build()), raw)
    }

    #[test]
    fn throttling_and_faults_are_transient_and_refusals_are_not() {
        for (status, code) in
            [(400, "ThrottlingException"), (400, "RequestThrottled"), (429, "Other"), (500, "Other"), (503, "SlowDown")]
        {
            assert!(is_transient(&refused(status, code)), "{status} {code}");
        }
        for (status, code) in [(400, "ValidationException"), (403, "AccessDenied"), (404, "NoSuchBucket")] {
            assert!(!is_transient(&refused(status, code)), "{status} {code}");
            assert_eq!(error_code(&refused(status, code)), code);
        }
    }

    #[test]
    fn a_missing_answer_is_transient_and_an_unsendable_request_is_not() {
        let lost = SdkError::<Refused, HttpResponse>::dispatch_failure(ConnectorError::io("reset".into()));
        assert!(is_transient(&lost));
        assert_eq!(error_code(&lost), "no answer");
        let unsendable = SdkError::<Refused, HttpResponse>::construction_failure("no queue");
        assert!(!is_transient(&unsendable));
        assert_eq!(error_code(&unsendable), "the request cannot be sent");
    }
}
