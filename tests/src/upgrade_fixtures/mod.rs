//! Upgrade fixtures: the stored data of a shop in the middle of every flow, one set per release in
//! `tests/upgrade_fixtures/<release>`, so that each version is tested with the data of its predecessors.
//!
//! `items.jsonl` has every item as it was stored, `events.jsonl` the events in flight and one more of each type,
//! `rest.json` the messages of queues without a rule, the providers' trades and the time. See docs/upgrade.md.

mod complete_flows;
mod create;

use crate::events;
use crate::fake_aws::Published;
use crate::fake_providers::Trade;
use crate::shop::{OPENING, Shop};
use crate::template;
use domain::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

pub use complete_flows::complete_flows;
pub use create::create_fixture;

/// The release of this code.
pub const THIS: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// The upgrade fixture of a release.
#[derive(Debug, Clone)]
pub struct UpgradeFixture {
    pub items: Vec<(String, Value)>,
    /// The events in flight, as the bus delivers them.
    pub events: Vec<Value>,
    /// Data that is neither stored nor on the bus.
    pub rest: Rest,
}

/// Data that is neither stored nor on the bus.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rest {
    pub now: Moment,
    /// Messages sent directly to queues: the consuming use case and the body.
    pub requests: Vec<(String, String)>,
    /// The providers' trades.
    pub trades: Vec<Trade>,
}

impl UpgradeFixture {
    /// The fixture of this shop with these events in flight.
    pub fn of(shop: &Shop, events: &[Published], requests: Vec<(String, String)>) -> Self {
        let mut items = Vec::new();
        for (table, _) in template::resources(template::tables(), "AWS::DynamoDB::Table") {
            let mut found = shop.aws.engine().items(table);
            found.sort_by_key(|item| (item["pk"]["S"].to_string(), item["sk"]["S"].to_string()));
            items.extend(found.into_iter().map(|item| (table.to_owned(), item)));
        }
        let delivery = |event: &Published| events::delivery(&event.source, &event.detail_type, &event.detail);
        let events = events.iter().map(|event| serde_json::from_str(&delivery(event)).unwrap()).collect();
        Self { items, events, rest: Rest { now: shop.now(), requests, trades: shop.aws.providers().trades() } }
    }

    /// Reads the fixture of a release.
    pub fn read(release: &str) -> Self {
        let lines = |name: &str| -> Vec<Value> {
            let text = fs::read_to_string(folder().join(release).join(name)).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let items = lines("items.jsonl")
            .into_iter()
            .map(|mut line| (line["table"].as_str().unwrap().to_owned(), line["item"].take()));
        Self {
            items: items.collect(),
            events: lines("events.jsonl"),
            rest: serde_json::from_value(lines("rest.json").remove(0)).unwrap(),
        }
    }

    /// Writes the fixture of a release.
    pub fn write(&self, release: &str) {
        let place = folder().join(release);
        fs::create_dir_all(&place).unwrap();
        let write = |name: &str, lines: &[Value]| {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(place.join(name), text).unwrap();
        };
        let items: Vec<Value> = self.items.iter().map(|(table, item)| json!({"table": table, "item": item})).collect();
        write("items.jsonl", &items);
        write("events.jsonl", &self.events);
        write("rest.json", &[serde_json::to_value(&self.rest).unwrap()]);
    }

    /// Loads these items, messages and trades into an empty shop, and sets its clock.
    pub fn continue_in(&self, shop: &Shop) {
        let left = self.rest.now.duration_since(OPENING.parse().unwrap());
        shop.advance(left);
        for (table, item) in &self.items {
            shop.aws.engine().run("PutItem", &json!({"TableName": table, "Item": item}));
        }
        shop.aws.providers().remember(self.rest.trades.clone());
        for (use_case, body) in &self.rest.requests {
            shop.dispatcher.push(use_case, body.clone());
        }
        for event in &self.events {
            shop.dispatcher.deliver(shop, &event.to_string());
        }
    }

    /// The attributes of each kind of item with their types and paths.
    pub fn layout(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut layout: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (table, item) in &self.items {
            attributes("", &json!({"M": item}), layout.entry(kind(table, item)).or_default());
        }
        layout
    }
}

/// Every release that has a fixture.
pub fn releases() -> Vec<String> {
    let mut found: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    found
}

/// Panics if a write creates a kind of item that this version's fixture lacks.
pub(crate) fn assert_known(operation: &str, body: &Value) {
    static KINDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    if std::env::var_os("BLESS").is_some() {
        return;
    }
    let known =
        KINDS.get_or_init(|| UpgradeFixture::read(THIS).items.iter().map(|(table, item)| kind(table, item)).collect());
    let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let parts = parts.map(|(_, part)| part).chain([body].into_iter().filter(|_| operation != "TransactWriteItems"));
    for part in parts {
        for item in [&part["Item"], &part["Key"]].into_iter().filter(|item| item.is_object()) {
            let kind = kind(part["TableName"].as_str().unwrap(), item);
            assert!(
                known.contains(&kind),
                "the upgrade fixture has no {kind}: add one in {CREATE}, see docs/upgrade.md"
            );
        }
    }
}

const CREATE: &str = "tests/src/upgrade_fixtures/create.rs";

/// The kind of an item, from the prefixes of its keys: `Orders CUSTOMER#* ORDER#*`. Idempotency and consumed records are
/// the same kind in each table.
fn kind(table: &str, item: &Value) -> String {
    let form = |name: &str| {
        let text = item[name]["S"].as_str().unwrap();
        let (word, rest) = text.split_once('#').map_or((text, ""), |(word, _)| (word, "#*"));
        let is_word = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        format!("{}{rest}", if is_word { word } else { "*" })
    };
    let (pk, sk) = (form("pk"), form("sk"));
    let table = if ["IDEMPOTENCY#*", "CONSUMED#*"].contains(&pk.as_str()) { "*" } else { table };
    format!("{table} {pk} {sk}")
}

fn attributes(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let (kind, inside) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "M" => {
            for (name, value) in inside.as_object().unwrap() {
                attributes(&format!("{path}.{name}"), value, found);
            }
        }
        "L" => inside.as_array().unwrap().iter().for_each(|value| attributes(&format!("{path}[]"), value, found)),
        _ => drop(found.insert(format!("{path} {kind}"))),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/upgrade_fixtures"))
}
