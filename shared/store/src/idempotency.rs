//! Idempotency: one effect per (caller, key). The record is part of the effect's transaction; the same key and body get
//! the first answer again.

use crate::db::{Item, from_item};
use crate::{Store, Tx};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a key is remembered.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// An answer that can be given again: a status and a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: String,
}

impl Answer {
    /// # Errors
    /// [`Failure::Broken`] when the view cannot be written as JSON.
    pub fn new(status: u16, view: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self { status, body: serde_json::to_string(view).map_err(Failure::broken)? })
    }
}

/// A request that says it is one request, however often it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Who asks: a key belongs to its caller.
    pub owner: String,
    /// The caller's key.
    pub key: String,
    /// What is asked, as a hash: the same key with another one is refused.
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
        format!("IDEMPOTENCY#{}#{}", self.owner, self.key)
    }

    /// The remembered answer, or the refusal of another request under the same key.
    fn compare(&self, record: Record) -> Result<Answer, Refusal> {
        if record.fingerprint == self.fingerprint {
            Ok(Answer { status: record.status, body: record.body })
        } else {
            Err(Refusal::IdempotencyKeyReused)
        }
    }

    /// Reads the record that stood in the way of a transaction; `None` when it is the transaction's own.
    pub(crate) fn read(&self, item: Item, tx: &str) -> Result<Option<Answer>, Failure> {
        let record: Record = from_item(item)?;
        if record.tx == tx { Ok(None) } else { Ok(Some(self.compare(record)?)) }
    }
}

impl Tx<'_> {
    /// Makes the transaction happen once for `idempotency`, and remembers `answer` beside the effect, in the effect's `table`.
    pub fn idempotent(
        &mut self,
        table: &str,
        idempotency: Option<&Idempotency>,
        answer: &Answer,
    ) -> Result<(), Failure> {
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
        let put = crate::db::put(table, &record)?
            // A record whose time is over may still lie there: DynamoDB removes it within days, not at once.
            .condition_expression("attribute_not_exists(pk) OR expires_at < :now")
            .expression_attribute_values(":now", AttributeValue::N(self.now().as_second().to_string()));
        self.add_idempotency(put, idempotency.clone())
    }
}

impl Store {
    /// The answer that was given under this key, if there was one. For a request that is refused by the present state:
    /// the first time it may have been its own effect that changed the state.
    ///
    /// # Errors
    /// [`Refusal::IdempotencyKeyReused`].
    pub async fn find_answer(
        &self,
        table: &str,
        idempotency: &Idempotency,
        now: Moment,
    ) -> Result<Option<Answer>, Failure> {
        let Some(item) = self.get(table, &idempotency.pk(), "META", true).await? else { return Ok(None) };
        let record: Record = from_item(item)?;
        if record.expires_at < now.as_second() {
            return Ok(None);
        }
        Ok(Some(idempotency.compare(record)?))
    }
}
