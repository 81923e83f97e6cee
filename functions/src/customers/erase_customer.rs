//! `erase_customer`: POST `/api/v1/admin/customers/{customer_id}/erase`. An admin erases a customer's account, saved
//! addresses, and the contact data of the customer's orders. Orders, payments and points are kept for bookkeeping; they
//! contain no personal data.
//!
//! Safe to repeat: after an interruption the next request erases what is left.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::customers::ErasedView;
use domain::Refusal;
use domain::id::CustomerId;
use domain::order::Order;
use domain::profile::Profile;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin erases a customer's account and contact data.")
    .routes(&[HttpRoute::post("/api/v1/admin/customers/{customer_id}/erase", Admin)])
    .grants(&[
        Grant::Table(Orders, &[DeleteItem, GetItem, PutItem, Query, UpdateItem]),
        Grant::Users(&[AdminDeleteUser, AdminGetUser]),
    ]);

/// The number of orders per transaction.
const ORDERS_PER_TX: usize = 25;

/// Reads the caller, the key and the customer.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().orders, &request.admin()?, &request)?;
    let id = CustomerId::parse(request.path("customer_id")).ok_or(Refusal::CustomerNotFound)?;
    let work = erase_customer(app, &id, idempotency.as_ref());
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Erases the orders' contact data first. If an order is open, nothing is erased.
pub async fn erase_customer(app: &App, id: &CustomerId, idempotency: Option<&Idempotency>) -> Result<Answer, Failure> {
    if let Some(idempotency) = idempotency
        && let Some(before) = app.store.find_answer(idempotency, app.now()).await?
    {
        return Ok(before);
    }
    let has_orders = retry_on_stale_read(|| erase_orders(app, id)).await?;
    if !has_orders && !has_profile(app, id).await? && app.users.find(id).await?.is_none() {
        return Err(Refusal::CustomerNotFound.into());
    }
    app.users.delete(id).await?;
    let answer = Answer::new(202, &ErasedView::new(id))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.delete_profile(id)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

async fn has_profile(app: &App, id: &CustomerId) -> Result<bool, Failure> {
    Ok(app.store.load_profile(id).await? != Profile::default())
}

/// Returns whether the customer has any order.
async fn erase_orders(app: &App, id: &CustomerId) -> Result<bool, Rejected> {
    let (orders, now) = (app.store.all_orders_of(id).await?, app.now());
    if orders.iter().any(Order::is_open) {
        return Err(Refusal::CustomerHasOpenOrders.into());
    }
    let has_orders = !orders.is_empty();
    let named: Vec<Order> = orders.into_iter().filter(|order| order.contact.is_some()).collect();
    for group in named.chunks(ORDERS_PER_TX) {
        let mut tx = app.tx()?;
        for order in group {
            tx.save_order(&order.clone().erase_contact(now)?)?;
        }
        tx.commit().await?;
    }
    Ok(has_orders)
}
