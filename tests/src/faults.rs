//! Faults that are injected where the SDK sends its requests.

use serde_json::{Value, json};
use std::time::Duration;

/// A request, as fault rules see it.
#[derive(Debug)]
pub struct SentRequest<'s> {
    /// The use case that sent it, if any.
    pub actor: Option<&'s str>,
    pub operation: &'s str,
    /// Its tables, one entry per item of a transaction, in order.
    pub tables: &'s [String],
    /// Whether it queries an index.
    pub is_index: bool,
}

/// Decides for each request whether a fault occurs.
pub type FaultSource = Box<dyn FnMut(&SentRequest<'_>) -> Option<Fault> + Send>;

/// A fault of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request succeeds after a delay.
    Delayed(Duration),
    /// Not performed; the service responds that it is throttled.
    Throttled,
    /// Not performed; the service responds with an internal error.
    Broken,
    /// Not performed: the connection fails before.
    Undelivered,
    /// Performed, but the connection fails before the response.
    AnswerLost,
    /// Performed, and the service responds that the transaction is still in progress, as after a concurrent retry.
    InProgress,
    /// Not performed; the transaction is canceled with these codes by position (`None` elsewhere).
    Canceled(Vec<(usize, &'static str)>),
    /// Not performed; the last item has a conflict, and the condition of the first update fails, possibly because of a
    /// write that is being rolled back. The condition of a record that only this transaction creates cannot fail that way.
    ConflictBesideRefusal,
    /// Not performed; every item of the first table has a conflict, and every item of the second table, if given, fails its
    /// condition.
    Conflict(&'static str, Option<&'static str>),
    /// A transaction that writes an item whose partition key ends with this text meets a conflict there and is not
    /// performed. Others succeed.
    ConflictAt(&'static str),
    /// A batch read returns its last key as unprocessed.
    Unprocessed,
    /// An index query gets the previous items of its partition: the index lags.
    Lagging,
    /// An index query gets the previous items of its partition and then the current ones: the index lags, and lists an item
    /// that has moved in both places.
    ListedTwice,
    /// `PutEvents` rejects the entries at these positions for the moment.
    EntriesRefused(Vec<usize>),
    /// `PutEvents` rejects the entries at these positions for good.
    EntriesInvalid(Vec<usize>),
    KilledBefore,
    /// The environment is killed after the request was performed.
    KilledAfter,
    /// The sending code panics.
    Panicked,
}

/// The condition for a fault.
#[derive(Debug, Clone)]
pub struct Rule {
    operation: &'static str,
    actor: Option<&'static str>,
    table: Option<&'static str>,
    skip: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    pub fn next(operation: &'static str, fault: Fault) -> Self {
        Self { operation, actor: None, table: None, skip: 0, times: 1, fault }
    }

    pub fn every(operation: &'static str, fault: Fault) -> Self {
        Self { times: usize::MAX, ..Self::next(operation, fault) }
    }

    /// Only requests of this use case.
    #[must_use]
    pub fn by(self, actor: &'static str) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// Only requests that name this table.
    #[must_use]
    pub fn on(self, table: &'static str) -> Self {
        Self { table: Some(table), ..self }
    }

    /// Skips this many requests.
    #[must_use]
    pub fn after(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// Hits this many requests in a row.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    fn is_about(&self, sent: &SentRequest<'_>) -> bool {
        self.operation == sent.operation
            && self.actor.is_none_or(|actor| sent.actor == Some(actor))
            && self.table.is_none_or(|table| sent.tables.iter().any(|name| name == table))
    }
}

/// The active rules in order, and an optional source of random faults.
#[derive(Default)]
pub struct Faults {
    rules: Vec<Rule>,
    chance: Option<FaultSource>,
}

impl Faults {
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Adds a source of random faults.
    pub fn inject_faults(&mut self, chance: FaultSource) {
        self.chance = Some(chance);
    }

    /// Removes all rules and the source of random faults.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The number of rules that are not exhausted.
    pub fn left(&self) -> usize {
        self.rules.len()
    }

    /// The fault of this request, if any.
    pub fn next_fault(&mut self, sent: &SentRequest<'_>) -> Option<Fault> {
        let mut struck = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.is_about(sent)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if struck.is_none() {
                rule.times -= usize::from(rule.times != usize::MAX);
                struck = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|rule| rule.times > 0);
        struck.or_else(|| self.chance.as_mut()?(sent))
    }
}

/// The response of a canceled transaction.
pub(crate) fn canceled(tables: &[String], code_of: impl Fn(usize, &str) -> &'static str) -> Value {
    let codes: Vec<&str> = tables.iter().enumerate().map(|(place, table)| code_of(place, table)).collect();
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", ")),
        "CancellationReasons": reasons,
    })
}

/// The partition key of each item of a transaction.
pub(crate) fn partitions_of(body: &Value) -> Vec<String> {
    let items = body["TransactItems"].as_array().unwrap().iter();
    let writes = items.map(|item| item.as_object().unwrap().values().next().unwrap());
    writes
        .map(|write| write["Key"]["pk"]["S"].as_str().or(write["Item"]["pk"]["S"].as_str()).unwrap().to_owned())
        .collect()
}

/// Removes the last key from a batch read. Returns the unprocessed keys.
pub(crate) fn leave_last_key_out(body: &mut Value) -> Value {
    let tables = body["RequestItems"].as_object_mut().unwrap();
    let (name, wanted) = tables.iter_mut().next_back().unwrap();
    let (name, mut left) = (name.clone(), wanted.clone());
    let keys = wanted["Keys"].as_array_mut().unwrap();
    left["Keys"] = json!([keys.pop().unwrap()]);
    if keys.is_empty() {
        tables.remove(&name);
    }
    json!({ name: left })
}
