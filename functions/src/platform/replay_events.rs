//! `replay_events`: POST `/api/v1/admin/outbox/replay`. An admin replays all failed events, or the events sent within a
//! period.
//!
//! One request takes up to [`RECORDS_PER_REQUEST_MAX`] records of the outbox, in transactions of [`RECORDS_PER_TX`];
//! the next request continues. An interrupted request can be repeated: an event that already waits for its replay is
//! published once.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::{ReplayEvents, ReplayedView};
use domain::outbox::OutboxStatus;
use runtime::http::{Request, Response};
use store::outbox::{Record, ReplayRange};
use store::{Answer, Idempotency, TX_ITEMS_MAX};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin replays all failed events, or the events sent within a period.")
        .routes(&[HttpRoute::post("/api/v1/admin/outbox/replay", Admin)])
        .grants(&[Grant::Table(Outbox, &[BatchGetItem, DeleteItem, GetItem, PutItem, Query, UpdateItem])]);

/// The number of records of one transaction: each is three writes.
const RECORDS_PER_TX: usize = 30;
const _: () = assert!(3 * RECORDS_PER_TX + 2 <= TX_ITEMS_MAX, "with the idempotency record and the activity entry");
/// The number of records of one request, so that it ends within the time-out.
const RECORDS_PER_REQUEST_MAX: usize = 300;

/// The caller, the key and the events.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().outbox, &request.admin()?, &request)?;
    let (status, range) = request.json::<ReplayEvents>()?.parse(app.now())?;
    let range = ReplayRange { from: range.0, to: range.1 };
    let work = replay_events(app, idempotency.as_ref(), status, range);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Marks a page of them to be replayed.
pub async fn replay_events(
    app: &App,
    idempotency: Option<&Idempotency>,
    status: OutboxStatus,
    range: ReplayRange,
) -> Result<Answer, Failure> {
    if let Some(idempotency) = idempotency
        && let Some(before) = app.store.find_answer(idempotency, app.now()).await?
    {
        return Ok(before);
    }
    let (records, next_from) = app.store.records_to_replay(status, range, RECORDS_PER_REQUEST_MAX).await?;
    let events = records.iter().map(|record| record.events.len()).sum();
    let answer = Answer::new(202, &ReplayedView { status: status.as_str().to_owned(), events, next_from })?;
    let mut groups: Vec<&[Record]> = records.chunks(RECORDS_PER_TX).collect();
    let last = groups.pop().unwrap_or_default();
    for group in groups {
        put_in_line(app, None, &answer, status, group).await?;
    }
    put_in_line(app, idempotency, &answer, status, last).await
}

async fn put_in_line(
    app: &App,
    idempotency: Option<&Idempotency>,
    answer: &Answer,
    status: OutboxStatus,
    group: &[Record],
) -> Result<Answer, Failure> {
    if group.is_empty() && idempotency.is_none() {
        return Ok(answer.clone());
    }
    let mut tx = app.tx()?;
    tx.about("outbox", status.as_str());
    tx.idempotent(idempotency, answer)?;
    for record in group {
        tx.replay_record(record.id)?;
    }
    Ok(tx.commit().await?.unwrap_or_else(|| answer.clone()))
}
