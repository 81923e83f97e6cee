//! `charge_points`: POST /api/v1/points/charge. A customer puts points in.
//!
//! Emits `points.charged.v1`.

use crate::App;
use contracts::Failure;
use contracts::events::PointsChargedV1;
use contracts::points::{ChargePoints, ChargeView};
use domain::id::{CustomerId, EntryId};
use domain::money::Cents;
use domain::points::Wallet;
use runtime::http::{Request, Response};
use store::{Answer, Once, Rejected, settle};

/// Who, which key, how much.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let once = app.once(&customer, &request)?;
    let amount = Cents::new(request.json::<ChargePoints>()?.amount_cents);
    let work = charge_points(app, &customer, once.as_ref(), amount);
    let answer = app.answer_once(&app.store.tables().wallets, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Decides on what this environment last knew of the wallet, which saves a read; if that was wrong, or refuses the charge,
/// on the wallet itself.
pub async fn charge_points(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    amount: Cents,
) -> Result<Answer, Failure> {
    match charge(app, customer, once, amount, app.store.guess_wallet(customer)).await {
        Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
            settle(|| async {
                let wallet = app.store.load_wallet(customer).await?;
                charge(app, customer, once, amount, wallet).await
            })
            .await
        }
        charged => charged.map_err(Failure::from),
    }
}

async fn charge(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    amount: Cents,
    wallet: Wallet,
) -> Result<Answer, Rejected> {
    let (after, entry) = wallet.charge(EntryId::new(app.new_id()?), amount, app.shop(), app.now())?;
    let answer = Answer::new(200, &ChargeView::new(&entry, app.shop().currency))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().wallets, once, &answer)?;
    tx.move_points(customer, wallet, after, &entry)?;
    tx.emit(&PointsChargedV1::new(customer.clone(), after, &entry))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.store.remember_wallet(customer, after);
    Ok(answer)
}
