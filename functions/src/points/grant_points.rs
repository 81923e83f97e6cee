//! `grant_points`: POST `/api/v1/admin/customers/{customer_id}/points`. An admin gives points to a customer, or takes
//! points back.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::points::{ChargeView, GrantPoints};
use domain::Refusal;
use domain::id::{CustomerId, EntryId};
use domain::money::Cents;
use domain::text::Reason;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin gives points to a customer, or takes points back.")
        .routes(&[HttpRoute::post("/api/v1/admin/customers/{customer_id}/points", Admin)])
        .grants(&[Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem])]);

/// The caller, the key, the customer, the amount and the reason.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().wallets, &request.admin()?, &request)?;
    let customer = CustomerId::parse(request.path("customer_id")).ok_or(Refusal::CustomerNotFound)?;
    let (amount, reason) = request.json::<GrantPoints>()?.parse()?;
    let work = retry_on_stale_read(|| grant_points(app, &customer, idempotency.as_ref(), amount, &reason));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn grant_points(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    amount: Cents,
    reason: &Reason,
) -> Result<Answer, Rejected> {
    let wallet = app.store.load_wallet(customer).await?;
    let grant = (amount, reason.clone());
    let (after, entry) = wallet.grant(EntryId::new(app.new_id()?), grant, app.shop(), app.now())?;
    let answer = Answer::new(200, &ChargeView::new(&entry, app.shop().currency))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.move_points(customer, wallet, after, &entry)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
