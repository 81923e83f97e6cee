//! A queue that a function fills itself: where the message is the record, and an event on the bus would only be a detour.

use aws_sdk_sqs::Client;
use aws_types::SdkConfig;
use contracts::Failure;
use serde::Serialize;

/// A queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { client: Client::new(config), url }
    }

    /// Sends a message as JSON. After `Ok`, SQS keeps it until it is consumed or moved to the dead-letter queue.
    ///
    /// # Errors
    /// [`Failure::Busy`] when SQS throttles or does not answer. The message may be on the queue all the same, so its
    /// consumer must be idempotent. [`Failure::Broken`] otherwise.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), Failure> {
        let body = serde_json::to_string(message).map_err(Failure::broken)?;
        match self.client.send_message().queue_url(&self.url).message_body(body).send().await {
            Ok(_) => Ok(()),
            Err(error) if aws::is_transient(&error) => Err(Failure::Busy),
            Err(error) => Err(Failure::broken(error)),
        }
    }
}
