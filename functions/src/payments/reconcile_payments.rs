//! `reconcile_payments`: every 5 minutes. Looks up trades for which money may have been captured, and continues pending
//! refunds.
//!
//! A trade is looked up for as long as its provider can capture money for it, so that a lost callback still leads to a paid
//! order. Lookups have an increasing back-off and an end. Each provider has a lane of lookups and one of refunds with
//! separate budgets, so that neither abandoned checkouts nor a paused provider delay refunds. A lane continues page by page
//! until nothing is due or its time is over. Emits the events of [`super::notices`], `payment.expired.v1` and
//! `payment.confirm_requested.v1`.

use super::notices::{self, task_of_attempt, trade};
use super::refunds;
use super::return_from_line_pay::request_confirmation;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::PaymentExpiredV1;
use domain::Moment;
use domain::id::{CustomerId, PaymentId};
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod, PaymentStatus, Round, TaskKind, TradeState};
use futures_util::future::join_all;
use providers::payment::{ProviderError, Verdict};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use std::collections::HashMap;
use std::time::Duration;
use store::payments::Lane;
use store::{Rejected, retry_on_stale_read};
use tokio::time::Instant;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Looks up payments without a result at their providers, and continues refunds.")
        .schedule(Schedule::often("rate(5 minutes)"))
        .timeout_seconds(300, "many lookups of up to 20 seconds each")
        .grants(&[
            Grant::Table(Orders, &[BatchGetItem, GetItem, UpdateItem]),
            Grant::Table(Wallets, &[BatchGetItem, PutItem, UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Index(Payments, "by_look"),
            Grant::Table(Catalog, &[BatchGetItem]),
            Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::EcpaySecret),
            Grant::Read(Secret::NewebpaySecret),
            Grant::Read(Secret::LinePaySecret),
        ]);

/// Payments per page.
const PAGE: usize = 25;
/// How long one tick continues. One payment may take another minute; the function's time-out is five.
const RUN_MAX: Duration = Duration::from_secs(200);
/// Payments per lane and tick: providers lock out a shop that sends too many requests.
const PAYMENTS_PER_LANE_MAX: usize = 400;
/// Payments of one customer per tick; the next tick handles the others, after those of other customers.
const PAYMENTS_PER_CUSTOMER_MAX: usize = 10;
/// Responses "unknown trade" per tick, after which the provider is only asked about trades that it has seen.
const UNSEEN_MAX: u32 = 20;
/// Consecutive lookups without a response, after which the provider is skipped for this tick: each may take 20 seconds of
/// its five minutes.
const UNANSWERED_MAX: u32 = 3;
/// The text of the payment task for a trade that stays unclear.
const UNCLEAR: &str = "no_definite_answer";

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    reconcile_payments(app, tick.time).await
}

/// Handles what is due at `now`: all lanes concurrently, so that a slow provider does not delay the others. A failure of
/// one payment does not affect the others.
pub async fn reconcile_payments(app: &App, now: Moment) -> Result<(), Failure> {
    let refunds = PaymentMethod::ALL.into_iter().chain([PaymentMethod::External]).map(Lane::Refunds);
    // Points are the shop's own, and an external system cannot be asked.
    let questions = [PaymentMethod::Ecpay, PaymentMethod::Newebpay, PaymentMethod::LinePay].map(Lane::Questions);
    let lanes = refunds.chain(questions);
    let started = Instant::now();
    let rounds = lanes.map(|lane| {
        let (customers, is_over) = (HashMap::new(), false);
        Run { app, lane, now, started, customers, is_over, looked_at: 0, unanswered: 0, unseen: 0 }.go()
    });
    join_all(rounds).await.into_iter().collect()
}

/// The result of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QueryResult {
    /// The trade is unchanged; whether the provider has seen it.
    Same(TradeState),
    /// The result was stored.
    Settled,
    Unanswered,
    Paused,
}

/// One tick of one lane.
struct Run<'a> {
    app: &'a App,
    lane: Lane,
    now: Moment,
    started: Instant,
    customers: HashMap<CustomerId, usize>,
    is_over: bool,
    looked_at: usize,
    unanswered: u32,
    unseen: u32,
}

impl Run<'_> {
    async fn go(mut self) -> Result<(), Failure> {
        let mut after: Option<String> = None;
        let mut failed = Ok(());
        while !self.is_over {
            let page = self.app.store.due_payments(self.lane, self.now, after.as_deref(), PAGE).await?;
            if after.is_none() && !page.is_empty() && self.is_paused().await? {
                break;
            }
            for due in &page {
                if self.is_over || self.is_spent() {
                    return failed;
                }
                self.looked_at += 1;
                match self.look(due.id).await {
                    // Another worker has claimed it, or the provider does not respond: the next tick continues.
                    Ok(()) | Err(Failure::Busy) => {}
                    Err(failure) => failed = Err(failure),
                }
            }
            match page.last().filter(|_| page.len() == PAGE) {
                Some(last) => after = Some(last.place.clone()),
                None => break,
            }
        }
        failed
    }

    /// The refund code handles a pause of refunds: their next check is moved to its end.
    async fn is_paused(&self) -> Result<bool, Failure> {
        match self.lane {
            Lane::Refunds(_) => Ok(false),
            Lane::Questions(_) => {
                let until = self.app.store.paused_until(self.lane).await?;
                Ok(until.is_some_and(|until| self.now < until))
            }
        }
    }

    fn is_spent(&self) -> bool {
        self.looked_at >= PAYMENTS_PER_LANE_MAX || self.started.elapsed() >= RUN_MAX
    }

    async fn look(&mut self, id: PaymentId) -> Result<(), Failure> {
        let payment = self.app.store.load_payment(id).await?;
        if payment.next_check_at.is_none_or(|at| at > self.now) {
            return Ok(());
        }
        if payment.status == PaymentStatus::RefundRequested {
            return refunds::advance(self.app, payment.id).await;
        }
        let of_customer = self.customers.entry(payment.customer.clone()).or_default();
        *of_customer += 1;
        if *of_customer > PAYMENTS_PER_CUSTOMER_MAX {
            return Ok(());
        }
        self.query(&payment).await
    }

    async fn query(&mut self, payment: &Payment) -> Result<(), Failure> {
        let (app, now) = (self.app, self.now);
        let mut round = Round::default();
        let open = payment.checkout.iter().flat_map(|checkout| checkout.open());
        let attempts: Vec<CheckoutAttempt> =
            open.filter(|attempt| attempt.is_to_be_asked_about(app.shop(), now)).cloned().collect();
        for attempt in &attempts {
            let may_be_unseen = matches!(attempt.state, None | Some(TradeState::Unseen));
            if may_be_unseen && attempt.url.is_none() && self.unseen >= UNSEEN_MAX {
                return Ok(());
            }
            match self.query_attempt(payment, attempt).await? {
                QueryResult::Same(state) => {
                    self.unanswered = 0;
                    self.unseen += u32::from(state == TradeState::Unseen);
                    round.heard.push((attempt.trade_no.clone(), state));
                }
                QueryResult::Settled => self.unanswered = 0,
                QueryResult::Unanswered => {
                    round.is_unanswered = true;
                    self.unanswered += 1;
                    self.is_over |= self.unanswered >= UNANSWERED_MAX;
                }
                QueryResult::Paused => return Ok(()),
            }
        }
        retry_on_stale_read(|| go_on(app, payment.id, &round, now)).await
    }

    async fn query_attempt(&mut self, payment: &Payment, attempt: &CheckoutAttempt) -> Result<QueryResult, Failure> {
        let app = self.app;
        let provider = app.payments.of(payment.method).await?;
        let provider = provider.ok_or_else(|| {
            Failure::broken(
                "the provider of the payment has no merchant in its secret: the payment cannot be looked up",
            )
        })?;
        match provider.look_up(&trade(payment, attempt, app.now())).await {
            Ok(said) => match said.verdict {
                Verdict::Approved => {
                    confirm(app, payment).await?;
                    Ok(QueryResult::Same(TradeState::Waiting))
                }
                Verdict::Waiting => Ok(QueryResult::Same(TradeState::Waiting)),
                Verdict::Unseen => Ok(QueryResult::Same(TradeState::Unseen)),
                _ => {
                    notices::apply(app, payment.method, provider.merchant(), &said).await?;
                    Ok(QueryResult::Settled)
                }
            },
            Err(ProviderError::Pause(pause)) => {
                let until = self.now.checked_add(pause.length).unwrap_or(self.now);
                self.is_over = true;
                app.store.pause_provider(self.lane, until).await?;
                Ok(QueryResult::Paused)
            }
            Err(ProviderError::Signature) => {
                app.count(Metric::BadSignatures);
                Ok(QueryResult::Unanswered)
            }
            Err(_) => Ok(QueryResult::Unanswered),
        }
    }
}

/// Captures the money that a customer approved, while the order can still be served.
async fn confirm(app: &App, payment: &Payment) -> Result<(), Failure> {
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    if !order.may_be_paid() {
        return Ok(());
    }
    retry_on_stale_read(|| async {
        let payment = app.store.load_payment(payment.id).await?;
        let is_open = payment.status == PaymentStatus::Init;
        if is_open { request_confirmation(app, payment).await.map(drop) } else { Ok(()) }
    })
    .await
}

/// Schedules the next lookup, or ends an abandoned checkout. A result that stays unclear for too long becomes a payment
/// task.
async fn go_on(app: &App, id: PaymentId, round: &Round, now: Moment) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    // A refund was requested meanwhile: it takes precedence.
    if payment.status == PaymentStatus::RefundRequested {
        return Ok(());
    }
    let checked = payment.clone().checked(round, app.shop(), now);
    let mut tx = app.tx()?;
    if let Some(attempt) = payment.unclear_attempts(app.shop(), now).first() {
        tx.insert_task(&task_of_attempt(app, TaskKind::Unclear, &payment, attempt, UNCLEAR))?;
        app.count(Metric::PaymentsParked);
    }
    tx.save_payment(&checked)?;
    if payment.status != checked.status {
        tx.emit(&PaymentExpiredV1::from(&checked))?;
    }
    tx.commit().await?;
    Ok(())
}
