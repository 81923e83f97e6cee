//! A queue that a function fills itself: where the message is the record, and the bus would only be a detour.

use aws::{CallError, Json};
use aws_types::SdkConfig;
use contracts::Failure;
use serde::{Deserialize, Serialize};

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    send_message: Json,
    url: String,
}

/// `SendMessage` on the wire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'m> {
    queue_url: &'m str,
    message_body: String,
}

#[derive(Deserialize)]
struct Sent {}

impl Queue {
    /// The queue at this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        let service = aws::url(config, "sqs");
        let send_message = Json::new(config, "sqs", &service, "AmazonSQS.SendMessage", "application/x-amz-json-1.0");
        Self { send_message, url }
    }

    /// Puts a message on the queue, as JSON. Once this has answered, SQS keeps it until it is consumed or set aside.
    ///
    /// # Errors
    /// [`Failure::Busy`] when SQS is throttled or does not answer: the message may be there all the same, so whoever consumes
    /// it must know it again. [`Failure::Broken`] otherwise.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), Failure> {
        let message_body = serde_json::to_string(message).map_err(Failure::broken)?;
        match self.send_message.send::<Sent>(&SendMessage { queue_url: &self.url, message_body }).await {
            Ok(_) => Ok(()),
            Err(CallError::Passing) => Err(Failure::Busy),
            Err(error) => Err(Failure::broken(error)),
        }
    }
}
