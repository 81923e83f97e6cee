//! What DynamoDB does under load and an embedded one does not: a key takes so many units a second and throttles beyond, and
//! two transactions that meet on an item conflict.

use crate::engine::Answer;
use crate::faults::canceled;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Write units a second that one key takes.
pub const WRITE_UNITS_PER_SECOND: u64 = 1_000;
/// Read units a second that one key takes.
pub const READ_UNITS_PER_SECOND: u64 = 3_000;
/// Bytes of one write unit.
const WRITE_UNIT_BYTES: usize = 1_024;

/// A table and a partition key.
pub type Key = (String, String);

/// The load on every key.
#[derive(Debug, Default)]
pub struct Partitions {
    began: Option<Instant>,
    second: u64,
    writes: BTreeMap<Key, u64>,
    reads: BTreeMap<Key, u64>,
    in_flight: BTreeSet<(Key, String)>,
    /// What the model did so far.
    pub load: Load,
}

/// What the keys had to bear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// The most write units that a key took in a second, and which.
    pub hottest: (u64, Key),
    /// Requests that were refused because a key was too hot.
    pub throttled: u64,
    /// Requests that met another on an item.
    pub conflicts: u64,
}

struct Write {
    key: Key,
    sk: String,
    units: u64,
}

impl Partitions {
    /// Lets a request through, or answers it in DynamoDB's place. What goes through holds its items until it has left.
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

    /// A request that went through was answered.
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
    // The JSON of an item is larger than the item: the model is stricter than DynamoDB.
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
