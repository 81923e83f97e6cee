//! Checks after every committed write the invariants that must always hold.

use crate::engine::Engine;
use domain::order::{OrderKind, OrderStatus};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Debug, Default)]
pub(super) struct InvariantChecker {
    /// Status and version of each item at its last write.
    known: HashMap<(String, String, String), Known>,
    /// The tokens of all committed transactions.
    tokens: HashSet<String>,
    /// The violations.
    pub(super) wrong: Vec<String>,
    /// A hash of all writes.
    pub(super) fingerprint: u64,
}

#[derive(Debug, Clone, Default)]
struct Known {
    status: String,
    version: i64,
    steps: usize,
}

impl InvariantChecker {
    /// Checks the items of a committed request.
    pub(super) fn check(&mut self, engine: &Engine, operation: &str, body: &Value) {
        // A repeated transaction with the same token writes nothing.
        if body["ClientRequestToken"].as_str().is_some_and(|token| !self.tokens.insert(token.to_owned())) {
            return;
        }
        self.note(body);
        if operation == "TransactWriteItems" {
            for item in body["TransactItems"].as_array().unwrap() {
                self.see_write(engine, item.as_object().unwrap().values().next().unwrap());
            }
        } else {
            self.see_write(engine, body);
        }
    }

    fn note(&mut self, body: &Value) {
        let mut hasher = DefaultHasher::new();
        self.fingerprint.hash(&mut hasher);
        let fields = body.as_object().unwrap().iter();
        fields.filter(|(name, _)| *name != "ClientRequestToken").for_each(|field| field.hash(&mut hasher));
        self.fingerprint = hasher.finish();
    }

    fn see_write(&mut self, engine: &Engine, write: &Value) {
        let Some(table) = write["TableName"].as_str() else { return };
        if !matches!(table, "Orders" | "Wallets" | "Coupons" | "Counters" | "Payments" | "Batches" | "Production") {
            return;
        }
        if let Some(item) = write.get("Item") {
            self.see_item(table, item);
        } else if write.get("UpdateExpression").is_some() {
            let found = engine.run("GetItem", &json!({"TableName": table, "Key": write["Key"]}));
            self.see_item(table, &found["Item"]);
        }
    }

    fn see_item(&mut self, table: &str, item: &Value) {
        let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| item[name]["N"].as_str().and_then(|number| number.parse::<i64>().ok());
        let (pk, sk) = (text("pk"), text("sk"));
        // An offer's counter may be negative while events are being delivered; [`super::quiescence`] checks it at the end.
        for name in ["left_qty", "balance_cents", "reserved_qty"] {
            if sk != "COUNTER" && number(name).is_some_and(|number| number < 0) {
                self.wrong.push(format!("{name} below zero: {table} {pk} {sk}"));
            }
        }
        let status = text("status");
        if status.is_empty() || pk.starts_with("CONSUMED#") || pk.starts_with("IDEMPOTENCY#") {
            return;
        }
        let now = Known {
            status,
            version: number("version").unwrap_or_default(),
            steps: item["history"]["L"].as_array().map_or(0, Vec::len),
        };
        let before = self.known.insert((table.to_owned(), pk.clone(), sk.clone()), now.clone());
        let Some(before) = before else { return };
        if before.version > now.version {
            self.wrong.push(format!("version {} after {}: {table} {pk} {sk}", now.version, before.version));
        }
        if before.steps > now.steps {
            self.wrong.push(format!("an order forgot its history: {pk} {sk}"));
        }
        let is_late = item["late"]["BOOL"] == true;
        let kind = text("kind");
        if before.status != now.status && !may_become(table, &before.status, &now.status, &kind, is_late) {
            self.wrong.push(format!("{} became {}: {table} {pk} {sk}", before.status, now.status));
        }
    }
}

fn may_become(table: &str, from: &str, to: &str, kind: &str, is_late: bool) -> bool {
    match table {
        "Orders" => {
            let status = |text: &str| OrderStatus::parse("status", text).unwrap();
            let kind = if kind == OrderKind::Preorder.as_str() { OrderKind::Preorder } else { OrderKind::Instant };
            // Late money can pay an order that has ended.
            let is_rescued = is_late && matches!(from, "EXPIRED" | "CANCELED") && to == "PAID";
            is_rescued || status(from).may_become(status(to), kind)
        }
        // A captured payment never becomes FAILED, and a refunded one stays refunded.
        "Payments" => {
            let is_taken = |status: &str| matches!(status, "SUCCEEDED" | "REFUND_REQUESTED" | "REFUNDED");
            (is_taken(to) || !is_taken(from)) && from != "REFUNDED"
        }
        // A used coupon is given back when its paid order is canceled while the coupon is valid.
        "Coupons" => (from != "USED" || to == "ISSUED") && !(from == "REJECTED" && to == "QUEUED"),
        "Counters" | "Batches" | "Production" => rank(from) <= rank(to),
        _ => true,
    }
}

/// The order of statuses of counters, batches and work orders: they never go back.
fn rank(status: &str) -> u8 {
    match status {
        "OPEN" | "CREATED" | "READY" | "TODO" => 0,
        "REACHED" | "CONFIRMED" | "IN_PROGRESS" | "DOING" => 1,
        "LOCKED" => 2,
        _ => 3,
    }
}
