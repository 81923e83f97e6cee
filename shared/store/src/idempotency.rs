//! Idempotency records: one effect per caller, route and key. The record is written in the effect's transaction; a
//! replay of the request gets the first answer.

use crate::db::{Item, from_item};
use crate::{Store, Tx};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a key is remembered.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A replayable answer: a status and a JSON body.
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
    /// The table of the effect, in which the record is kept.
    pub table: String,
    /// The caller; each caller has its own keys.
    pub owner: String,
    /// The route; each route has its own keys, whichever table its record is in.
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

    /// The recorded answer, or the refusal of a different request with the same key.
    fn compare(&self, record: Record) -> Result<Answer, Refusal> {
        if record.fingerprint == self.fingerprint {
            Ok(Answer { status: record.status, body: record.body })
        } else {
            Err(Refusal::IdempotencyKeyReused)
        }
    }

    /// Reads the record that failed the transaction's condition. `None` when this very transaction wrote it.
    pub(crate) fn read(&self, item: Item, tx: &str) -> Result<Option<Answer>, Failure> {
        let record: Record = from_item(item)?;
        if record.tx == tx { Ok(None) } else { Ok(Some(self.compare(record)?)) }
    }
}

impl Tx<'_> {
    /// Records `answer` under the idempotency key in the effect's transaction, in the effect's table.
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
            // An expired record may still be there: DynamoDB deletes it within days.
            .condition_expression("attribute_not_exists(pk) OR expires_at < :now")
            .expression_attribute_values(":now", AttributeValue::N(self.now().as_second().to_string()));
        self.add_idempotency(put, idempotency.clone())
    }
}

impl Store {
    /// The answer that was recorded under this key. Needed when the current state refuses a request: the state may be
    /// the effect of the same request's first try.
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
