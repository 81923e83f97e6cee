//! A model of the next version of the shop: it adds an attribute to every item that it writes, and a field to every event
//! and queue message. During a rolling deployment both versions handle invocations in turn.

use crate::fake_aws::FakeAws;
use serde_json::{Map, Value, json};

/// The name of the added attribute.
pub const ADDED: &str = "added_by_the_next_version";

/// Table and key of an item.
pub type Address = (String, String, String);

/// Changes a request into the one that the next version sends. Returns the items that it writes.
pub(crate) fn send_as_next(operation: &str, body: &mut Value) -> Vec<Address> {
    match operation {
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array_mut().unwrap().iter_mut();
            let parts = parts.flat_map(|part| part.as_object_mut().unwrap().iter_mut());
            parts.filter_map(|(kind, part)| add(kind, part)).collect()
        }
        "PutItem" => add("Put", body).into_iter().collect(),
        "UpdateItem" => add("Update", body).into_iter().collect(),
        "PutEvents" => {
            for entry in body["Entries"].as_array_mut().unwrap() {
                let mut detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
                detail[ADDED] = json!(true);
                detail["data"][ADDED] = json!({"by": "the next version"});
                entry["Detail"] = json!(detail.to_string());
            }
            Vec::new()
        }
        "SendMessage" => {
            let mut message: Value = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
            message[ADDED] = json!(true);
            body["MessageBody"] = json!(message.to_string());
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn add(kind: &str, part: &mut Value) -> Option<Address> {
    let value = json!({"S": "kept"});
    let written = match kind {
        "Put" => {
            part["Item"][ADDED] = value;
            "Item"
        }
        "Update" => {
            let before = part["UpdateExpression"].as_str().unwrap();
            let set = format!("SET #{ADDED} = :{ADDED}");
            let after = match before.split_once("SET ") {
                Some((head, tail)) => format!("{head}{set}, {tail}"),
                None => format!("{set} {before}"),
            };
            part["UpdateExpression"] = json!(after);
            for (field, name, value) in [
                ("ExpressionAttributeNames", format!("#{ADDED}"), json!(ADDED)),
                ("ExpressionAttributeValues", format!(":{ADDED}"), value),
            ] {
                let known = part.as_object_mut().unwrap().entry(field).or_insert_with(|| Value::Object(Map::new()));
                known[name] = value;
            }
            "Key"
        }
        _ => return None,
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some((text(&part["TableName"]), text(&part[written]["pk"]["S"]), text(&part[written]["sk"]["S"])))
}

impl FakeAws {
    /// Items of the next version that lost the added attribute.
    pub fn forgotten(&self) -> Vec<Address> {
        let is_lost = |(table, pk, sk): &Address| {
            let wanted = json!({"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
            self.engine().run("GetItem", &wanted).get("Item").is_some_and(|item| item.get(ADDED).is_none())
        };
        let mut written = self.written_by_next();
        assert!(!written.is_empty(), "the next version has written nothing");
        written.retain(is_lost);
        written.into_iter().collect()
    }
}
