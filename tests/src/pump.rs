//! What AWS does between a committed transaction and its consumers: the stream calls the relay, the bus matches its rules,
//! queues are polled in batches, failures are tried again and set aside in the end.

use crate::events;
use crate::pattern;
use crate::roles;
use crate::shop::Shop;
use crate::template::{self, Consumer};
use crate::watch::SHOP_NAME;
use crate::wire::Published;
use domain::Moment;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a batch of the stream is tried beside the first time (the relay's `MaximumRetryAttempts`).
const STREAM_RETRIES_MAX: usize = 2;

/// A message on a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    /// SQS' id.
    pub id: String,
    /// What EventBridge wrote.
    pub body: String,
    /// How often it was received.
    pub tries: u64,
    /// From when on it can be received; at once without it.
    pub not_before: Option<Moment>,
}

#[derive(Debug, Default)]
struct State {
    /// The stream is read up to here.
    sequence_number: Option<String>,
    queues: BTreeMap<String, Vec<QueueMessage>>,
    dead: Vec<(String, QueueMessage)>,
    disabled: BTreeSet<String>,
    published: Vec<Published>,
    first_measured: BTreeMap<String, Moment>,
    serial: u64,
}

/// Events on their way.
#[derive(Debug, Default)]
pub struct Pump(Mutex<State>);

impl Pump {
    /// Delivers until nothing is left to do.
    pub async fn run(&self, shop: &Shop) {
        loop {
            let relayed = self.relay(shop).await;
            let routed = self.route(shop);
            let worked = self.work(shop).await;
            if relayed + routed + worked == 0 {
                return;
            }
        }
    }

    /// Takes the stream's new records to the relay, as its filter and its retries say. Answers how many.
    pub async fn relay(&self, shop: &Shop) -> usize {
        roles::assert_fed("relay_outbox");
        let changes = self.new_changes(shop);
        let mut batch: &[Value] = &changes;
        let mut retries = 0;
        while !batch.is_empty() {
            let answer = shop.invoke_mortal("relay_outbox", &json!({ "Records": batch })).await;
            // From the first record that failed on, the stream is read again; after its tries it goes on behind it.
            let failed = match answer {
                Some(Ok(answer)) => first_failed(batch, &answer),
                None | Some(Err(_)) => Some(0),
            };
            let Some(failed) = failed else { break };
            retries = if failed == 0 { retries + 1 } else { 0 };
            batch = &batch[failed..];
            if retries > STREAM_RETRIES_MAX {
                batch = &batch[1..];
                retries = 0;
            }
        }
        changes.len()
    }

    /// New records of the outbox since the last call, as the relay's filter lets them through.
    pub fn new_changes(&self, shop: &Shop) -> Vec<Value> {
        let mut state = self.state();
        let changes = shop.wire.engine().changes("Outbox", state.sequence_number.as_deref());
        if let Some(last) = changes.last() {
            state.sequence_number = Some(last["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned());
        }
        changes
            .into_iter()
            .filter(|change| change["eventName"] == "INSERT" && change["dynamodb"]["NewImage"]["status"]["S"] == "NEW")
            .collect()
    }

    /// Puts what was published on the queues whose rules match, and what was sent on its queue. Answers how many messages.
    pub fn route(&self, shop: &Shop) -> usize {
        let published = shop.wire.take_published();
        let mut count = 0;
        for event in &published {
            count += self.deliver(shop, &events::delivery(&event.source, &event.detail_type, &event.detail));
        }
        self.state().published.extend(published);
        for (use_case, body) in shop.wire.take_sent() {
            self.push(&use_case, body);
            count += 1;
        }
        count
    }

    /// Puts an event on the queues whose rules match, wherever on the bus it comes from. Answers how many.
    pub fn deliver(&self, shop: &Shop, body: &str) -> usize {
        let event: Value = serde_json::from_str(body).unwrap();
        let disabled = self.state().disabled.clone();
        let mut count = 0;
        for consumer in template::consumers() {
            let mut rules = consumer.rules.iter().filter(|(name, _)| !disabled.contains(name));
            if rules.any(|(_, pattern)| pattern::matches(pattern, &event)) {
                let delay = SignedDuration::from_secs(consumer.delay_seconds);
                self.push_at(&consumer.use_case, body.to_owned(), (!delay.is_zero()).then(|| shop.now() + delay));
                count += 1;
            }
        }
        count
    }

    /// Switches a rule off, as a deployment may.
    pub fn disable(&self, rule: &str) {
        self.state().disabled.insert(rule.to_owned());
    }

    /// Every queue's messages that are due are received once, in batches. Answers how many.
    pub async fn work(&self, shop: &Shop) -> usize {
        let mut count = 0;
        for consumer in template::consumers() {
            count += self.work_on(shop, consumer).await;
        }
        count
    }

    /// The same for the queues of one use case.
    pub async fn work_for(&self, shop: &Shop, use_case: &str) {
        for consumer in template::consumers().iter().filter(|consumer| consumer.use_case == use_case) {
            self.work_on(shop, consumer).await;
        }
    }

    async fn work_on(&self, shop: &Shop, consumer: &Consumer) -> usize {
        let waiting = self.state().queues.remove(&consumer.use_case).unwrap_or_default();
        let (messages, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|message| message.not_before.is_none_or(|due| due <= shop.now()));
        if !later.is_empty() {
            self.state().queues.insert(consumer.use_case.clone(), later);
        }
        for batch in messages.chunks(consumer.batch_max) {
            self.consume(shop, consumer, batch).await;
        }
        messages.len()
    }

    async fn consume(&self, shop: &Shop, consumer: &Consumer, batch: &[QueueMessage]) {
        roles::assert_fed(&consumer.use_case);
        let records: Vec<(String, String)> =
            batch.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
        let answer = shop.invoke_mortal(&consumer.use_case, &events::sqs(&records)).await;
        let failed: Vec<String> = match answer {
            Some(Ok(answer)) => {
                let failures = answer["batchItemFailures"].as_array().unwrap();
                failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
            }
            None | Some(Err(_)) => batch.iter().map(|message| message.id.clone()).collect(),
        };
        for message in batch.iter().filter(|message| failed.contains(&message.id)) {
            let message = QueueMessage { tries: message.tries + 1, ..message.clone() };
            let mut state = self.state();
            if message.tries >= consumer.tries_max {
                state.dead.push((consumer.use_case.clone(), message));
            } else {
                state.queues.entry(consumer.use_case.clone()).or_default().push(message);
            }
        }
    }

    /// Puts a message on a consumer's queue.
    pub fn push(&self, use_case: &str, body: String) {
        self.push_at(use_case, body, None);
    }

    fn push_at(&self, use_case: &str, body: String, not_before: Option<Moment>) {
        let mut state = self.state();
        state.serial += 1;
        let message = QueueMessage { id: format!("m-{}", state.serial), body, tries: 0, not_before };
        state.queues.entry(use_case.to_owned()).or_default().push(message);
    }

    /// The messages that wait for a consumer.
    pub fn waiting(&self, use_case: &str) -> Vec<QueueMessage> {
        self.state().queues.get(use_case).cloned().unwrap_or_default()
    }

    /// Rearranges the messages that wait for a consumer.
    pub fn rearrange(&self, use_case: &str, change: impl FnOnce(&mut Vec<QueueMessage>)) {
        change(self.state().queues.entry(use_case.to_owned()).or_default());
    }

    /// The bodies of the messages that were set aside.
    pub fn dead_letters(&self) -> Vec<String> {
        self.state().dead.iter().map(|(_, message)| message.body.clone()).collect()
    }

    /// Takes the messages that wait for a consumer off its queue.
    pub fn take_waiting(&self, use_case: &str) -> Vec<QueueMessage> {
        self.state().queues.remove(use_case).unwrap_or_default()
    }

    /// Sets what waits for a consumer aside, as if all its tries had failed.
    pub fn set_aside(&self, use_case: &str) {
        let waiting = self.take_waiting(use_case);
        let mut state = self.state();
        state.dead.extend(waiting.into_iter().map(|message| (use_case.to_owned(), message)));
    }

    /// Tells CloudWatch, as SQS does every minute, how old the oldest message of each queue is and how many are set aside. A
    /// message's age counts from the first time it was measured.
    pub fn measure(&self, shop: &Shop) {
        let (mut state, now) = (self.state(), shop.now());
        let waiting: Vec<String> = state.queues.values().flatten().map(|message| message.id.clone()).collect();
        for id in waiting {
            state.first_measured.entry(id).or_insert(now);
        }
        for consumer in template::consumers() {
            let queue =
                |suffix: &str| format!("{SHOP_NAME}-{}{suffix}", functions::manifest::pascal_case(&consumer.use_case));
            let waiting = state.queues.get(&consumer.use_case).into_iter().flatten();
            let age = waiting
                .map(|message| now.duration_since(state.first_measured[&message.id]).as_secs())
                .max()
                .unwrap_or_default();
            let dead = state.dead.iter().filter(|(use_case, _)| *use_case == consumer.use_case).count();
            for (queue, metric, value) in [
                (queue("Queue"), "ApproximateAgeOfOldestMessage", age),
                (queue("Dlq"), "ApproximateNumberOfMessagesVisible", i64::try_from(dead).unwrap()),
            ] {
                shop.watch.put(("AWS/SQS", metric, &[("QueueName", &queue)]), value, now);
            }
        }
    }

    /// Puts what was set aside on its queue again.
    pub fn redrive(&self) {
        let mut state = self.state();
        for (use_case, message) in std::mem::take(&mut state.dead) {
            state.queues.entry(use_case).or_default().push(QueueMessage { tries: 0, ..message });
        }
    }

    /// Every event that was routed so far, however often.
    pub fn published(&self) -> Vec<Published> {
        self.state().published.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first_failed(batch: &[Value], answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let failed: Vec<&str> = failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect();
    batch.iter().position(|change| failed.contains(&change["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()))
}
