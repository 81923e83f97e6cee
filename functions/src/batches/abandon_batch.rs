//! `abandon_batch`: queue, on `offer.missed.v1`, `batch.canceled.v1`, `production.failed.v1`, and `batch.page_due.v1` of
//! this work. The orders of a batch that will not be made are given up.
//!
//! Each gives back what it held; what was paid is asked to be refunded. Canceled when the batch never went into production
//! (emits `order.canceled.v1`), FAILED when its production failed (`order.failed.v1`).

use super::pagination;
use crate::App;
use crate::manifest::prelude::*;
use crate::orders::cancel_order::cancel_order;
use crate::payments::request_refund;
use contracts::Failure;
use contracts::events::{
    BatchCanceledV1, BatchPageDueV1, BatchWork, Event, OfferMissedV1, OrderFailedV1, ProductionFailedV1, RawEnvelope,
};
use domain::Refusal;
use domain::batch::{Batch, BatchStatus};
use domain::id::BatchId;
use domain::order::{Canceler, OrderStatus, ShopReason};
use domain::text::Reason;
use store::OrderKey;
use store::{Rejected, retry_on_stale_read};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Gives up the orders of a batch that will not be made, page by page.")
        .queues(&[Queue::of(&[
            Rule::on(
                "OnBatchGivenUp",
                &["offer.missed.v1", "batch.canceled.v1", "batch.cancelled.v1", "production.failed.v1"],
                "An offer was missed, a batch canceled, or its production failed.",
            )
            .because("Release 0.1 announced batch.canceled.v1 as batch.cancelled.v1."),
            Rule::on("OnPageDue", &["batch.page_due.v1"], "The next page of its orders is due.")
                .with("work", "ABANDON"),
        ])
        .batch(5, "")
        .concurrency(2, "the least there is: what is given back is in no hurry")
        .alarm_on_age(
            "orders wait to be given up",
            "The oldest event in AbandonBatchQueue is older than ten minutes. Look at the errors and \
             throttles of abandon_batch.",
        )])
        .timeout_seconds(60, "")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Counters, &[UpdateItem]),
            Grant::Table(Payments, &[GetItem, UpdateItem]),
            Grant::Table(Batches, &[GetItem, PutItem, Query, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ])
        .alarm_on_dead_letters(
            "orders of a given-up batch were not given up",
            "abandon_batch failed five times on each event in AbandonBatchDlq: orders of a batch that \
             will not be made still hold money or coupons. Read its log by the message's id, mend the \
             cause, redrive the queue; a repeated event is harmless.",
        );

/// The consumer's name in the record of what it consumed.
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
        other => return Err(Failure::broken(format!("an event of type {other}"))),
    };
    pagination::begin(app, CONSUMER, event, batch, BatchWork::Abandon).await
}

/// How the orders of a batch end.
enum End {
    /// They are canceled, for this reason.
    Canceled(Reason),
    /// They fail: what was paid for was not made.
    Failed,
}

async fn end_of(app: &App, id: BatchId) -> Result<End, Failure> {
    let reason = match app.store.find_batch(id).await? {
        None => ShopReason::OfferMissed.as_str().to_owned(),
        Some(Batch { status: BatchStatus::Canceled, reason, .. }) => reason.unwrap_or_default(),
        // Late orders of a batch in production were never paid; the others of a failed one were.
        Some(_) => return Ok(End::Failed),
    };
    Ok(End::Canceled(Reason::parse("reason", &reason).map_err(|_| Failure::broken("a batch without a reason"))?))
}

async fn give_up(app: &App, key: &OrderKey, end: &End) -> Result<(), Failure> {
    let done = retry_on_stale_read(|| async {
        match end {
            End::Canceled(reason) => cancel_order(app, key, None, Canceler::Shop, Some(reason)).await.map(drop),
            End::Failed => fail_order(app, key).await,
        }
    });
    match done.await {
        // It has ended by itself, or this page comes again.
        Err(Failure::Refused(Refusal::OrderNotCancelable)) => Ok(()),
        done => done,
    }
}

async fn fail_order(app: &App, key: &OrderKey) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    if order.status != OrderStatus::Paid {
        let reason = Reason::parse("reason", ShopReason::ProductionFailed.as_str())
            .map_err(|_| Failure::broken("a reason that is not one"))?;
        return cancel_order(app, key, None, Canceler::Shop, Some(&reason)).await.map(drop);
    }
    let Some(failed) = order.clone().fail(ShopReason::ProductionFailed.as_str(), app.now()) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_order(&failed)?;
    tx.release_allocations(&order)?;
    request_refund(app, &mut tx, &order).await?;
    tx.emit(&OrderFailedV1::from(&failed))?;
    tx.commit().await?;
    Ok(())
}
