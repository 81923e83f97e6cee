//! `get_order`: GET `/api/v1/orders/{order_id}` for its customer, GET `/api/v1/admin/orders/{order_id}` for an admin.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::OrderView;
use domain::Refusal;
use domain::id::OrderId;
use runtime::http::{Request, Response};
use store::OrderKey;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer's own order, or any order for an admin.")
    .routes(&[
        HttpRoute::get("/api/v1/orders/{order_id}", Customer),
        HttpRoute::get("/api/v1/admin/orders/{order_id}", Admin),
    ])
    .grants(&[Grant::Table(Orders, &[GetItem]), Grant::Index(Orders, "by_number")]);

/// Who, which.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let key = address(app, &request).await?;
    let order = app.store.load_order(&key.customer, key.id).await?;
    Response::ok(&OrderView::from(&order))
}

/// Where the request's order is: under the customer's own key, or wherever the index says for an admin. Another customer's
/// order is not found.
pub(crate) async fn address(app: &App, request: &Request) -> Result<OrderKey, Failure> {
    let id = OrderId::parse(request.path("order_id")).ok_or(Refusal::OrderNotFound)?;
    if request.is_admin_route() {
        app.store.locate_order(id).await
    } else {
        Ok(OrderKey { customer: request.customer()?, id })
    }
}
