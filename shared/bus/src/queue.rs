//! A queue that a function fills itself: where the message is the record, and the bus would only be a detour.

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use contracts::Failure;
use serde::Serialize;

pub use aws_sdk_sqs::Client;
pub use aws_sdk_sqs::config::Builder as ClientConfig;

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this URL.
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Puts a message on the queue, as JSON. Once this has answered, SQS keeps it until it is consumed or set aside.
    ///
    /// # Errors
    /// [`Failure::Busy`] when SQS is throttled or does not answer: the message may be there all the same, so whoever consumes
    /// it must know it again. [`Failure::Broken`] otherwise.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), Failure> {
        let body = serde_json::to_string(message).map_err(Failure::broken)?;
        self.client.send_message().queue_url(&self.url).message_body(body).send().await.map_err(sort)?;
        Ok(())
    }
}

/// Codes of what passes by itself.
const PASSING: [&str; 3] = ["RequestThrottled", "ThrottlingException", "ServiceUnavailable"];

fn sort<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Failure::Busy,
        SdkError::ServiceError(service)
            if service.raw().status().is_server_error()
                || service.err().code().is_some_and(|code| PASSING.contains(&code)) =>
        {
            Failure::Busy
        }
        // The code alone: an SDK error's own text can repeat the request.
        _ => Failure::broken(error.code().unwrap_or("no answer from the queue").to_owned()),
    }
}
