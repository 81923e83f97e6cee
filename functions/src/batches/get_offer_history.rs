//! `get_offer_history`: GET `/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}/history`. The reserved and
//! paid quantity of an offer over time, for a chart.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::{HistoryPointView, OfferHistoryView};
use domain::id::{EventId, OfferId, ProductId, SellWindowId};
use domain::{Moment, Refusal, counter};
use futures_util::future::try_join;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns the reserved and paid quantity of an offer per hour.")
        .routes(&[HttpRoute::get("/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}/history", Admin)])
        .grants(&[Grant::Table(Catalog, &[GetItem]), Grant::Table(Batches, &[Query])]);

/// Reads the offer's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let window = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::SellWindowNotFound)?;
    Response::ok(&get_offer_history(app, OfferId { window, product }).await?)
}

/// The history, from the log of the offer's counter. Costs half a read unit per 20 events of the log.
pub async fn get_offer_history(app: &App, id: OfferId) -> Result<OfferHistoryView, Failure> {
    let (_, log) = try_join(app.store.load_offer(id), app.store.whole_log(id)).await?;
    let changes = log.iter().map(|entry| (moment_of(entry.event), entry.delta)).collect();
    let points = counter::history(changes, &app.shop().timezone, app.now());
    Ok(OfferHistoryView { items: points.into_iter().map(HistoryPointView::from).collect() })
}

/// The time of an event, with which its id begins.
fn moment_of(event: EventId) -> Moment {
    let millis = i64::try_from(event.record().millis()).unwrap_or(i64::MAX);
    Moment::from_millisecond(millis).unwrap_or_default()
}
