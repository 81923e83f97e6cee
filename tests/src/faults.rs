//! What can go wrong below the use cases, injected where the SDK sends its requests.

use serde_json::{Value, json};
use std::time::Duration;

/// A request as the rules see it.
#[derive(Debug)]
pub struct Sent<'s> {
    /// The use case whose invocation sent it, if it was sent from one.
    pub actor: Option<&'s str>,
    /// The operation, e.g. `TransactWriteItems`.
    pub operation: &'s str,
    /// The tables that it names, one for each item of a transaction, in its order.
    pub tables: &'s [String],
    /// Whether it asks an index.
    pub is_index: bool,
}

/// Decides for every request whether something goes wrong with it.
pub type Chance = Box<dyn FnMut(&Sent<'_>) -> Option<Fault> + Send>;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it only takes so much longer.
    Delayed(Duration),
    /// Nothing is done; the service says it is throttled.
    Throttled,
    /// Nothing is done; the service says it is broken.
    Broken,
    /// Nothing is done: the connection breaks first.
    Undelivered,
    /// It is done, but the connection breaks before the answer comes.
    AnswerLost,
    /// It is done, and the service answers that it is still in progress, as after a retry that crossed the first try.
    InProgress,
    /// Nothing is done; the transaction is canceled with these codes, by position (`None` where left out).
    Canceled(Vec<(usize, &'static str)>),
    /// Nothing is done; the transaction meets another one on its last item, and the condition of its first update fails, for
    /// which what is being undone may be the reason. That of a record which only this transaction makes would not.
    ConflictBesideRefusal,
    /// Nothing is done; the transaction meets another one on every item of this table, and fails its condition on every
    /// item of the other one, if one is given.
    Conflict(&'static str, Option<&'static str>),
    /// Nothing is done to a transaction that writes an item whose partition ends so: it meets another one there. Others pass.
    ConflictAt(&'static str),
    /// A batch read that leaves its last key out.
    Unprocessed,
    /// A question to an index is answered as it was the last time: the index lags.
    Lagging,
    /// `PutEvents`: the entries at these positions are refused.
    EntriesRefused(Vec<usize>),
    /// The environment is killed before the request is sent.
    KilledBefore,
    /// The environment is killed after the request was done.
    KilledAfter,
    /// The code that sends it panics.
    Panicked,
}

/// When which fault happens.
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
    /// The next request of this operation.
    pub fn next(operation: &'static str, fault: Fault) -> Self {
        Self { operation, actor: None, table: None, skip: 0, times: 1, fault }
    }

    /// Every request of this operation.
    pub fn every(operation: &'static str, fault: Fault) -> Self {
        Self { times: usize::MAX, ..Self::next(operation, fault) }
    }

    /// Only those that this use case sends.
    #[must_use]
    pub fn by(self, actor: &'static str) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// Only those that touch this table.
    #[must_use]
    pub fn on(self, table: &'static str) -> Self {
        Self { table: Some(table), ..self }
    }

    /// Not the first so many.
    #[must_use]
    pub fn after(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// So many in a row.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    fn is_about(&self, sent: &Sent<'_>) -> bool {
        self.operation == sent.operation
            && self.actor.is_none_or(|actor| sent.actor == Some(actor))
            && self.table.is_none_or(|table| sent.tables.iter().any(|name| name == table))
    }
}

/// What goes wrong: the rules in force, first ones first, and what chance adds.
#[derive(Default)]
pub struct Faults {
    rules: Vec<Rule>,
    chance: Option<Chance>,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Lets chance add to the rules.
    pub fn haunt(&mut self, chance: Chance) {
        self.chance = Some(chance);
    }

    /// Drops every rule, and leaves nothing to chance.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many rules have not run out.
    pub fn left(&self) -> usize {
        self.rules.len()
    }

    /// What happens to this request.
    pub fn strike(&mut self, sent: &Sent<'_>) -> Option<Fault> {
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

/// The answer of a canceled transaction.
pub(crate) fn canceled(tables: &[String], code_of: impl Fn(usize, &str) -> &'static str) -> Value {
    let codes: Vec<&str> = tables.iter().enumerate().map(|(place, table)| code_of(place, table)).collect();
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", ")),
        "CancellationReasons": reasons,
    })
}

/// The partition of each item of a transaction.
pub(crate) fn partitions_of(body: &Value) -> Vec<String> {
    let items = body["TransactItems"].as_array().unwrap().iter();
    let writes = items.map(|item| item.as_object().unwrap().values().next().unwrap());
    writes
        .map(|write| write["Key"]["pk"]["S"].as_str().or(write["Item"]["pk"]["S"].as_str()).unwrap().to_owned())
        .collect()
}

/// Takes the last key out of a batch read; answers with what is left to read.
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
