//! `reconcile_payments`: every 5 minutes. Looks up at the providers the trades that may have brought money, and
//! continues pending refunds.
//!
//! A trade is looked up for as long as its provider can capture money for it, whatever the provider reported before, so
//! that a lost callback still ends in a paid order; also while a refund waits for an admin. Lookups have an increasing
//! back-off, and an end. Each provider has two queues ([`Lane`]), lookups and refunds, each with its own budget, so that
//! neither abandoned checkouts nor a provider's pause delay refunds. A run reads a queue page by page until nothing is due
//! or the run's time is over. Emits the events of [`super::notices`], `payment.expired.v1` and
//! `payment.confirm_requested.v1`.

use super::notices::{self, task_of_attempt, trade};
use super::refunds;
use super::return_from_line_pay::request_confirmation;
use super::top_up::is_wanted;
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

pub const MANIFEST: Manifest = Manifest::new(
    Binary::External,
    "Looks up payments without a result at their providers, and continues pending refunds.",
)
.schedule(Schedule::often("rate(5 minutes)"))
.timeout_seconds(300, "many lookups of up to 20 seconds each")
.grants(&[
    Grant::Table(Orders, &[BatchGetItem, GetItem, UpdateItem]),
    Grant::Table(Wallets, &[BatchGetItem, GetItem, PutItem, UpdateItem]),
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

/// Payments of one page.
const PAGE: usize = 25;
/// The time after which a run begins no further payment. One payment may take another minute; the function has five.
const RUN_MAX: Duration = Duration::from_secs(200);
/// The maximum number of lookups, or refunds, of one queue in one run: providers lock out a shop that sends too many
/// requests. A payment that is left to the next run without a request does not count, so that one customer's abandoned
/// checkouts do not use up the budget.
const WORK_PER_LANE_MAX: usize = 400;
/// The maximum number of payments of one customer in one run. The others wait for a later run.
const PAYMENTS_PER_CUSTOMER_MAX: usize = 10;
/// The number of lookups of trades unknown to the provider, after which a run looks up only trades that the provider
/// has seen.
const UNSEEN_MAX: u32 = 20;
/// The same limit for the trades of one customer: forms that one customer never submits must not use up the limit of all.
const UNSEEN_PER_CUSTOMER_MAX: u32 = 4;
/// The number of successive lookups without a response, after which the run stops looking up at this provider: each may
/// take 20 seconds of the run's five minutes.
const UNANSWERED_MAX: u32 = 3;
/// The reason in the task of a trade whose result stays unclear.
const UNCLEAR: &str = "no_definite_answer";

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    reconcile_payments(app, tick.time).await
}

/// Processes everything that is due at `now`. The queues are processed concurrently, so that a slow provider does not
/// delay the others. A payment that fails does not stop the run.
pub async fn reconcile_payments(app: &App, now: Moment) -> Result<(), Failure> {
    let refunds = PaymentMethod::ALL.into_iter().chain([PaymentMethod::External]).map(Lane::Refunds);
    // There is no provider to look up a payment with points; an external system reports by itself.
    let questions = [PaymentMethod::Ecpay, PaymentMethod::Newebpay, PaymentMethod::LinePay].map(Lane::Questions);
    let lanes = refunds.chain(questions);
    let started = Instant::now();
    let rounds = lanes.map(|lane| {
        let (customers, unseen_of, is_over) = (HashMap::new(), HashMap::new(), false);
        Run { app, lane, now, started, customers, unseen_of, is_over, done: 0, unanswered: 0, unseen: 0 }.go()
    });
    join_all(rounds).await.into_iter().collect()
}

/// The result of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QueryResult {
    /// The trade is still undecided, in this state.
    Same(TradeState),
    /// The trade was decided, and the result is stored.
    Settled,
    Unanswered,
    Paused,
}

/// One run over one queue.
struct Run<'a> {
    app: &'a App,
    lane: Lane,
    now: Moment,
    started: Instant,
    customers: HashMap<CustomerId, usize>,
    /// The number of responses in which a provider did not know a trade of this customer.
    unseen_of: HashMap<CustomerId, u32>,
    is_over: bool,
    done: usize,
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
                match self.look(due.entry).await {
                    // Another worker processes it, or the provider does not respond: left to the next run.
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

    /// Whether the provider has paused lookups. Refunds check their pause themselves: each is postponed to its end.
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
        self.done >= WORK_PER_LANE_MAX || self.started.elapsed() >= RUN_MAX
    }

    async fn look(&mut self, id: PaymentId) -> Result<(), Failure> {
        let payment = self.app.store.load_payment(id).await?;
        if payment.next_check_at.is_none_or(|at| at > self.now) {
            return Ok(());
        }
        if payment.status == PaymentStatus::RefundRequested && !payment.waits_for_an_admin() {
            self.done += 1;
            return refunds::advance(self.app, payment.id).await;
        }
        let of_customer = self.customers.entry(payment.customer.clone()).or_default();
        *of_customer += 1;
        if *of_customer > PAYMENTS_PER_CUSTOMER_MAX {
            return Ok(());
        }
        self.query(&payment).await
    }

    /// Whether the limit of unknown trades is reached in this run, over all customers or for this one.
    fn has_asked_enough(&self, customer: &CustomerId) -> bool {
        let of_customer = self.unseen_of.get(customer).copied().unwrap_or_default();
        self.unseen >= UNSEEN_MAX || of_customer >= UNSEEN_PER_CUSTOMER_MAX
    }

    async fn query(&mut self, payment: &Payment) -> Result<(), Failure> {
        let (app, now) = (self.app, self.now);
        let mut round = Round::default();
        let open = payment.checkout.iter().flat_map(|checkout| checkout.open());
        let attempts: Vec<CheckoutAttempt> =
            open.filter(|attempt| attempt.is_to_be_asked_about(app.shop(), now)).cloned().collect();
        for attempt in &attempts {
            let may_be_unseen = matches!(attempt.state, None | Some(TradeState::Unseen));
            if may_be_unseen && attempt.url.is_none() && self.has_asked_enough(&payment.customer) {
                // The results of the other trades are stored, and the next run continues.
                round.is_unanswered = true;
                break;
            }
            self.done += 1;
            match self.query_attempt(payment, attempt).await? {
                QueryResult::Same(state) => {
                    self.unanswered = 0;
                    if state == TradeState::Unseen {
                        self.unseen += 1;
                        *self.unseen_of.entry(payment.customer.clone()).or_default() += 1;
                    }
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
            Failure::broken(format!("payment {}: its provider has no merchant in its secret", payment.id))
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

/// Requests the capture of money that the customer has approved, if the order can still be fulfilled, or the balance has
/// room for the points.
async fn confirm(app: &App, payment: &Payment) -> Result<(), Failure> {
    if !is_wanted(app, payment).await? {
        return Ok(());
    }
    retry_on_stale_read(|| async {
        let payment = app.store.load_payment(payment.id).await?;
        let is_open = payment.status == PaymentStatus::Init;
        if is_open { request_confirmation(app, payment).await.map(drop) } else { Ok(()) }
    })
    .await
}

/// Schedules the next lookup, or expires a checkout that the customer has not finished. A trade whose result stays unclear
/// for too long becomes a task for an admin.
async fn go_on(app: &App, id: PaymentId, round: &Round, now: Moment) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    // A refund was requested meanwhile, and has precedence.
    if payment.status == PaymentStatus::RefundRequested && !payment.waits_for_an_admin() {
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
