//! `get_order`: GET `/api/v1/orders/{order_id}`. A customer's own order, with its contact.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::OrderView;
use domain::Refusal;
use domain::id::OrderId;
use runtime::http::{Request, Response};
use store::OrderKey;

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns a customer's own order.")
    .routes(&[HttpRoute::get("/api/v1/orders/{order_id}", Customer)])
    .grants(&[Grant::Table(Orders, &[GetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let key = address(app, &request).await?;
    let order = app.store.load_order(&key.customer, key.id).await?;
    Response::ok(&OrderView::with_contact(&order))
}

/// The key of the requested order: below the customer's own key, or for an admin by the index. Another customer's order is
/// not found.
pub(crate) async fn address(app: &App, request: &Request) -> Result<OrderKey, Failure> {
    let id = OrderId::parse(request.path("order_id")).ok_or(Refusal::OrderNotFound)?;
    if request.is_admin_route() {
        app.store.locate_order(id, app.shop()).await
    } else {
        Ok(OrderKey { customer: request.customer()?, id })
    }
}
