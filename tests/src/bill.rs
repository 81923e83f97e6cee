//! What a request cost.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Thousandths of the units that an answer says were consumed, by table.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "DynamoDB reports units as a float with halves"
)]
pub(crate) fn consumed(body: &str) -> BTreeMap<String, u64> {
    let bill: Bill = serde_json::from_str(body).unwrap_or_default();
    let capacities = match bill.consumed_capacity {
        Value::Array(capacities) => capacities,
        Value::Object(capacity) => vec![Value::Object(capacity)],
        _ => Vec::new(),
    };
    let units = |capacity: &Value| (capacity["CapacityUnits"].as_f64().unwrap() * 1_000.0).round() as u64;
    capacities.iter().map(|capacity| (capacity["TableName"].as_str().unwrap().to_owned(), units(capacity))).collect()
}

/// What an answer says of its cost; the rest is not read.
#[derive(Default, Deserialize)]
struct Bill {
    #[serde(default, rename = "ConsumedCapacity")]
    consumed_capacity: Value,
}
