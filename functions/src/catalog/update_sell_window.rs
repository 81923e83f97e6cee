//! `update_sell_window`: PATCH `/api/v1/admin/sell-windows/{sell_window_id}`. An admin changes the name, start or end of a
//! sell window.

use super::Shown;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::{SellWindowView, UpdateSellWindow};
use domain::id::SellWindowId;
use domain::sell_window::WindowChange;
use domain::{Moment, Refusal};
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin changes the name, start or end of a sell window.")
        .routes(&[HttpRoute::patch("/api/v1/admin/sell-windows/{sell_window_id}", Admin)])
        .grants(&[
            Grant::Table(Catalog, &[BatchGetItem, GetItem, Query, UpdateItem]),
            Grant::Table(Counters, &[BatchGetItem, GetItem, UpdateItem]),
            Grant::Table(Batches, &[DeleteItem, PutItem]),
        ]);

/// The window and its changes.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    let change = request.json::<UpdateSellWindow>()?.parse()?;
    let now = app.now();
    retry_on_stale_read(|| update_sell_window(app, id, &change, now)).await?;
    Response::ok(&view(app, id).await?)
}

/// Moves the offers one after the other, then changes the window. After an interruption, a repeated request continues.
async fn update_sell_window(app: &App, id: SellWindowId, change: &WindowChange, now: Moment) -> Result<(), Rejected> {
    let (window, offers) = app.store.load_window(id).await?;
    let changed = window.change(change, now)?;
    if change.end_at.is_some() {
        for offer in &offers {
            // An extended offer closes later than its window; moving the window's end does not shorten the extension.
            let closes_at = if offer.extended { changed.end_at.max(offer.closes_at) } else { changed.end_at };
            retry_on_stale_read(|| super::move_closing(app, offer.id, closes_at, now)).await?;
        }
    }
    let mut tx = app.tx()?;
    tx.save_window(&window, offers.len(), &changed)?;
    tx.commit().await?;
    Ok(())
}

/// The changed window.
async fn view(app: &App, id: SellWindowId) -> Result<SellWindowView, Failure> {
    let found = app.store.load_window(id).await?;
    super::view_windows(app, &[found], Shown::All).await?.pop().ok_or(Refusal::SellWindowNotFound.into())
}
