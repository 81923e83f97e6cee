//! SQS batches: every record succeeds or fails by itself.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use contracts::Failure;
use contracts::events::RawEnvelope;
use futures_util::FutureExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::panic::AssertUnwindSafe;

/// One record of a batch.
#[derive(Debug, Clone)]
pub struct Message {
    /// The SQS message id, which identifies a failed record.
    pub id: String,
    body: String,
}

/// The body that EventBridge puts on a queue.
#[derive(Deserialize)]
struct Delivery {
    detail: RawEnvelope,
}

impl Message {
    /// The event in it, as a rule of the bus delivered it.
    ///
    /// # Errors
    /// [`Failure::Broken`]: after its retries the message moves to the dead-letter queue.
    pub fn event(&self) -> Result<RawEnvelope, Failure> {
        serde_json::from_str::<Delivery>(&self.body).map(|delivery| delivery.detail).map_err(Failure::broken)
    }
}

/// The trace in a message that one of our functions sent directly.
#[derive(Deserialize)]
struct Direct {
    correlation_id: String,
}

impl Message {
    /// A message that one of our functions sent to the queue directly, without the bus.
    ///
    /// # Errors
    /// [`Failure::Broken`]: after its retries the message moves to the dead-letter queue.
    pub fn direct<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(Failure::broken)
    }

    fn correlation_id(&self) -> Option<String> {
        let direct = || self.direct::<Direct>().map(|message| message.correlation_id);
        self.event().map(|event| event.trace.correlation_id).or_else(|_| direct()).ok()
    }
}

/// The correlation ids of a batch, for its log line; unreadable records are skipped.
pub fn correlation_ids(messages: &[Message]) -> Vec<String> {
    messages.iter().filter_map(Message::correlation_id).collect()
}

/// Parses a batch.
///
/// # Errors
/// When the event is not an SQS batch.
pub fn read(event: &RawValue) -> Result<Vec<Message>, serde_json::Error> {
    let event: SqsEvent = serde_json::from_str(event.get())?;
    event
        .records
        .into_iter()
        .map(|record| {
            // A failed record without an id cannot be reported, so SQS would delete it: the whole batch has to fail.
            let id = record.message_id.filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| serde::de::Error::custom("an SQS record has no messageId"))?;
            Ok(Message { id, body: record.body.unwrap_or_default() })
        })
        .collect()
}

/// The failed records of a batch, each with the reason. Empty: all succeeded.
#[derive(Debug, Default)]
pub struct Failures(pub Vec<(String, Failure)>);

impl Failures {
    /// The response that makes SQS redeliver only the failed records. AWS treats an invalid list as a completely failed
    /// batch, so a test checks its format.
    pub fn response(&self) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = self
            .0
            .iter()
            .map(|(id, _)| {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier.clone_from(id);
                failure
            })
            .collect();
        response
    }
}

/// Runs `work` for one record and turns a panic into its failure: a bug that one record triggers must not affect the
/// others.
///
/// # Errors
/// Those of `work`, or [`Failure::Broken`] for a panic.
pub async fn guarded<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Failure::broken(format!("panicked: {what}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_list_has_the_shape_that_sqs_reads() {
        let failures = Failures(vec![("m-2".to_owned(), Failure::Busy)]);
        let json = serde_json::to_value(failures.response()).unwrap();
        assert_eq!(json, serde_json::json!({"batchItemFailures": [{"itemIdentifier": "m-2"}]}));
        let json = serde_json::to_value(Failures::default().response()).unwrap();
        assert_eq!(json, serde_json::json!({"batchItemFailures": []}));
    }

    #[test]
    fn a_batch_with_a_record_that_has_no_id_fails_whole() {
        let read = |records: &str| {
            let event = format!(r#"{{"Records": [{{"messageId": "m-1", "body": "{{}}"}}{records}]}}"#);
            read(&RawValue::from_string(event).unwrap())
        };
        assert_eq!(read(r#", {"messageId": "m-2", "body": "{}"}"#).unwrap().len(), 2);
        for record in
            [r#", {"body": "{}"}"#, r#", {"messageId": "", "body": "{}"}"#, r#", {"messageId": null, "body": "{}"}"#]
        {
            assert!(read(record).unwrap_err().to_string().contains("no messageId"), "{record}");
        }
    }

    #[tokio::test]
    async fn a_panicking_record_fails_alone() {
        let panicking = async { if true { panic!("a bug") } else { Ok(()) } };
        let failure = guarded(panicking).await.unwrap_err();
        assert!(matches!(failure, Failure::Broken(source) if source.to_string() == "panicked: a bug"));
        assert!(guarded(async { Ok(1) }).await.is_ok());
    }
}
