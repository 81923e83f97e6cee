//! The capacity that a DynamoDB request consumed.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The consumed capacity that a response reports, in thousandths of a unit per table.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "DynamoDB reports units as a float with halves"
)]
pub(crate) fn consumed(body: &str) -> BTreeMap<String, u64> {
    let bill: CapacityReport = serde_json::from_str(body).unwrap_or_default();
    let capacities = match bill.consumed_capacity {
        Value::Array(capacities) => capacities,
        Value::Object(capacity) => vec![Value::Object(capacity)],
        _ => Vec::new(),
    };
    let units = |capacity: &Value| (capacity["CapacityUnits"].as_f64().unwrap() * 1_000.0).round() as u64;
    capacities.iter().map(|capacity| (capacity["TableName"].as_str().unwrap().to_owned(), units(capacity))).collect()
}

/// The part of a response that reports the consumed capacity.
#[derive(Default, Deserialize)]
struct CapacityReport {
    #[serde(default, rename = "ConsumedCapacity")]
    consumed_capacity: Value,
}
