//! `search_orders`: GET /api/v1/admin/orders. An admin looks for orders by number, by id or by status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::orders::OrderView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::Refusal;
use domain::id::OrderId;
use domain::order::{Order, OrderNo, OrderStatus};
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin looks orders up by status, number or id.")
    .routes(&[HttpRoute::get("/api/v1/admin/orders", Admin)])
    .grants(&[
        Grant::Table(Orders, &[BatchGetItem]),
        Grant::Index(Orders, "by_number"),
        Grant::Index(Orders, "by_worklist"),
    ]);

/// What an admin looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// The order of this number.
    Number(OrderNo),
    /// The order of this id.
    Id(OrderId),
    /// Orders in any of these statuses.
    Statuses(Vec<OrderStatus>),
    /// Something that no order has.
    Nothing,
}

/// What, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let search = match (request.query("order_no"), request.query("order_id"), request.query("status")) {
        (Some(number), _, _) => OrderNo::parse(number).map_or(Search::Nothing, Search::Number),
        (None, Some(id), _) => OrderId::parse(id).map_or(Search::Nothing, Search::Id),
        (None, None, Some(status)) => Search::Statuses(vec![OrderStatus::parse("status", status)?]),
        (None, None, None) => Search::Statuses(OrderStatus::ALL.to_vec()),
    };
    let found = search_orders(app, &search, &page).await?;
    Response::ok(&found.map(|order| OrderView::from(&order)))
}

/// A page of what was found. A number or an id finds one order, or none: a search is never "not found".
pub async fn search_orders(app: &App, search: &Search, page: &PageQuery) -> Result<Page<Order>, Failure> {
    let keys = match search {
        Search::Number(number) => app.store.find_orders_by_number(number).await?,
        Search::Id(id) => match app.store.locate_order(*id).await {
            Ok(key) => vec![key],
            Err(Failure::Refused(Refusal::OrderNotFound)) => Vec::new(),
            Err(failure) => return Err(failure),
        },
        Search::Statuses(statuses) => {
            return app.store.search_orders(statuses, page.limit, page.cursor.as_deref(), app.now()).await;
        }
        Search::Nothing => Vec::new(),
    };
    Ok(Page { items: app.store.load_orders(&keys).await?, next_cursor: None })
}
