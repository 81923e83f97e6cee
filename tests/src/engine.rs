//! DynamoDB inside the test process: accepts and returns the JSON of its HTTP API, without sockets.

use crate::template;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A response of the HTTP API.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// The body, as JSON.
    pub body: String,
}

#[derive(Clone)]
pub struct Engine {
    db: Database,
    /// Each table's stream: its ARN and its only shard.
    streams: Arc<Mutex<HashMap<String, (Value, Value)>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// Empty tables with the template's definition. A table is named after its logical id.
    pub fn new() -> Self {
        let engine = Self { db: Database::memory().unwrap(), streams: Arc::default() };
        for (name, properties) in template::resources(template::tables(), "AWS::DynamoDB::Table") {
            engine.run("CreateTable", &create_table(name, properties));
        }
        engine
    }

    /// Handles a request.
    pub fn answer(&self, operation: &str, body: &Value) -> Answer {
        match self.dispatch(operation, body) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => Answer { status: error.status_code(), body: error.to_json() },
        }
    }

    /// Handles a request that must succeed: for data that no use case writes or reads.
    pub fn run(&self, operation: &str, body: &Value) -> Value {
        let body = self.dispatch(operation, body).unwrap_or_else(|error| panic!("{operation}: {error}"));
        serde_json::from_str(&body).unwrap()
    }

    pub fn items(&self, table: &str) -> Vec<Value> {
        let found = self.run("Scan", &json!({"TableName": table}));
        assert!(found.get("LastEvaluatedKey").is_none(), "{table} has more than one page");
        found["Items"].as_array().unwrap().clone()
    }

    /// Calls a function for every item of a table.
    pub fn each_item(&self, table: &str, mut see: impl FnMut(Value)) {
        let mut wanted = json!({"TableName": table});
        loop {
            let mut found = self.run("Scan", &wanted);
            found["Items"].as_array_mut().unwrap().drain(..).for_each(&mut see);
            match found.get_mut("LastEvaluatedKey") {
                Some(last) => wanted["ExclusiveStartKey"] = last.take(),
                None => return,
            }
        }
    }

    /// The records of a table's stream after this sequence number, as Lambda receives them.
    pub fn changes(&self, table: &str, after: Option<&str>) -> Vec<Value> {
        let (stream, shard) = self.stream_of(table);
        let mut wanted = json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        if let Some(after) = after {
            wanted["ShardIteratorType"] = json!("AFTER_SEQUENCE_NUMBER");
            wanted["SequenceNumber"] = json!(after);
        }
        let iterator = self.run("GetShardIterator", &wanted);
        let mut found = self.run("GetRecords", &json!({"ShardIterator": iterator["ShardIterator"]}));
        found["Records"].as_array_mut().unwrap().drain(..).collect()
    }

    fn stream_of(&self, table: &str) -> (Value, Value) {
        let mut known = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let find = || {
            let described = self.run("DescribeTable", &json!({"TableName": table}));
            let stream = &described["Table"]["LatestStreamArn"];
            let shards = self.run("DescribeStream", &json!({"StreamArn": stream}));
            (stream.clone(), shards["StreamDescription"]["Shards"][0]["ShardId"].clone())
        };
        known.entry(table.to_owned()).or_insert_with(find).clone()
    }

    fn dispatch(&self, operation: &str, body: &Value) -> Result<String, DynoxideError> {
        let db = &self.db;
        match operation {
            "CreateTable" => write(&db.create_table(read(body)?)?),
            "DescribeTable" => write(&db.describe_table(read(body)?)?),
            "DescribeStream" => write(&db.describe_stream(read(body)?)?),
            "GetShardIterator" => write(&db.get_shard_iterator(read(body)?)?),
            "GetRecords" => write(&db.get_records(read(body)?)?),
            "GetItem" => write(&db.get_item(read(body)?)?),
            "PutItem" => write(&db.put_item(read(body)?)?),
            "UpdateItem" => write(&db.update_item(read(body)?)?),
            "DeleteItem" => write(&db.delete_item(read(body)?)?),
            "Query" => write(&db.query(read(body)?)?),
            "Scan" => write(&db.scan(read(body)?)?),
            "BatchGetItem" => write(&db.batch_get_item(read(body)?)?),
            "TransactWriteItems" => write(&db.transact_write_items(read(body)?)?),
            other => panic!("the shop does not use {other}"),
        }
    }
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, DynoxideError> {
    T::deserialize(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The `CreateTable` request for a table of the template, without the properties that an embedded engine lacks (recovery,
/// encryption, deletion protection).
fn create_table(name: &str, properties: &Value) -> Value {
    let mut wanted = Map::from_iter([("TableName".to_owned(), json!(name))]);
    for property in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"] {
        if let Some(value) = properties.get(property) {
            wanted.insert(property.to_owned(), value.clone());
        }
    }
    if let Some(view) = properties.get("StreamSpecification") {
        let stream = json!({"StreamEnabled": true, "StreamViewType": view["StreamViewType"]});
        wanted.insert("StreamSpecification".to_owned(), stream);
    }
    Value::Object(wanted)
}
