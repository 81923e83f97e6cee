//! `reconcile_payments`: every 5 minutes. Asks providers about payments without an answer, and goes on with refunds that
//! wait.
//!
//! A lost callback still ends in a paid order, an abandoned checkout in FAILED or EXPIRED. Questions come further and further
//! apart and end; a provider that asks for a pause gets it. Emits what [`super::notice`] does, `payment.expired.v1` and
//! `payment.confirm_requested.v1`.

use super::return_from_line_pay::request_confirmation;
use super::{notice, refund, trade};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::PaymentExpiredV1;
use domain::Moment;
use domain::id::PaymentId;
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod, PaymentStatus};
use futures_util::future::join_all;
use jiff::SignedDuration;
use providers::payment::{Pause, ProviderError, Verdict};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use store::{Rejected, retry_on_stale_read};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Asks providers about payments without an answer, and goes on with refunds.")
        .schedule(Schedule::often("rate(5 minutes)"))
        .timeout_seconds(300, "many questions, each of up to 20 seconds")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
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

/// Payments of each provider that one tick looks at at the most; what is left over is the next tick's.
const PAYMENTS_PER_SWEEP_MAX: usize = 50;
/// Questions in a row that a provider leaves without an answer before it is left alone for this tick: each may take 20 seconds
/// of its five minutes.
const UNANSWERED_MAX: u32 = 3;
/// How long the requests to a provider are paused: ECPay's half hour.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// How long they are paused while NewebPay has locked queries: four hours.
const LONG_PAUSE: SignedDuration = SignedDuration::from_hours(4);

/// When.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    reconcile_payments(app, tick.time).await
}

/// Looks at what is due at `now`: the providers side by side, so that a slow one keeps no other one waiting. One payment that
/// cannot be settled does not keep the others.
pub async fn reconcile_payments(app: &App, now: Moment) -> Result<(), Failure> {
    let rounds = PaymentMethod::ALL.map(|method| Round { app, method, now, is_over: false, unanswered: 0 }.go());
    join_all(rounds).await.into_iter().collect()
}

/// What a question brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QueryResult {
    Answered,
    Unanswered,
    Paused,
}

/// One tick at one provider.
struct Round<'a> {
    app: &'a App,
    method: PaymentMethod,
    now: Moment,
    is_over: bool,
    unanswered: u32,
}

impl Round<'_> {
    async fn go(mut self) -> Result<(), Failure> {
        let store = &self.app.store;
        let due = store.due_payments(self.method, self.now, PAYMENTS_PER_SWEEP_MAX).await?;
        if !due.is_empty() {
            let until = store.paused_until(self.method).await?;
            self.is_over = until.is_some_and(|until| self.now < until);
        }
        let mut failed = Ok(());
        for id in due {
            if self.is_over {
                break;
            }
            match self.look(id).await {
                // Somebody else is at it, or the provider does not answer: the next round.
                Ok(()) | Err(Failure::Busy) => {}
                Err(failure) => failed = Err(failure),
            }
        }
        failed
    }

    async fn look(&mut self, id: PaymentId) -> Result<(), Failure> {
        let payment = self.app.store.load_payment(id).await?;
        if payment.next_check_at.is_none_or(|at| at > self.now) {
            return Ok(());
        }
        match payment.status {
            PaymentStatus::RefundRequested => refund::advance(self.app, payment.id).await,
            PaymentStatus::Init | PaymentStatus::Expired => self.query(&payment).await,
            _ => Ok(()),
        }
    }

    async fn query(&mut self, payment: &Payment) -> Result<(), Failure> {
        let attempts: Vec<CheckoutAttempt> =
            payment.checkout.iter().flat_map(|checkout| checkout.open()).cloned().collect();
        let mut answered = true;
        for attempt in &attempts {
            match self.query_attempt(payment, attempt).await? {
                QueryResult::Answered => self.unanswered = 0,
                QueryResult::Unanswered => {
                    answered = false;
                    self.unanswered += 1;
                    self.is_over |= self.unanswered >= UNANSWERED_MAX;
                }
                QueryResult::Paused => return Ok(()),
            }
        }
        let (app, now) = (self.app, self.now);
        retry_on_stale_read(|| go_on(app, payment.id, answered, now)).await
    }

    async fn query_attempt(&mut self, payment: &Payment, attempt: &CheckoutAttempt) -> Result<QueryResult, Failure> {
        let app = self.app;
        let provider = app.payments.of(payment.method).await?;
        let provider = provider.ok_or_else(|| Failure::broken("a payment at a provider without a contract"))?;
        match provider.look_up(&trade(payment, attempt, app.now())).await {
            Ok(said) if said.verdict == Verdict::Approved => {
                let order = app.store.load_order(&payment.customer, payment.order).await?;
                if order.may_be_paid() {
                    retry_on_stale_read(|| async {
                        let payment = app.store.load_payment(payment.id).await?;
                        let is_open = payment.status == PaymentStatus::Init;
                        if is_open { request_confirmation(app, payment).await.map(drop) } else { Ok(()) }
                    })
                    .await?;
                }
                Ok(QueryResult::Answered)
            }
            Ok(said) => {
                notice::apply(app, payment.method, provider.merchant(), &said).await?;
                Ok(QueryResult::Answered)
            }
            Err(ProviderError::Pause(why)) => {
                let pause = if why == Pause::Locked { LONG_PAUSE } else { PAUSE };
                let until = self.now.checked_add(pause).unwrap_or(self.now);
                self.is_over = true;
                app.store.pause_provider(payment.method, until).await?;
                Ok(QueryResult::Paused)
            }
            Err(ProviderError::Signature) => {
                app.count(Metric::BadSignatures);
                app.payments.renewed(payment.method).await?;
                Ok(QueryResult::Unanswered)
            }
            Err(ProviderError::Unknown(_) | ProviderError::Refused(_) | ProviderError::Unchargeable) => {
                Ok(QueryResult::Unanswered)
            }
        }
    }
}

/// Looks again later, or gives a checkout up that nobody finished. Given up is only what the provider answered about.
async fn go_on(app: &App, id: PaymentId, answered: bool, now: Moment) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if !matches!(payment.status, PaymentStatus::Init | PaymentStatus::Expired) {
        return Ok(());
    }
    let last = payment.checkout.as_ref().and_then(|checkout| checkout.attempts.last());
    let is_over = match last.map(|attempt| Moment::from_millisecond(attempt.opened_at_ms).unwrap_or_default()) {
        Some(opened_at) => answered && app.shop().gives_up(opened_at, now),
        None => !payment.is_live(now, app.shop().checkout_live()),
    };
    let mut tx = app.tx()?;
    if is_over {
        let expired = payment.clone().expire(app.now());
        tx.save_payment(&expired)?;
        if payment.status == PaymentStatus::Init {
            tx.emit(&PaymentExpiredV1::from(&expired))?;
        }
    } else {
        let checks = payment.checks;
        tx.save_payment(&payment.put_off(false, app.shop().next_check_at(now, checks), app.now()))?;
    }
    tx.commit().await?;
    Ok(())
}
