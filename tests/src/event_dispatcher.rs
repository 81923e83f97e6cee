//! A model of what AWS does between a committed transaction and its consumers: the stream invokes the relay, the bus
//! matches its rules, queues are polled in batches, failed messages are retried and finally moved to the dead-letter queue.

use crate::alarm_checks::SHOP_NAME;
use crate::event_pattern;
use crate::events;
use crate::fake_aws::Published;
use crate::roles;
use crate::shop::Shop;
use crate::template::{self, Consumer};
use domain::Moment;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Retries of a stream batch (the relay's `MaximumRetryAttempts`).
const STREAM_RETRIES_MAX: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    pub id: String,
    pub body: String,
    /// The number of times that the message was received.
    pub tries: u64,
    /// The time at which the message becomes visible; immediately if `None`.
    pub not_before: Option<Moment>,
}

#[derive(Debug, Default)]
struct State {
    /// The last sequence number that was read from the stream.
    sequence_number: Option<String>,
    queues: BTreeMap<String, Vec<QueueMessage>>,
    dead: Vec<(String, QueueMessage)>,
    disabled: BTreeSet<String>,
    published: Vec<Published>,
    first_measured: BTreeMap<String, Moment>,
    serial: u64,
}

/// Delivers events and messages to the use cases.
#[derive(Debug, Default)]
pub struct EventDispatcher(Mutex<State>);

impl EventDispatcher {
    /// Delivers until no event and no due message is left.
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

    /// Invokes the relay with new records of the stream, applying its filter and its retries. Returns the number of
    /// records.
    pub async fn relay(&self, shop: &Shop) -> usize {
        roles::assert_may_be_invoked("relay_outbox");
        let changes = self.new_changes(shop);
        let mut batch: &[Value] = &changes;
        let mut retries = 0;
        while !batch.is_empty() {
            let answer = shop.invoke_killable("relay_outbox", &json!({ "Records": batch })).await;
            // The stream is read again from the first failed record; after its last retry, that record is skipped.
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

    /// New outbox records since the last call that pass the relay's filter.
    pub fn new_changes(&self, shop: &Shop) -> Vec<Value> {
        let mut state = self.state();
        let changes = shop.aws.engine().changes("Outbox", state.sequence_number.as_deref());
        if let Some(last) = changes.last() {
            state.sequence_number = Some(last["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned());
        }
        changes
            .into_iter()
            .filter(|change| change["eventName"] == "INSERT" && change["dynamodb"]["NewImage"]["status"]["S"] == "NEW")
            .collect()
    }

    /// Puts published events on the queues whose rules match, and directly sent messages on their queue. Returns the number
    /// of messages.
    pub fn route(&self, shop: &Shop) -> usize {
        let published = shop.aws.take_published();
        let mut count = 0;
        for event in &published {
            count += self.deliver(shop, &events::delivery(&event.source, &event.detail_type, &event.detail));
        }
        self.state().published.extend(published);
        for (use_case, body) in shop.aws.take_sent() {
            self.push(&use_case, body);
            count += 1;
        }
        count
    }

    /// Puts an event of any source on the queues whose rules match. Returns the number of messages.
    pub fn deliver(&self, shop: &Shop, body: &str) -> usize {
        let event: Value = serde_json::from_str(body).unwrap();
        let disabled = self.state().disabled.clone();
        let mut count = 0;
        for consumer in template::consumers() {
            let mut rules = consumer.rules.iter().filter(|(name, _)| !disabled.contains(name));
            if rules.any(|(_, pattern)| event_pattern::matches(pattern, &event)) {
                let delay = SignedDuration::from_secs(consumer.delay_seconds);
                self.push_at(&consumer.use_case, body.to_owned(), (!delay.is_zero()).then(|| shop.now() + delay));
                count += 1;
            }
        }
        count
    }

    /// Disables a rule, as a deployment parameter can.
    pub fn disable(&self, rule: &str) {
        self.state().disabled.insert(rule.to_owned());
    }

    /// Receives the due messages of every queue once, in batches. Returns their number.
    pub async fn work(&self, shop: &Shop) -> usize {
        let mut count = 0;
        for consumer in template::consumers() {
            count += self.work_on(shop, consumer).await;
        }
        count
    }

    /// Receives the due messages of one use case once.
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
        roles::assert_may_be_invoked(&consumer.use_case);
        let records: Vec<(String, String)> =
            batch.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
        let answer = shop.invoke_killable(&consumer.use_case, &events::sqs(&records)).await;
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

    pub fn push(&self, use_case: &str, body: String) {
        self.push_at(use_case, body, None);
    }

    fn push_at(&self, use_case: &str, body: String, not_before: Option<Moment>) {
        let mut state = self.state();
        state.serial += 1;
        let message = QueueMessage { id: format!("m-{}", state.serial), body, tries: 0, not_before };
        state.queues.entry(use_case.to_owned()).or_default().push(message);
    }

    /// The messages in a consumer's queue.
    pub fn waiting(&self, use_case: &str) -> Vec<QueueMessage> {
        self.state().queues.get(use_case).cloned().unwrap_or_default()
    }

    /// Changes the messages in a consumer's queue.
    pub fn rearrange(&self, use_case: &str, change: impl FnOnce(&mut Vec<QueueMessage>)) {
        change(self.state().queues.entry(use_case.to_owned()).or_default());
    }

    /// The bodies of all dead-letter messages.
    pub fn dead_letters(&self) -> Vec<String> {
        self.state().dead.iter().map(|(_, message)| message.body.clone()).collect()
    }

    /// Removes and returns the messages in a consumer's queue.
    pub fn take_waiting(&self, use_case: &str) -> Vec<QueueMessage> {
        self.state().queues.remove(use_case).unwrap_or_default()
    }

    /// Moves a consumer's messages to its dead-letter queue, as if all attempts had failed.
    pub fn set_aside(&self, use_case: &str) {
        let waiting = self.take_waiting(use_case);
        let mut state = self.state();
        state.dead.extend(waiting.into_iter().map(|message| (use_case.to_owned(), message)));
    }

    /// Reports the age of the oldest message and the number of dead-letter messages of each queue, as SQS does every
    /// minute. A message's age starts with its first measurement.
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
                shop.metrics.put(("AWS/SQS", metric, &[("QueueName", &queue)]), value, now);
            }
        }
    }

    /// Redrives all dead-letter messages.
    pub fn redrive(&self) {
        let mut state = self.state();
        for (use_case, message) in std::mem::take(&mut state.dead) {
            state.queues.entry(use_case).or_default().push(QueueMessage { tries: 0, ..message });
        }
    }

    /// Every event routed so far, including duplicates.
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
