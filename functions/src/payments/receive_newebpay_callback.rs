//! `receive_newebpay_callback`: POST /api/v1/webhooks/newebpay. NewebPay says what became of a trade, and says it again
//! until it is answered with 200.
//!
//! The envelope's signature is checked before it is opened. Emits what [`super::notice`] does.

use super::notice;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Refusal;
use domain::payment::PaymentMethod;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::External, "NewebPay says what became of a trade.")
    .routes(&[HttpRoute::post("/api/v1/webhooks/newebpay", Public)])
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::NewebpaySecret),
    ]);

/// What was said, by whom.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let read = notice::read(app, PaymentMethod::Newebpay, request.raw()).await?;
    let (provider, notice) = read.ok_or(Refusal::CallbackNotAccepted)?;
    notice::apply(app, PaymentMethod::Newebpay, provider.merchant(), &notice).await?;
    Ok(Response::new(200, "text/plain", "OK".to_owned()))
}
