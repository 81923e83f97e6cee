//! `receive_newebpay_callback`: POST /api/v1/webhooks/newebpay. NewebPay reports the result of a trade, and repeats it
//! until the response is 200.
//!
//! The envelope's signature is checked before it is decrypted. Emits the events of [`super::notices`].

use super::notices;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Refusal;
use domain::payment::PaymentMethod;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::External, "Receives NewebPay's callback about a trade.")
    .routes(&[HttpRoute::post("/api/v1/webhooks/newebpay", Public).any_query()])
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::NewebpaySecret),
    ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let read = notices::read(app, PaymentMethod::Newebpay, request.raw()).await?;
    let (provider, notice) = read.ok_or(Refusal::CallbackNotAccepted)?;
    notices::apply(app, PaymentMethod::Newebpay, provider.merchant(), &notice).await?;
    Ok(Response::new(200, "text/plain", "OK".to_owned()))
}
