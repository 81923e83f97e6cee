//! `charge_points`: POST /api/v1/points/charge. A customer adds points to the balance.
//!
//! Emits `points.charged.v1`.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::PointsChargedV1;
use contracts::points::{ChargePoints, ChargeView};
use domain::id::{CustomerId, EntryId};
use domain::money::Cents;
use domain::points::Wallet;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer adds points to the balance.")
    .routes(&[HttpRoute::post("/api/v1/points/charge", Customer)])
    .grants(&[Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem]), Grant::Table(Outbox, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let idempotency = app.idempotency(&app.store.tables().wallets, &customer, &request)?;
    let amount = Cents::new(request.json::<ChargePoints>()?.amount_cents);
    let work = charge_points(app, &customer, idempotency.as_ref(), amount);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Decides with the cached wallet, which saves a read; if it was outdated or the charge is refused, decides again after
/// reading the wallet.
pub async fn charge_points(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    amount: Cents,
) -> Result<Answer, Failure> {
    match charge(app, customer, idempotency, amount, app.store.guess_wallet(customer)).await {
        Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
            retry_on_stale_read(|| async {
                let wallet = app.store.load_wallet(customer).await?;
                charge(app, customer, idempotency, amount, wallet).await
            })
            .await
        }
        charged => charged.map_err(Failure::from),
    }
}

async fn charge(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    amount: Cents,
    wallet: Wallet,
) -> Result<Answer, Rejected> {
    let (after, entry) = wallet.charge(EntryId::new(app.new_id()?), amount, app.shop(), app.now())?;
    let answer = Answer::new(200, &ChargeView::new(&entry, app.shop().currency))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.move_points(customer, wallet, after, &entry)?;
    tx.emit(&PointsChargedV1::new(customer.clone(), after, &entry))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.store.remember_wallet(customer, after);
    Ok(answer)
}
