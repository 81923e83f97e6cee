//! Fixed scripts for one use case and one kind of fault: a cell of the fault matrix.
//!
//! A script is played once without faults, and then with the fault at every place where it can occur. Clients without a
//! definite response retry, and unconsumed messages are delivered again. The final state must be the same as without the
//! fault.

use super::world::World;
use super::{Action, FaultKind, Plan, Report, Round, in_runtime};
use crate::faults::{Fault, FaultSource, SentRequest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The maximum number of faulted requests of a use case, one run each.
const PLACES_MAX: usize = 12;
/// The number of concurrent repetitions of a request, after one sequential repetition.
pub(super) const AT_ONCE: usize = 50;

/// The fault of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellFault {
    /// One of its requests has a fault of one of these kinds; each kind of request and of fault in a separate run.
    Faulted(&'static [FaultKind]),
    /// Every request is repeated once sequentially and then many times concurrently.
    Repeated,
    /// Every message is delivered twice, in reverse order, and once more days later.
    Doubled,
    /// Its schedule skips a tick, then fires twice concurrently.
    TickedTwice,
    /// The indexes lag in all of its queries: they answer as before, and in a second run list moved items twice.
    IndexLags,
    /// No request reaches the bus for an hour.
    BusAway,
}

/// A use case and its fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) use_case: &'static str,
    pub(super) fault: CellFault,
}

/// The result of a cell.
#[derive(Debug, Default)]
pub struct CellResult {
    /// The violations.
    pub wrong: Vec<String>,
    /// The number of runs in which the fault occurred.
    pub occurred: usize,
}

/// The kind of a request: one faulted request represents all of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    operation: String,
    tables: Vec<String>,
    is_index: bool,
}

/// A script played without faults.
#[derive(Debug, Default)]
struct FaultFreeRun {
    report: Report,
    /// The requests of each use case.
    sent: BTreeMap<String, Vec<Kind>>,
}

impl FaultFreeRun {
    /// The first request of each kind that a use case sends, with its position among all its requests.
    fn places(&self, use_case: &str) -> Vec<(usize, &Kind)> {
        let sent = self.sent.get(use_case).map(Vec::as_slice).unwrap_or_default();
        let first = sent.iter().enumerate().filter(|(place, kind)| !sent[..*place].contains(kind));
        first.take(PLACES_MAX).collect()
    }
}

/// Plays the cell of a use case and a fault.
pub fn run_cell(use_case: &'static str, fault: CellFault) -> CellResult {
    let plan = if fault == CellFault::BusAway { plan_of(outage()) } else { script(use_case) };
    let fault_free_run = fault_free_run(&plan);
    let target = Target { use_case, fault };
    let mut result = CellResult { wrong: fault_free_run.report.wrong.clone(), occurred: 0 };
    let mut see = |what: String, report: Report| {
        result.occurred += usize::from(report.faults_hit > 0);
        result.wrong.extend(report.wrong.iter().map(|wrong| format!("{what}: {wrong}")));
        if report.faults_hit == 0 {
            result.wrong.push(format!("{what}: the fault did not occur"));
        }
        if report.digest != fault_free_run.report.digest {
            let (before, after): (BTreeSet<_>, BTreeSet<_>) =
                (fault_free_run.report.digest.iter().collect(), report.digest.iter().collect());
            let (missing, extra): (Vec<_>, Vec<_>) =
                (before.difference(&after).collect(), after.difference(&before).collect());
            result.wrong.push(format!("{what}: {missing:?} became {extra:?}"));
        }
    };
    let kinds = match fault {
        CellFault::Faulted(kinds) => kinds,
        CellFault::IndexLags => {
            for lag in [Fault::Lagging, Fault::ListedTwice] {
                let what = format!("{lag:?}");
                let faults = lasting(lag, move |sent| sent.actor == Some(use_case) && sent.is_index);
                see(what, in_runtime(play(&plan, Some(target), Some(faults))));
            }
            return result;
        }
        CellFault::BusAway => {
            let faults = lasting(Fault::Undelivered, |sent| sent.operation == "PutEvents");
            see(format!("{fault:?}"), in_runtime(play(&plan, Some(target), Some(faults))));
            return result;
        }
        CellFault::Repeated | CellFault::Doubled | CellFault::TickedTwice => {
            see(format!("{fault:?}"), in_runtime(play(&plan, Some(target), None)));
            return result;
        }
    };
    for (place, kind) in fault_free_run.places(use_case) {
        let mut faults: Vec<Fault> = Vec::new();
        for fault_kind in kinds {
            // Several kinds of fault are the same for a request that only reads.
            let fault = fault_kind.to(&kind.as_sent(use_case));
            if !faults.contains(&fault) {
                faults.push(fault);
                let report = in_runtime(play(&plan, Some(target), Some(strike(use_case, *fault_kind, place))));
                see(format!("{fault_kind:?} of {} at place {place}", kind.operation), report);
            }
        }
    }
    result
}

impl Kind {
    fn of(sent: &SentRequest<'_>) -> Self {
        Self { operation: sent.operation.to_owned(), tables: sent.tables.to_vec(), is_index: sent.is_index }
    }

    fn as_sent<'k>(&'k self, actor: &'k str) -> SentRequest<'k> {
        SentRequest { actor: Some(actor), operation: &self.operation, tables: &self.tables, is_index: self.is_index }
    }
}

/// The fault-free run of a script, played once and cached.
fn fault_free_run(plan: &Plan) -> Arc<FaultFreeRun> {
    type Scripts = Vec<(Plan, Arc<OnceLock<Arc<FaultFreeRun>>>)>;
    static PLAYED: Mutex<Scripts> = Mutex::new(Vec::new());
    let played = {
        let mut scripts = PLAYED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = scripts.iter().find(|(script, _)| script == plan).map(|(_, played)| Arc::clone(played));
        known.unwrap_or_else(|| {
            scripts.push((plan.clone(), Arc::default()));
            scripts.last().map(|(_, played)| Arc::clone(played)).unwrap_or_default()
        })
    };
    let play = || {
        let sent = Arc::new(Mutex::new(BTreeMap::<String, Vec<Kind>>::new()));
        let noted = Arc::clone(&sent);
        let note: FaultSource = Box::new(move |sent: &SentRequest<'_>| -> Option<Fault> {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.entry(sent.actor?.to_owned()).or_default().push(Kind::of(sent));
            None
        });
        let report = in_runtime(play(plan, None, Some(note)));
        let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
        Arc::new(FaultFreeRun { report, sent })
    };
    Arc::clone(played.get_or_init(play))
}

async fn play(plan: &Plan, target: Option<Target>, chance: Option<FaultSource>) -> Report {
    fastrand::seed(plan.seed);
    let world = World::open(plan.seed).await.with_cell_fault(target);
    chance.into_iter().for_each(|chance| world.inject_faults(chance));
    for (number, round) in plan.rounds.iter().enumerate() {
        world.begin(round);
        for (place, action) in round.actions.iter().enumerate() {
            world.perform(number, place, action).await;
            world.ask_again().await;
        }
    }
    world.clear_faults();
    world.run_to_quiescence().await;
    Report { digest: world.digest(), ..world.report() }
}

/// A fault source that hits one request of a use case, by its position.
fn strike(use_case: &'static str, fault_kind: FaultKind, place: usize) -> FaultSource {
    let mut sent_before = 0;
    Box::new(move |sent: &SentRequest<'_>| -> Option<Fault> {
        if sent.actor != Some(use_case) {
            return None;
        }
        sent_before += 1;
        (sent_before - 1 == place).then(|| fault_kind.to(sent))
    })
}

/// A fault source that hits every such request.
fn lasting(fault: Fault, is_hit: impl Fn(&SentRequest<'_>) -> bool + Send + 'static) -> FaultSource {
    Box::new(move |sent: &SentRequest<'_>| is_hit(sent).then(|| fault.clone()))
}

/// The script in which this use case does work.
fn script(use_case: &str) -> Plan {
    let actions = match use_case {
        "create_product"
        | "add_variant"
        | "create_coupon"
        | "create_sell_window"
        | "update_product"
        | "update_variant"
        | "adjust_stock"
        | "update_coupon"
        | "set_shipping_method" => catalog(),
        "issue_coupon" | "issue_requested_coupons" => coupons(),
        "open_checkout"
        | "receive_ecpay_callback"
        | "receive_newebpay_callback"
        | "return_from_line_pay"
        | "confirm_line_pay"
        | "reconcile_payments"
        | "refund_order"
        | "refund_payment" => providers(),
        "configure_offer"
        | "count_reservations"
        | "confirm_batch"
        | "schedule_batch"
        | "request_payments"
        | "open_work_order"
        | "finalize_batches"
        | "start_work_order"
        | "update_work_step"
        | "complete_work_order" => made(),
        "cancel_batch" | "fail_work_order" | "abandon_batch" | "close_sell_windows" => given_up(),
        "ship_orders" | "change_contact" => shipped(),
        _ => instant(),
    };
    plan_of(actions)
}

fn plan_of(actions: Vec<Action>) -> Plan {
    let rounds =
        (1..).zip(actions).map(|(seed, action)| Round { seed, actions: vec![action], faults: Vec::new() }).collect();
    Plan { seed: 7, rounds }
}

/// Delivers all events.
fn delivered() -> impl Iterator<Item = Action> {
    [Action::Relay, Action::WorkAll].into_iter().cycle().take(6)
}

fn catalog() -> Vec<Action> {
    let mut actions: Vec<Action> = (0..4).map(|what| Action::Create { what }).collect();
    actions.extend([
        Action::Rename { variant: 0 },
        Action::ChangePrice { variant: 0, hundreds: 4 },
        Action::Reshape { variant: 1, shards: 2 },
        Action::AdjustStock { variant: 0, delta: 2 },
        Action::ChangeFee { hundreds: 7 },
        Action::TopUp { coupon: 0, more: 2 },
    ]);
    actions
}

fn coupons() -> Vec<Action> {
    let mut actions: Vec<Action> =
        (0..4).map(|n| Action::TakeCoupon { customer: n, coupon: 0, later: false }).collect();
    actions.extend((0..3).map(|n| Action::TakeCoupon { customer: n, coupon: 1, later: true }));
    actions.extend(delivered());
    actions
}

fn instant() -> Vec<Action> {
    let order = |customer, coupon, later| Action::Order { customer, variant: 2, quantity: 2, coupon, later };
    let mut actions = vec![
        Action::Charge { customer: 0, times: 1 },
        Action::SaveAddress { customer: 0 },
        Action::TakeCoupon { customer: 0, coupon: 0, later: false },
        Action::TakeCoupon { customer: 1, coupon: 0, later: false },
        order(0, true, false),
        order(0, false, true),
        order(1, false, false),
        // Expires, and releases its coupon.
        order(1, true, false),
    ];
    actions.extend(delivered());
    actions.extend([Action::Pay { order: 0 }, Action::Pay { order: 1 }, Action::Cancel { order: 2 }]);
    actions.extend(delivered());
    actions.extend([Action::Ship { order: 0 }, Action::AdminCancel { order: 1 }, Action::Replay { event: 0 }]);
    actions.extend(delivered());
    actions.push(Action::Pass { seconds: 16 * 60 });
    let ticks = [
        "expire_orders",
        "retry_notifications",
        "refresh_best_sellers",
        "refresh_low_stock",
        "record_daily_sales",
        "sweep_outbox",
    ];
    actions.extend(ticks.map(tick));
    actions.extend(delivered());
    actions
}

/// An hour in which one order is paid and one expires.
fn outage() -> Vec<Action> {
    let order = |customer| Action::Order { customer, variant: 2, quantity: 1, coupon: false, later: false };
    let mut actions = vec![Action::Charge { customer: 0, times: 1 }, order(0), order(1), Action::Pay { order: 0 }];
    for _ in 0..6 {
        actions.extend([Action::Relay, Action::WorkAll, tick("sweep_outbox"), tick("expire_orders")]);
        actions.push(Action::Pass { seconds: 10 * 60 });
    }
    actions
}

fn shipped() -> Vec<Action> {
    let order = |customer| Action::Order { customer, variant: 2, quantity: 1, coupon: false, later: false };
    let mut actions =
        vec![Action::Charge { customer: 0, times: 1 }, order(0), order(0), Action::CorrectAddress { order: 0 }];
    actions.extend([Action::Pay { order: 0 }, Action::Pay { order: 1 }]);
    actions.extend(delivered());
    actions.push(Action::ShipMany { order: 0 });
    actions.extend(delivered());
    actions
}

fn providers() -> Vec<Action> {
    let mut actions = Vec::new();
    for (order, provider) in [(0, 0), (1, 1), (2, 2), (3, 0)] {
        actions.push(Action::Order { customer: order, variant: 2, quantity: 1, coupon: false, later: false });
        actions.push(Action::CheckOut { order, provider });
        actions.push(Action::PayAtProvider { trade: order });
    }
    actions.extend([
        Action::Callback { trade: 0, fault_settings: 0 },
        Action::Callback { trade: 1, fault_settings: 0 },
        Action::Return { trade: 2 },
    ]);
    actions.extend(delivered());
    actions.extend([Action::Refund { order: 0, percent: 50 }, Action::Refund { order: 1, percent: 100 }]);
    actions.extend(delivered());
    actions.extend([Action::Pass { seconds: 11 * 60 }, tick("reconcile_payments")]);
    actions.extend(delivered());
    actions
}

fn reserved(offer: u8) -> Vec<Action> {
    let reserve = |customer| Action::Reserve { customer, offer, quantity: 1, coupon: false, later: false };
    let mut actions = vec![Action::Charge { customer: 0, times: 1 }, Action::Charge { customer: 1, times: 1 }];
    actions.extend((0..2).map(reserve));
    actions.extend(delivered());
    actions
}

fn made() -> Vec<Action> {
    let mut actions = vec![Action::Configure { offer: 1, threshold: 2, capacity: 5 }];
    actions.extend(reserved(1));
    actions.extend([Action::Confirm { offer: 1 }, Action::Reschedule { offer: 1 }]);
    actions.extend(delivered());
    actions.extend([Action::Pay { order: 0 }, Action::Pay { order: 1 }]);
    actions.extend(delivered());
    actions.extend([Action::Pass { seconds: 61 * 60 }, tick("finalize_batches")]);
    actions.extend(delivered());
    actions.extend([0, 2, 3].map(|step| Action::Produce { offer: 1, step }));
    actions.extend(delivered());
    actions
}

fn given_up() -> Vec<Action> {
    let mut actions = reserved(1);
    actions.extend([Action::Confirm { offer: 1 }]);
    actions.extend(delivered());
    actions.extend([Action::Pay { order: 0 }, Action::Pay { order: 1 }]);
    actions.extend(delivered());
    actions.extend([Action::Pass { seconds: 61 * 60 }, tick("finalize_batches"), tick("close_sell_windows")]);
    actions.extend(delivered());
    actions.extend([Action::Produce { offer: 1, step: 5 }, Action::CancelBatch { offer: 1 }]);
    actions.extend(delivered());
    actions
}

fn tick(schedule: &str) -> Action {
    let place = super::perform::schedules().iter().position(|name| *name == schedule).unwrap();
    Action::Tick { schedule: u8::try_from(place).unwrap(), minutes_ago: 0 }
}
