//! The activity log: what each member of the staff has done. Its entry is written in the transaction of the command's
//! effect.

use crate::db::{Item, from_item, key, malformed_key, put, string, text};
use crate::{Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::id::{CustomerId, RecordId};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The object of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The type, for example `order` or `sell_window`.
    pub kind: String,
    pub id: String,
}

/// A staff member's command: the actor and the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub by: CustomerId,
    /// The use case.
    pub action: &'static str,
    pub subject: Subject,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: RecordId,
    pub at: Moment,
    pub by: CustomerId,
    pub action: String,
    pub subject: Subject,
    pub correlation_id: String,
}

/// A filter for entries of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityFilter {
    pub by: Option<CustomerId>,
    /// The id of a subject.
    pub subject: Option<String>,
    /// The start of the period.
    pub from: Moment,
    /// The end of the period (exclusive).
    pub to: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct ActivityItem {
    pk: String,
    sk: RecordId,
    #[serde(with = "time")]
    at: Moment,
    by: CustomerId,
    action: String,
    subject_type: String,
    subject_id: String,
    correlation_id: String,
}

fn day_of(at: Moment) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Admins give some thousand commands a month, so a month's partition is never hot.
fn partition(day: Date) -> String {
    format!("ACTIVITY#{:04}-{:02}", day.year(), day.month())
}

/// The moment that a record's id contains: the entry's month follows from its id alone.
fn made(id: RecordId) -> Moment {
    i64::try_from(id.millis()).ok().and_then(|millis| Moment::from_millisecond(millis).ok()).unwrap_or(Moment::MAX)
}

/// The smallest id of a record that was made at this time or later.
fn first_at(at: Moment) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
}

fn read(item: Item) -> Result<Activity, Failure> {
    let item: ActivityItem = from_item(item)?;
    Ok(Activity {
        id: item.sk,
        at: item.at,
        by: item.by,
        action: item.action,
        subject: Subject { kind: item.subject_type, id: item.subject_id },
        correlation_id: item.correlation_id,
    })
}

impl Store {
    /// A page of the log, newest first.
    pub async fn list_activity(&self, filter: &ActivityFilter, page: &PageQuery) -> Result<Page<Activity>, Failure> {
        let is_position = |id: &str| RecordId::parse(id).is_some();
        let mut after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let begins = after.as_deref().and_then(RecordId::parse).map_or(filter.to, made).min(filter.to);
        let (mut day, oldest) = (day_of(begins), day_of(filter.from).first_of_month());
        let mut items = Vec::new();
        while day >= oldest && items.len() <= page.limit.get() {
            let found = self.query(self.month_of_activity(filter, day, after.take())).await?;
            items.extend(found.items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?);
            match found.last_key {
                Some(last) => {
                    let sk = text(&last, "sk").ok_or_else(|| malformed_key("activity", &partition(day), ""))?;
                    after = Some(sk.to_owned());
                }
                None => day = day.first_of_month().saturating_sub(Span::new().days(1)),
            }
        }
        let has_more = items.len() > page.limit.get();
        items.truncate(page.limit.get());
        let next_cursor = items.last().filter(|_| has_more).map(|last| cursor::encode(&last.id.to_string()));
        Ok(Page { items, next_cursor })
    }

    fn month_of_activity(
        &self,
        filter: &ActivityFilter,
        day: Date,
        after: Option<String>,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        let pk = partition(day);
        let mut query = self
            .query_of(&self.tables.activity)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", string(&pk))
            .expression_attribute_values(":first", string(first_at(filter.from)))
            .expression_attribute_values(":last", string(first_at(filter.to)))
            .set_exclusive_start_key(after.map(|id| key(&pk, &id)))
            .consistent_read(true)
            .scan_index_forward(false);
        let mut conditions = Vec::new();
        if let Some(by) = &filter.by {
            conditions.push("#by = :by");
            query = query
                .expression_attribute_names("#by", "by")
                .expression_attribute_values(":by", string(by.to_string()));
        }
        if let Some(subject) = &filter.subject {
            conditions.push("subject_id = :subject");
            query = query.expression_attribute_values(":subject", string(subject));
        }
        let wanted = Some(conditions.join(" AND ")).filter(|wanted| !wanted.is_empty());
        query.set_filter_expression(wanted)
    }
}

impl Tx<'_> {
    /// Names the command's object, if its route does not: a created object, or one of several.
    pub fn about(&mut self, kind: &str, id: impl ToString) {
        if let Some(command) = &mut self.command {
            command.subject = Subject { kind: kind.to_owned(), id: id.to_string() };
        }
    }

    /// Writes the command's entry into the log, in the transaction of its effect.
    pub(crate) fn log_activity(&mut self) -> Result<(), Failure> {
        let Some(command) = self.command.take() else { return Ok(()) };
        let id = self.record();
        let item = ActivityItem {
            pk: partition(day_of(made(id))),
            sk: id,
            at: self.now(),
            by: command.by,
            action: command.action.to_owned(),
            subject_type: command.subject.kind,
            subject_id: command.subject.id,
            correlation_id: self.correlation_id().to_owned(),
        };
        let table = self.tables().activity.clone();
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_a_moment_on_are_not_before_its_first_id() {
        let at: Moment = "2026-11-21T12:00:00.123Z".parse().unwrap();
        let id = |millis: i64| {
            let millis = u64::try_from(millis).unwrap();
            RecordId::new(uuid::Builder::from_unix_timestamp_millis(millis, &[7; 10]).into_uuid())
        };
        let now = id(at.as_millisecond());
        assert_eq!((made(now), partition(day_of(made(now)))), (at, "ACTIVITY#2026-11".to_owned()));
        assert!(now.to_string() > first_at(at));
        assert!(id(at.as_millisecond() - 1).to_string() < first_at(at));
    }
}
