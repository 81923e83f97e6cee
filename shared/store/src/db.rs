//! The calls of the DynamoDB SDK. Each is metered, and each error is mapped to [`Failure::Busy`] or
//! [`Failure::Broken`].

use crate::Store;
use crate::meter::Side;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, ReturnConsumedCapacity, Update};
use contracts::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The maximum number of keys of one `BatchGetItem` (DynamoDB's limit).
const BATCH_KEYS_MAX: usize = 100;
/// The number of items of one page of a scan: about half a megabyte, well within the time-out of one attempt.
const SCAN_PAGE: i32 = 1_000;
/// The maximum number of times that the unprocessed keys of a throttled `BatchGetItem` are requested.
const BATCH_TRIES_MAX: u32 = 5;

/// Deserializes an item.
///
/// # Errors
/// [`Failure::Broken`] with the item's key.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, Failure> {
    let key = |name| text(&item, name).unwrap_or_default().to_owned();
    let (pk, sk) = (key("pk"), key("sk"));
    serde_dynamo::from_item(item)
        .map_err(|error| Failure::broken(format!("cannot read the item with pk {pk:?}, sk {sk:?}: {error}")))
}

/// The failure of an item whose key does not have the form of its kind.
pub(crate) fn malformed_key(kind: &str, pk: &str, sk: &str) -> Failure {
    Failure::broken(format!("malformed key of a {kind}: pk {pk:?}, sk {sk:?}"))
}

pub(crate) fn to_item<T: Serialize>(value: &T) -> Result<Item, Failure> {
    serde_dynamo::to_item(value).map_err(Failure::broken)
}

/// A put of the complete `value`, for a transaction.
pub(crate) fn put<T: Serialize>(table: &str, value: &T) -> Result<PutBuilder, Failure> {
    Ok(Put::builder().table_name(table).set_item(Some(to_item(value)?)))
}

/// An update of the item with this key, for a transaction.
pub(crate) fn update(table: &str, pk: &str, sk: &str) -> UpdateBuilder {
    Update::builder().table_name(table).set_key(Some(key(pk, sk)))
}

pub(crate) fn key(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), string(pk)), ("sk".to_owned(), string(sk))])
}

pub(crate) fn string(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A string attribute.
pub(crate) fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A whole-number attribute.
pub(crate) fn integer(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Keys of one table for a [`Store::batch_get`].
#[derive(Debug, Clone)]
pub(crate) struct Want {
    pub(crate) table: String,
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) consistent: bool,
}

/// A segment of a parallel scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    number: i32,
    of: i32,
}

impl Part {
    pub(crate) const WHOLE: Self = Self { number: 0, of: 1 };

    pub(crate) fn all(of: i32) -> impl Iterator<Item = Self> {
        (0..of).map(move |number| Self { number, of })
    }
}

/// One page of a query, and the key from which the next page continues.
#[derive(Debug)]
pub(crate) struct QueryPage {
    pub(crate) items: Vec<Item>,
    pub(crate) last_key: Option<Item>,
}

/// Maps an SDK error: throttling, time-outs and server errors are [`Failure::Busy`] (a retry can succeed), anything
/// else is [`Failure::Broken`].
pub(crate) fn sort<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    const CONTENTION_CODES: [&str; 3] =
        ["LimitExceededException", "TransactionConflictException", "TransactionInProgressException"];
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let is_contention = code.is_some_and(|code| CONTENTION_CODES.contains(&code));
    if is_contention || aws::is_transient(&error) { Failure::Busy } else { Failure::broken(error) }
}

/// The back-off after try number `attempt` (from 1), with full jitter so that concurrent requests do not collide again:
/// at most 25 ms × 2^`attempt`; 0 is a short pause. ARCHITECTURE.md describes all retries ("Retries").
pub async fn pause(attempt: u32) {
    let most = 25u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=most))).await;
}

impl Store {
    pub(crate) async fn get(&self, table: &str, pk: &str, sk: &str, consistent: bool) -> Result<Option<Item>, Failure> {
        let output = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key(pk, sk)))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort)?;
        self.meter.call(Side::Read, &output.consumed_capacity);
        Ok(output.item)
    }

    /// Gets items of several tables in one call, or in several sequential calls for more than [`BATCH_KEYS_MAX`] keys.
    /// Missing items are left out; the order is not kept.
    ///
    /// A key that is wanted twice is requested once: DynamoDB refuses a batch with a duplicate key, and a lagging index
    /// may list an item under its old and its new key.
    pub(crate) async fn batch_get(&self, wants: Vec<Want>) -> Result<Vec<Item>, Failure> {
        let mut keys: Vec<(Want, Item)> = Vec::new();
        let mut requested = HashSet::new();
        for want in wants {
            let head = Want { keys: Vec::new(), ..want.clone() };
            for (pk, sk) in want.keys {
                let item = key(&pk, &sk);
                if requested.insert((head.table.clone(), pk, sk)) {
                    keys.push((head.clone(), item));
                }
            }
        }
        let mut found = Vec::new();
        for chunk in keys.chunks(BATCH_KEYS_MAX) {
            self.batch_get_chunk(chunk, &mut found).await?;
        }
        Ok(found)
    }

    async fn batch_get_chunk(&self, chunk: &[(Want, Item)], found: &mut Vec<Item>) -> Result<(), Failure> {
        let mut tables: HashMap<String, (bool, Vec<Item>)> = HashMap::new();
        for (want, key) in chunk {
            let (_, keys) = tables.entry(want.table.clone()).or_insert_with(|| (want.consistent, Vec::new()));
            keys.push(key.clone());
        }
        let mut missing: HashMap<String, KeysAndAttributes> = HashMap::new();
        for (table, (consistent, keys)) in tables {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
            missing.insert(table, keys.map_err(Failure::broken)?);
        }
        for attempt in 1..=BATCH_TRIES_MAX {
            let output = self
                .client
                .batch_get_item()
                .set_request_items(Some(missing))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(sort)?;
            self.meter.call(Side::Read, output.consumed_capacity());
            found.extend(output.responses.unwrap_or_default().into_values().flatten());
            missing = output.unprocessed_keys.unwrap_or_default();
            if missing.is_empty() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(Failure::Busy)
    }

    /// A query of this table; the caller adds its conditions.
    pub(crate) fn query_of(&self, table: &str) -> QueryFluentBuilder {
        self.client.query().table_name(table).return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// One page of a query.
    pub(crate) async fn query(&self, query: QueryFluentBuilder) -> Result<QueryPage, Failure> {
        let output = query.send().await.map_err(sort)?;
        self.meter.call(Side::Read, &output.consumed_capacity);
        Ok(QueryPage { items: output.items.unwrap_or_default(), last_key: output.last_evaluated_key })
    }

    /// All pages of a query.
    pub(crate) async fn query_all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        let mut last_key = None;
        loop {
            let page = self.query(query.clone().set_exclusive_start_key(last_key)).await?;
            items.extend(page.items);
            last_key = page.last_key;
            if last_key.is_none() {
                return Ok(items);
            }
        }
    }

    /// One conditional update outside a transaction. `Ok(false)` when its condition failed.
    pub(crate) async fn update_alone(&self, update: Update) -> Result<bool, Failure> {
        let sent = self
            .client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(output) => {
                self.meter.call(Side::Write, &output.consumed_capacity);
                Ok(true)
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(sort(error)),
        }
    }

    /// One unconditional delete outside a transaction.
    pub(crate) async fn delete_alone(&self, table: &str, key: Item) -> Result<(), Failure> {
        let output = self
            .client
            .delete_item()
            .table_name(table)
            .set_key(Some(key))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort)?;
        self.meter.call(Side::Write, &output.consumed_capacity);
        Ok(())
    }

    /// One page of a scan segment, strongly consistent.
    pub(crate) async fn scan(&self, table: &str, part: Part, last_key: Option<Item>) -> Result<QueryPage, Failure> {
        let output = self
            .client
            .scan()
            .table_name(table)
            .segment(part.number)
            .total_segments(part.of)
            .limit(SCAN_PAGE)
            .consistent_read(true)
            .set_exclusive_start_key(last_key)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort)?;
        self.meter.call(Side::Read, &output.consumed_capacity);
        Ok(QueryPage { items: output.items.unwrap_or_default(), last_key: output.last_evaluated_key })
    }
}
