//! DynamoDB's limits that the embedded engine lacks: a partition key has a limited number of units per second and throttles
//! beyond, and two concurrent transactions on one item conflict.

use crate::engine::Answer;
use crate::faults::canceled;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Write units per second of one partition key.
pub const WRITE_UNITS_PER_SECOND: u64 = 1_000;
/// Read units per second of one partition key.
pub const READ_UNITS_PER_SECOND: u64 = 3_000;
const WRITE_UNIT_BYTES: usize = 1_024;

pub type Key = (String, String);

#[derive(Debug, Default)]
pub struct Partitions {
    began: Option<Instant>,
    second: u64,
    writes: BTreeMap<Key, u64>,
    reads: BTreeMap<Key, u64>,
    in_flight: BTreeSet<(Key, String)>,
    pub load: Load,
}

/// The load on the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// The most write units of a key within one second, and the key.
    pub hottest: (u64, Key),
    /// Requests that were throttled because of a hot key.
    pub throttled: u64,
    /// Requests that conflicted with another one.
    pub conflicts: u64,
}

struct Write {
    key: Key,
    sk: String,
    units: u64,
}

impl Partitions {
    /// Admits a request, or returns DynamoDB's error. An admitted request occupies its items until it leaves.
    pub fn enter(&mut self, operation: &str, body: &Value) -> Result<(), Answer> {
        self.turn(Instant::now());
        let writes = writes_of(operation, body);
        let busy: Vec<bool> =
            writes.iter().map(|write| self.in_flight.contains(&(write.key.clone(), write.sk.clone()))).collect();
        if busy.contains(&true) {
            self.load.conflicts += 1;
            return Err(refuse(operation, &busy, "TransactionConflict", "TransactionConflictException"));
        }
        let hot: Vec<bool> = writes.iter().map(|write| self.is_too_hot(write)).collect();
        let too_many_reads = reads_of(operation, body).into_iter().any(|key| {
            let read = self.reads.entry(key).or_default();
            *read += 1;
            *read > READ_UNITS_PER_SECOND
        });
        if hot.contains(&true) || too_many_reads {
            self.load.throttled += 1;
            return Err(refuse(operation, &hot, "ThrottlingError", "ProvisionedThroughputExceededException"));
        }
        for write in writes {
            let used = self.writes.entry(write.key.clone()).or_default();
            *used += write.units;
            if *used > self.load.hottest.0 {
                self.load.hottest = (*used, write.key.clone());
            }
            self.in_flight.insert((write.key, write.sk));
        }
        Ok(())
    }

    /// An admitted request is complete.
    pub fn leave(&mut self, operation: &str, body: &Value) {
        for write in writes_of(operation, body) {
            self.in_flight.remove(&(write.key, write.sk));
        }
    }

    fn is_too_hot(&self, write: &Write) -> bool {
        self.writes.get(&write.key).copied().unwrap_or_default() + write.units > WRITE_UNITS_PER_SECOND
    }

    fn turn(&mut self, now: Instant) {
        let second = now.duration_since(*self.began.get_or_insert(now)).as_secs();
        if second != self.second {
            self.second = second;
            self.writes.clear();
            self.reads.clear();
        }
    }
}

fn text(value: &Value) -> String {
    value["S"].as_str().unwrap_or_default().to_owned()
}

fn write_of(write: &Value, units_per_kib: u64) -> Write {
    let key = write.get("Item").or_else(|| write.get("Key")).unwrap();
    let table = write["TableName"].as_str().unwrap().to_owned();
    // The JSON of an item is larger than the item, so this model is stricter than DynamoDB.
    let kib = write.get("Item").map_or(1, |item| item.to_string().len().div_ceil(WRITE_UNIT_BYTES));
    Write { key: (table, text(&key["pk"])), sk: text(&key["sk"]), units: units_per_kib * u64::try_from(kib).unwrap() }
}

fn writes_of(operation: &str, body: &Value) -> Vec<Write> {
    match operation {
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter();
            items.map(|item| write_of(item.as_object().unwrap().values().next().unwrap(), 2)).collect()
        }
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![write_of(body, 1)],
        _ => Vec::new(),
    }
}

fn reads_of(operation: &str, body: &Value) -> Vec<Key> {
    match operation {
        "GetItem" => vec![(body["TableName"].as_str().unwrap().to_owned(), text(&body["Key"]["pk"]))],
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().unwrap().iter();
            let keys = |wanted: &Value| wanted["Keys"].as_array().unwrap().clone();
            tables
                .flat_map(|(table, wanted)| keys(wanted).into_iter().map(|key| (table.clone(), text(&key["pk"]))))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn refuse(operation: &str, places: &[bool], code: &'static str, alone: &str) -> Answer {
    let body = if operation == "TransactWriteItems" {
        let tables: Vec<String> = places.iter().map(|_| String::new()).collect();
        canceled(&tables, |place, _| if places[place] { code } else { "None" })
    } else {
        json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{alone}"), "message": "too much at once"})
    };
    Answer { status: 400, body: body.to_string() }
}
