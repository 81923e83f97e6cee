//! `abandon_batch`: queue, on `offer.missed.v1`, `batch.canceled.v1`, `production.failed.v1`, and `batch.page_due.v1` with
//! the work `ABANDON`. Cancels or fails the orders of a batch that will not be produced.
//!
//! Each order releases its holds. If it is paid, a refund is requested, and a coupon that is still valid is returned. An
//! order becomes CANCELED if the batch was never produced (emits `order.canceled.v1`), and FAILED if its production failed
//! (`order.failed.v1`).

use super::pagination;
use crate::App;
use crate::manifest::prelude::*;
use crate::orders::cancel_order::cancel_order;
use crate::orders::unfulfilled::fail_paid;
use contracts::Failure;
use contracts::events::{
    BatchCanceledV1, BatchPageDueV1, BatchWork, Event, OfferMissedV1, ProductionFailedV1, RawEnvelope,
};
use domain::Refusal;
use domain::batch::{Batch, BatchStatus};
use domain::id::BatchId;
use domain::order::{Actor, OrderStatus, ShopReason};
use domain::text::Reason;
use store::OrderKey;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Cancels and refunds the orders of a batch that will not be produced, page by page.")
        .queues(&[Queue::of(&[
            Rule::on(
                "OnBatchGivenUp",
                &["offer.missed.v1", "batch.canceled.v1", "batch.cancelled.v1", "production.failed.v1"],
                "An offer missed its threshold, a batch was canceled, or its production failed.",
            )
            .because("Release 0.1 announced batch.canceled.v1 as batch.cancelled.v1."),
            Rule::on("OnPageDue", &["batch.page_due.v1"], "The next page of its orders is due.")
                .with("work", "ABANDON"),
        ])
        .batch(5, "")
        .concurrency(2, "the minimum: cancellations and refunds are not urgent")
        .alarm_on_age(
            "orders of a canceled batch wait to be canceled",
            "The oldest event in AbandonBatchQueue is older than ten minutes. Check the errors and \
             throttles of abandon_batch.",
        )])
        .timeout_seconds(60, "")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Coupons, &[GetItem, UpdateItem]),
            Grant::Table(Counters, &[UpdateItem]),
            Grant::Table(Payments, &[GetItem, UpdateItem]),
            Grant::Table(Batches, &[GetItem, PutItem, Query, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ])
        .alarm_on_dead_letters(
            "orders of a canceled batch were not canceled",
            "abandon_batch failed five times on each event in AbandonBatchDlq: orders of a batch that will not be \
             produced still hold money or coupons. Find the error in its log by the message's id, fix the cause, \
             and redrive the queue; processing an event twice is harmless.",
        );

/// The consumer's name in consumed records.
const CONSUMER: &str = "abandon_batch";

/// Applies one event, once.
pub async fn abandon_batch(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    let batch = match event.event_type.as_str() {
        OfferMissedV1::TYPE => event.read::<OfferMissedV1>().map_err(Failure::broken)?.batch_id,
        BatchCanceledV1::TYPE => event.read::<BatchCanceledV1>().map_err(Failure::broken)?.batch_id,
        ProductionFailedV1::TYPE => event.read::<ProductionFailedV1>().map_err(Failure::broken)?.batch_id,
        BatchPageDueV1::TYPE => {
            let page: BatchPageDueV1 = event.read().map_err(Failure::broken)?;
            let end = end_of(app, page.batch_id).await?;
            let end = &end;
            let each = |key: OrderKey| Box::pin(async move { give_up(app, &key, end).await }) as _;
            return pagination::page(app, CONSUMER, event, &page, each).await;
        }
        other => {
            return Err(Failure::broken(format!("abandon_batch received an event of the unexpected type {other}")));
        }
    };
    pagination::begin(app, CONSUMER, event, batch, BatchWork::Abandon).await
}

/// The reason for which a batch's orders end.
enum End {
    /// The orders are canceled, for this reason.
    Canceled(Reason),
    /// The orders fail, because the production failed after their payment.
    Failed,
}

async fn end_of(app: &App, id: BatchId) -> Result<End, Failure> {
    let reason = match app.store.find_batch(id).await? {
        None => ShopReason::OfferMissed.as_str().to_owned(),
        Some(Batch { status: BatchStatus::Canceled, reason, .. }) => reason.unwrap_or_default(),
        // In a batch that went into production, late orders are unpaid and canceled; the others fail.
        Some(_) => return Ok(End::Failed),
    };
    Ok(End::Canceled(
        Reason::parse("reason", &reason)
            .map_err(|_| Failure::broken(format!("batch {id} is canceled without a valid reason")))?,
    ))
}

async fn give_up(app: &App, key: &OrderKey, end: &End) -> Result<(), Failure> {
    let done = retry_on_stale_read(|| async {
        match end {
            End::Canceled(reason) => cancel_order(app, key, None, &Actor::Shop, Some(reason)).await.map(drop),
            End::Failed => fail_order(app, key).await,
        }
    });
    match done.await {
        // The order has ended already, or this page was delivered before.
        Err(Failure::Refused(Refusal::OrderNotCancelable)) => Ok(()),
        done => done,
    }
}

async fn fail_order(app: &App, key: &OrderKey) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    if order.status != OrderStatus::Paid {
        let reason = Reason::parse("reason", ShopReason::ProductionFailed.as_str())
            .map_err(|_| Failure::broken("the reason production_failed is not a valid reason"))?;
        return cancel_order(app, key, None, &Actor::Shop, Some(&reason)).await.map(drop);
    }
    let why = ShopReason::ProductionFailed;
    fail_paid(app, &order, why.as_str(), why).await
}
