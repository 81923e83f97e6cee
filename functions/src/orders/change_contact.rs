//! `change_contact`: PATCH `/api/v1/orders/{order_id}/contact` by its customer until the order waits to be shipped, PATCH
//! `/api/v1/admin/orders/{order_id}/contact` by an admin until it is shipped. Corrects name, phone and address. The
//! delivery fee stays as it was agreed, so a customer cannot move an order to an island whose surcharge it has not paid.

use super::get_order::address;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::{ChangeContact, OrderView};
use domain::contact::ContactChange;
use domain::order::Actor;
use runtime::http::{Request, Response};
use store::{OrderKey, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Shop, "A customer or an admin corrects an order's contact data before it is shipped.")
        .routes(&[
            HttpRoute::patch("/api/v1/orders/{order_id}/contact", Customer),
            HttpRoute::patch("/api/v1/admin/orders/{order_id}/contact", Admin),
        ])
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Index(Orders, "by_number"),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Read(Secret::ContactKeysSecret),
        ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let by = request.actor()?;
    let change = request.json::<ChangeContact>()?.parse()?;
    let key = address(app, &request).await?;
    Response::ok(&retry_on_stale_read(|| change_contact(app, &key, &by, &change)).await?)
}

pub async fn change_contact(
    app: &App,
    key: &OrderKey,
    by: &Actor,
    change: &ContactChange,
) -> Result<OrderView, Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let changed = order.clone().change_contact(by, change.clone(), app.now())?;
    if let Some(shipping) = order.shipping_to_check(by, change) {
        app.store.shown_shipping_methods(app.now()).await?.check_move(shipping, change.postal_code())?;
    }
    let changed = app.with_contact_hashes(changed).await;
    let mut tx = app.tx()?;
    tx.save_order(&changed)?;
    tx.commit().await?;
    Ok(OrderView::with_contact(&changed))
}
