//! `reconcile_payments`: every 5 minutes. Asks providers about payments without an answer, and goes on with refunds that
//! wait.
//!
//! A lost callback still ends in a paid order, an abandoned checkout in FAILED or EXPIRED. Questions come further and further
//! apart and end; a provider that asks for a pause gets it. Emits what [`super::notice`] does, `payment.expired.v1` and
//! `payment.confirm_requested.v1`.

use super::return_from_line_pay::request_confirmation;
use super::{notice, refund, trade};
use crate::App;
use contracts::Failure;
use contracts::events::PaymentExpiredV1;
use domain::Moment;
use domain::id::PaymentId;
use domain::payment::{Opening, Payment, PaymentMethod, PaymentStatus};
use jiff::SignedDuration;
use providers::payment::{Trouble, Verdict};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use std::collections::BTreeSet;
use store::{Rejected, settle};

/// Payments that one tick looks at the most; what is left over is the next tick's.
const PAYMENTS_PER_SWEEP_MAX: usize = 50;
/// How long a provider that asks for it is left alone: ECPay's half hour.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// NewebPay's four hours.
const LONG_PAUSE: SignedDuration = SignedDuration::from_hours(4);

/// When.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    reconcile_payments(app, tick.time).await
}

/// Looks at what is due at `now`. One payment that cannot be settled does not keep the others.
pub async fn reconcile_payments(app: &App, now: Moment) -> Result<(), Failure> {
    let mut round = Round { app, now, paused: BTreeSet::new() };
    let mut failed = Ok(());
    for id in app.store.due_payments(now, PAYMENTS_PER_SWEEP_MAX).await? {
        match round.look(id).await {
            // Somebody else is at it, or the provider does not answer: the next round.
            Ok(()) | Err(Failure::Busy) => {}
            Err(failure) => failed = Err(failure),
        }
    }
    failed
}

/// What a question brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Answered,
    Unanswered,
    Paused,
}

struct Round<'a> {
    app: &'a App,
    now: Moment,
    paused: BTreeSet<&'static str>,
}

impl Round<'_> {
    async fn look(&mut self, id: PaymentId) -> Result<(), Failure> {
        let app = self.app;
        let payment = app.store.load_payment(id).await?;
        if payment.look_at.is_none_or(|at| at > self.now) || self.is_paused(payment.method).await? {
            return Ok(());
        }
        match payment.status {
            PaymentStatus::RefundRequested => refund::advance(app, id).await,
            PaymentStatus::Init | PaymentStatus::Expired => self.ask(payment).await,
            _ => Ok(()),
        }
    }

    async fn is_paused(&mut self, method: PaymentMethod) -> Result<bool, Failure> {
        if self.paused.contains(method.as_str()) {
            return Ok(true);
        }
        let until = self.app.store.paused_until(method).await?;
        let is_paused = until.is_some_and(|until| self.now < until);
        if is_paused {
            self.paused.insert(method.as_str());
        }
        Ok(is_paused)
    }

    async fn ask(&mut self, payment: Payment) -> Result<(), Failure> {
        let openings: Vec<Opening> = payment.checkout.iter().flat_map(|checkout| checkout.open()).cloned().collect();
        let mut answered = true;
        for opening in &openings {
            match self.ask_about(&payment, opening).await? {
                Asked::Answered => {}
                Asked::Unanswered => answered = false,
                Asked::Paused => return Ok(()),
            }
        }
        let (app, now) = (self.app, self.now);
        settle(|| go_on(app, payment.id, answered, now)).await
    }

    async fn ask_about(&mut self, payment: &Payment, opening: &Opening) -> Result<Asked, Failure> {
        let app = self.app;
        let provider = app.payments.of(payment.method).await?;
        let provider = provider.ok_or_else(|| Failure::broken("a payment at a provider without a contract"))?;
        match provider.look_up(&trade(payment, opening, app.now())).await {
            Ok(said) if said.verdict == Verdict::Approved => {
                let order = app.store.load_order(&payment.customer, payment.order).await?;
                if order.may_be_paid() {
                    settle(|| async {
                        let payment = app.store.load_payment(payment.id).await?;
                        let is_open = payment.status == PaymentStatus::Init;
                        if is_open { request_confirmation(app, payment).await.map(drop) } else { Ok(()) }
                    })
                    .await?;
                }
                Ok(Asked::Answered)
            }
            Ok(said) => {
                notice::apply(app, payment.method, provider.merchant(), &said).await?;
                Ok(Asked::Answered)
            }
            Err(Trouble::Pause(why)) => {
                let pause = if why.starts_with("TRA") { LONG_PAUSE } else { PAUSE };
                let until = self.now.checked_add(pause).unwrap_or(self.now);
                self.paused.insert(payment.method.as_str());
                app.store.pause_provider(payment.method, until).await?;
                Ok(Asked::Paused)
            }
            Err(Trouble::Signature) => {
                app.count(Metric::BadSignatures);
                app.payments.renewed(payment.method).await?;
                Ok(Asked::Unanswered)
            }
            Err(Trouble::Unknown(_) | Trouble::Refused(_) | Trouble::Unchargeable) => Ok(Asked::Unanswered),
        }
    }
}

/// Looks again later, or gives a checkout up that nobody finished. Given up is only what the provider answered about.
async fn go_on(app: &App, id: PaymentId, answered: bool, now: Moment) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if !matches!(payment.status, PaymentStatus::Init | PaymentStatus::Expired) {
        return Ok(());
    }
    let last = payment.checkout.as_ref().and_then(|checkout| checkout.openings.last());
    let is_over = match last.map(|opening| Moment::from_millisecond(opening.opened_at_ms).unwrap_or_default()) {
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
        let looks = payment.looks;
        tx.save_payment(&payment.put_off(false, app.shop().look_at(now, looks), app.now()))?;
    }
    tx.commit().await?;
    Ok(())
}
