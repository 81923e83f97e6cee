//! `receive_ecpay_callback`: POST /api/v1/webhooks/ecpay. ECPay reports the result of a trade, and repeats it until it is
//! acknowledged.
//!
//! The signature is checked before anything else is parsed. Acknowledges only after the commit, or when there is nothing to
//! commit. Emits the events of [`super::notices`].

use super::notices;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::payment::PaymentMethod;
use providers::payment::ecpay::{ACKNOWLEDGED, UNSIGNED};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::External, "Receives ECPay's callback about a trade.")
    .routes(&[HttpRoute::post("/api/v1/webhooks/ecpay", Public).any_query()])
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::EcpaySecret),
    ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let Some((provider, notice)) = notices::read(app, PaymentMethod::Ecpay, request.raw()).await? else {
        return Ok(Response::new(200, "text/plain", UNSIGNED.to_owned()));
    };
    notices::apply(app, PaymentMethod::Ecpay, provider.merchant(), &notice).await?;
    Ok(Response::new(200, "text/plain", ACKNOWLEDGED.to_owned()))
}
