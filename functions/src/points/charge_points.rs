//! `charge_points`: POST /api/v1/points/charge. A customer buys points with a payment at a provider; its success credits
//! them.
//!
//! With the setting `trusted` the points are credited immediately, because only a till that has already taken the money can
//! call the route; then it emits `points.charged.v1`.

use crate::App;
use crate::manifest::prelude::*;
use crate::payments::top_up::{self, TopUp};
use contracts::Failure;
use contracts::events::PointsChargedV1;
use contracts::points::{ChargePoints, ChargeView, must_be_a_provider};
use domain::Refusal;
use domain::id::{CustomerId, EntryId};
use domain::money::Cents;
use domain::points::{PointsCharging, Wallet};
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::External, "A customer buys points with a payment at a provider.")
    .routes(&[HttpRoute::post("/api/v1/points/charge", Customer)])
    .grants(&[
        Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::EcpaySecret),
        Grant::Read(Secret::NewebpaySecret),
        Grant::Read(Secret::LinePaySecret),
    ]);

/// Reads the caller, the key, the amount and the method.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let body = request.json::<ChargePoints>()?;
    let (amount, method) = (Cents::new(body.amount_cents), body.method()?);
    let answer = match app.shop().points_charging {
        PointsCharging::Trusted => {
            let idempotency = app.idempotency(&app.store.tables().wallets, &customer, &request)?;
            let work = charge_points(app, &customer, idempotency.as_ref(), amount);
            app.idempotent_answer(idempotency.as_ref(), work).await?
        }
        PointsCharging::Payment => {
            let idempotency = app.idempotency(&app.store.tables().payments, &customer, &request)?;
            let method = method.ok_or_else(|| Refusal::from(must_be_a_provider()))?;
            let base = app.public_url(request.domain());
            let idempotency = idempotency.as_ref();
            let wish = TopUp { customer: &customer, amount, method, idempotency, base: &base };
            app.idempotent_answer(idempotency, top_up::begin(app, &wish)).await?
        }
    };
    Ok(Response::json(answer.status, answer.body))
}

/// Decides with the wallet in the environment's cache, which saves a read. If that is outdated or refuses the charge,
/// decides with the stored wallet.
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
