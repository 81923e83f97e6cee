//! Batches of a table's stream.

use aws_lambda_events::dynamodb::Event;
use serde::Serialize;
use serde_json::value::RawValue;

/// One change of an item.
#[derive(Debug, Clone)]
pub struct Change {
    /// The sequence number, which identifies a failed change.
    pub sequence_number: String,
    /// The item after the change.
    pub new_image: serde_dynamo::Item,
}

/// The correlation ids of a batch, for its log line.
pub fn correlation_ids(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .filter_map(|change| match change.new_image.get("correlation_id")? {
            serde_dynamo::AttributeValue::S(id) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

/// Parses a batch.
///
/// # Errors
/// When the event is not a batch of a stream, or a change has no number.
pub fn read(event: &RawValue) -> Result<Vec<Change>, serde_json::Error> {
    let event: Event = serde_json::from_str(event.get())?;
    event
        .records
        .into_iter()
        .map(|record| {
            // A failed change without a number cannot be reported, so Lambda would continue after it: the whole batch has
            // to fail.
            let number = record.change.sequence_number.filter(|number| !number.is_empty());
            let sequence_number = number.ok_or_else(|| serde::de::Error::custom("a change has no SequenceNumber"))?;
            Ok(Change { sequence_number, new_image: record.change.new_image })
        })
        .collect()
}

/// The response that makes Lambda read the stream again from the first failed change.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl Response {
    /// The sequence numbers of the failed changes.
    pub fn new(failed: impl IntoIterator<Item = String>) -> Self {
        let failures = failed.into_iter().map(|item_identifier| ItemFailure { item_identifier });
        Self { batch_item_failures: failures.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_list_has_the_shape_that_lambda_reads() {
        let json = serde_json::to_value(Response::new(["100".to_owned()])).unwrap();
        assert_eq!(json, serde_json::json!({"batchItemFailures": [{"itemIdentifier": "100"}]}));
    }
}
