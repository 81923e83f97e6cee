//! `receive_ecpay_callback`: POST /api/v1/webhooks/ecpay. ECPay says what became of a trade, and says it again until it is
//! acknowledged.
//!
//! The signature is checked before anything is read. Acknowledged is only what is written, or what there is nothing to
//! write of. Emits what [`super::notice`] does.

use super::notice;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::payment::PaymentMethod;
use providers::payment::ecpay::{ACKNOWLEDGED, UNSIGNED};
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::External, "ECPay says what became of a trade.")
    .routes(&[HttpRoute::post("/api/v1/webhooks/ecpay", Public)])
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::EcpaySecret),
    ]);

/// What was said, by whom.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let Some((provider, notice)) = notice::read(app, PaymentMethod::Ecpay, request.raw()).await? else {
        return Ok(Response::new(200, "text/plain", UNSIGNED.to_owned()));
    };
    notice::apply(app, PaymentMethod::Ecpay, provider.merchant(), &notice).await?;
    Ok(Response::new(200, "text/plain", ACKNOWLEDGED.to_owned()))
}
