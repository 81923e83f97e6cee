//! `end_sell_window`: POST `/api/v1/admin/sell-windows/{sell_window_id}/close`. An admin ends a sell window now.
//!
//! Its offers accept no more orders. Within a minute `close_sell_windows` applies the rules of each offer: it is extended,
//! is missed, or waits for the confirmation of its batch.

use super::Shown;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::id::SellWindowId;
use domain::sell_window::SellWindow;
use domain::{Moment, Refusal};
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin ends a sell window now; the rules of each offer decide what follows.")
        .routes(&[HttpRoute::post("/api/v1/admin/sell-windows/{sell_window_id}/close", Admin)])
        .grants(&[
            Grant::Table(Catalog, &[BatchGetItem, GetItem, PutItem, Query, UpdateItem]),
            Grant::Table(Counters, &[BatchGetItem, GetItem, UpdateItem]),
            Grant::Table(Batches, &[DeleteItem, PutItem]),
        ]);

/// The caller, the key and the window.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    let now = app.now();
    let work = retry_on_stale_read(|| end_sell_window(app, id, idempotency.as_ref(), now));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Closes the offers one after the other, then the window. After an interruption, a repeated request continues.
async fn end_sell_window(
    app: &App,
    id: SellWindowId,
    idempotency: Option<&Idempotency>,
    now: Moment,
) -> Result<Answer, Rejected> {
    let (window, offers) = app.store.load_window(id).await?;
    if now <= window.start_at || (window.end_at <= now && offers.iter().all(|offer| offer.closes_at <= now)) {
        return Err(Refusal::SellWindowNotOpen.into());
    }
    for offer in offers.iter().filter(|offer| offer.closes_at > now) {
        retry_on_stale_read(|| super::move_closing(app, offer.id, now, now)).await?;
    }
    let (window, offers) = app.store.load_window(id).await?;
    let ended = SellWindow { end_at: window.end_at.min(now), ..window.clone() };
    let number = offers.len();
    let view = super::view_windows(app, &[(ended.clone(), offers)], Shown::All)
        .await?
        .pop()
        .ok_or(Refusal::SellWindowNotFound)?;
    let answer = Answer::new(200, &view)?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_window(&window, number, &ended)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
