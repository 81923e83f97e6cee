//! Idempotency records: one effect per caller, route and key. The record is written in the effect's transaction; a
//! replay of the request gets the first answer.

use crate::db::{Item, from_item};
use crate::{Store, Tx};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The time for which a key is remembered.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A response that can be replayed: a status and a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl Answer {
    /// # Errors
    /// [`Failure::Broken`] when the view cannot be serialized.
    pub fn new(status: u16, view: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self { status, body: serde_json::to_string(view).map_err(Failure::broken)? })
    }
}

/// A request's idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The table of the request's effect, which also has the record.
    pub table: String,
    /// The caller; each caller has its own keys.
    pub owner: String,
    /// The route; each route has its own keys, also if they share a table.
    pub route: &'static str,
    pub key: String,
    /// A hash of the request. The same key with a different request is refused.
    pub fingerprint: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    pk: String,
    sk: String,
    fingerprint: String,
    tx: String,
    status: u16,
    body: String,
    expires_at: i64,
}

impl Idempotency {
    fn pk(&self) -> String {
        format!("IDEMPOTENCY#{}#{}#{}", self.owner, self.route, self.key)
    }

    /// The recorded response, or the refusal of a different request with the same key.
    fn compare(&self, record: Record) -> Result<Answer, Refusal> {
        if record.fingerprint == self.fingerprint {
            Ok(Answer { status: record.status, body: record.body })
        } else {
            Err(Refusal::IdempotencyKeyReused)
        }
    }

    /// Reads the record that failed the transaction's condition. `None` if this transaction itself wrote it.
    pub(crate) fn read(&self, item: Item, tx: &str) -> Result<Option<Answer>, Failure> {
        let record: Record = from_item(item)?;
        if record.tx == tx { Ok(None) } else { Ok(Some(self.compare(record)?)) }
    }
}

impl Tx<'_> {
    /// Records the response under the idempotency key, in the transaction and table of the effect.
    pub fn idempotent(&mut self, idempotency: Option<&Idempotency>, answer: &Answer) -> Result<(), Failure> {
        let Some(idempotency) = idempotency else { return Ok(()) };
        let record = Record {
            pk: idempotency.pk(),
            sk: "META".to_owned(),
            fingerprint: idempotency.fingerprint.clone(),
            tx: self.record().to_string(),
            status: answer.status,
            body: answer.body.clone(),
            expires_at: self.now().saturating_add(KEY_LIFE).unwrap_or(Moment::MAX).as_second(),
        };
        let put = crate::db::put(&idempotency.table, &record)?
            // An expired record may still exist: DynamoDB deletes it within days.
            .condition_expression("attribute_not_exists(pk) OR expires_at < :now")
            .expression_attribute_values(":now", AttributeValue::N(self.now().as_second().to_string()));
        self.add_idempotency(put, idempotency.clone())
    }
}

impl Store {
    /// The response that was recorded under this key. It is needed when the current state refuses a request, because the
    /// state may be the effect of the first try of the same request.
    ///
    /// # Errors
    /// [`Refusal::IdempotencyKeyReused`].
    pub async fn find_answer(&self, idempotency: &Idempotency, now: Moment) -> Result<Option<Answer>, Failure> {
        let Some(item) = self.get(&idempotency.table, &idempotency.pk(), "META", true).await? else { return Ok(None) };
        let record: Record = from_item(item)?;
        if record.expires_at < now.as_second() {
            return Ok(None);
        }
        Ok(Some(idempotency.compare(record)?))
    }
}
