//! Fixed runs in which one use case has one trouble: a cell of the fault matrix.
//!
//! A story is played once undisturbed and then with the trouble at every place where it can strike. Whoever gets no definite
//! answer asks again, what was not consumed is delivered again; in the end everything must be as if nothing had happened.

use super::world::World;
use super::{Act, Harm, Plan, Report, Round, in_runtime};
use crate::faults::{Chance, Fault, Sent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How many requests of a use case are struck, one run each, at the most.
const PLACES_MAX: usize = 12;
/// How often a request is sent at the same moment, after it was sent once more in turn.
pub(super) const AT_ONCE: usize = 50;

/// What troubles a use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// One of its requests is harmed, in each of these ways; each request of its kind and each way in a run of its own.
    Harmed(&'static [Harm]),
    /// Every request to it comes twice in turn and then many times at once.
    Repeated,
    /// Every message for it comes twice, the last one first, and once more days later.
    Doubled,
    /// Its schedule skips a tick, then fires twice at once.
    TickedTwice,
}

/// What a use case is troubled with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) use_case: &'static str,
    pub(super) trouble: Trouble,
}

/// How a use case bore a trouble.
#[derive(Debug, Default)]
pub struct Trial {
    /// What is wrong.
    pub wrong: Vec<String>,
    /// In how many runs the trouble came.
    pub came: usize,
}

/// What a request is about: one that is struck stands for all of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    operation: String,
    tables: Vec<String>,
    is_index: bool,
}

/// A story in which nothing is the matter.
#[derive(Debug, Default)]
struct Undisturbed {
    report: Report,
    /// What each use case sent.
    sent: BTreeMap<String, Vec<Kind>>,
}

impl Undisturbed {
    /// The first request of each kind that a use case sends, by its place among all that it sends.
    fn places(&self, use_case: &str) -> Vec<(usize, &Kind)> {
        let sent = self.sent.get(use_case).map(Vec::as_slice).unwrap_or_default();
        let first = sent.iter().enumerate().filter(|(place, kind)| !sent[..*place].contains(kind));
        first.take(PLACES_MAX).collect()
    }
}

/// Plays a story with a use case in trouble.
pub fn trouble(use_case: &'static str, trouble: Trouble) -> Trial {
    let plan = story(use_case);
    let undisturbed = undisturbed(&plan);
    let target = Target { use_case, trouble };
    let mut trial = Trial { wrong: undisturbed.report.wrong.clone(), came: 0 };
    let mut see = |what: String, report: Report| {
        trial.came += usize::from(report.struck > 0);
        trial.wrong.extend(report.wrong.iter().map(|wrong| format!("{what}: {wrong}")));
        if report.struck == 0 {
            trial.wrong.push(format!("{what}: never came"));
        }
        if report.digest != undisturbed.report.digest {
            let (before, after): (BTreeSet<_>, BTreeSet<_>) =
                (undisturbed.report.digest.iter().collect(), report.digest.iter().collect());
            let (missing, extra): (Vec<_>, Vec<_>) =
                (before.difference(&after).collect(), after.difference(&before).collect());
            trial.wrong.push(format!("{what}: {missing:?} became {extra:?}"));
        }
    };
    let Trouble::Harmed(harms) = trouble else {
        see(format!("{trouble:?}"), in_runtime(play(&plan, Some(target), None)));
        return trial;
    };
    for (place, kind) in undisturbed.places(use_case) {
        let mut faults: Vec<Fault> = Vec::new();
        for harm in harms {
            // Several harms are the same to a request that only reads.
            let fault = harm.to(&kind.as_sent(use_case));
            if !faults.contains(&fault) {
                faults.push(fault);
                let report = in_runtime(play(&plan, Some(target), Some(strike(use_case, *harm, place))));
                see(format!("{harm:?} of {} at place {place}", kind.operation), report);
            }
        }
    }
    trial
}

impl Kind {
    fn of(sent: &Sent<'_>) -> Self {
        Self { operation: sent.operation.to_owned(), tables: sent.tables.to_vec(), is_index: sent.is_index }
    }

    fn as_sent<'k>(&'k self, actor: &'k str) -> Sent<'k> {
        Sent { actor: Some(actor), operation: &self.operation, tables: &self.tables, is_index: self.is_index }
    }
}

/// A story without any trouble, played once for all.
fn undisturbed(plan: &Plan) -> Arc<Undisturbed> {
    type Stories = Vec<(Plan, Arc<OnceLock<Arc<Undisturbed>>>)>;
    static PLAYED: Mutex<Stories> = Mutex::new(Vec::new());
    let played = {
        let mut stories = PLAYED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = stories.iter().find(|(story, _)| story == plan).map(|(_, played)| Arc::clone(played));
        known.unwrap_or_else(|| {
            stories.push((plan.clone(), Arc::default()));
            stories.last().map(|(_, played)| Arc::clone(played)).unwrap_or_default()
        })
    };
    let play = || {
        let sent = Arc::new(Mutex::new(BTreeMap::<String, Vec<Kind>>::new()));
        let noted = Arc::clone(&sent);
        let note: Chance = Box::new(move |sent: &Sent<'_>| -> Option<Fault> {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.entry(sent.actor?.to_owned()).or_default().push(Kind::of(sent));
            None
        });
        let report = in_runtime(play(plan, None, Some(note)));
        let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
        Arc::new(Undisturbed { report, sent })
    };
    Arc::clone(played.get_or_init(play))
}

async fn play(plan: &Plan, target: Option<Target>, chance: Option<Chance>) -> Report {
    fastrand::seed(plan.seed);
    let world = World::open(plan.seed).await.troubled(target);
    chance.into_iter().for_each(|chance| world.haunt(chance));
    for (number, round) in plan.rounds.iter().enumerate() {
        world.begin(round);
        for (place, act) in round.acts.iter().enumerate() {
            world.perform(number, place, act).await;
            world.ask_again().await;
        }
    }
    world.calm();
    world.come_to_rest().await;
    Report { digest: world.digest(), ..world.report() }
}

/// Harms the request of a use case at this place among all that it sends.
fn strike(use_case: &'static str, harm: Harm, place: usize) -> Chance {
    let mut sent_before = 0;
    Box::new(move |sent: &Sent<'_>| -> Option<Fault> {
        if sent.actor != Some(use_case) {
            return None;
        }
        sent_before += 1;
        (sent_before - 1 == place).then(|| harm.to(sent))
    })
}

/// A story in which this use case has something to do.
fn story(use_case: &str) -> Plan {
    let acts = match use_case {
        "create_product" | "add_variant" | "create_coupon" | "create_sell_window" | "update_product"
        | "update_variant" | "adjust_stock" | "update_coupon" => catalog(),
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
        _ => instant(),
    };
    let rounds = (1..).zip(acts).map(|(seed, act)| Round { seed, acts: vec![act], strikes: Vec::new() }).collect();
    Plan { seed: 7, rounds }
}

/// Everything is delivered.
fn delivered() -> impl Iterator<Item = Act> {
    [Act::Relay, Act::WorkAll].into_iter().cycle().take(6)
}

fn catalog() -> Vec<Act> {
    let mut acts: Vec<Act> = (0..4).map(|what| Act::Create { what }).collect();
    acts.extend([
        Act::Rename { variant: 0 },
        Act::ChangePrice { variant: 0, hundreds: 4 },
        Act::Reshape { variant: 1, shards: 2 },
        Act::AdjustStock { variant: 0, delta: 2 },
        Act::TopUp { coupon: 0, more: 2 },
    ]);
    acts
}

fn coupons() -> Vec<Act> {
    let mut acts: Vec<Act> = (0..4).map(|n| Act::TakeCoupon { customer: n, coupon: 0, later: false }).collect();
    acts.extend((0..3).map(|n| Act::TakeCoupon { customer: n, coupon: 1, later: true }));
    acts.extend(delivered());
    acts
}

fn instant() -> Vec<Act> {
    let order = |customer, coupon, later| Act::Order { customer, variant: 2, quantity: 2, coupon, later };
    let mut acts = vec![
        Act::Charge { customer: 0, times: 1 },
        Act::TakeCoupon { customer: 0, coupon: 0, later: false },
        order(0, true, false),
        order(0, false, true),
        order(1, false, false),
        order(1, false, false),
    ];
    acts.extend(delivered());
    acts.extend([Act::Pay { order: 0 }, Act::Pay { order: 1 }, Act::Cancel { order: 2 }]);
    acts.extend(delivered());
    acts.extend([Act::Ship { order: 0 }, Act::AdminCancel { order: 1 }, Act::Replay { event: 0 }]);
    acts.extend(delivered());
    acts.push(Act::Pass { seconds: 16 * 60 });
    let ticks = ["expire_orders", "retry_notifications", "refresh_best_sellers", "record_daily_sales", "sweep_outbox"];
    acts.extend(ticks.map(tick));
    acts.extend(delivered());
    acts
}

fn providers() -> Vec<Act> {
    let mut acts = Vec::new();
    for (order, provider) in [(0, 0), (1, 1), (2, 2), (3, 0)] {
        acts.push(Act::Order { customer: order, variant: 2, quantity: 1, coupon: false, later: false });
        acts.push(Act::CheckOut { order, provider });
        acts.push(Act::PayAtProvider { trade: order });
    }
    acts.extend([Act::Callback { trade: 0, knob: 0 }, Act::Callback { trade: 1, knob: 0 }, Act::Return { trade: 2 }]);
    acts.extend(delivered());
    acts.extend([Act::Refund { order: 0, percent: 50 }, Act::Refund { order: 1, percent: 100 }]);
    acts.extend(delivered());
    acts.extend([Act::Pass { seconds: 11 * 60 }, tick("reconcile_payments")]);
    acts.extend(delivered());
    acts
}

fn reserved(offer: u8) -> Vec<Act> {
    let reserve = |customer| Act::Reserve { customer, offer, quantity: 1, coupon: false, later: false };
    let mut acts = vec![Act::Charge { customer: 0, times: 1 }, Act::Charge { customer: 1, times: 1 }];
    acts.extend((0..2).map(reserve));
    acts.extend(delivered());
    acts
}

fn made() -> Vec<Act> {
    let mut acts = vec![Act::Configure { offer: 1, threshold: 2, capacity: 5 }];
    acts.extend(reserved(1));
    acts.extend([Act::Confirm { offer: 1 }, Act::Reschedule { offer: 1 }]);
    acts.extend(delivered());
    acts.extend([Act::Pay { order: 0 }, Act::Pay { order: 1 }]);
    acts.extend(delivered());
    acts.extend([Act::Pass { seconds: 61 * 60 }, tick("finalize_batches")]);
    acts.extend(delivered());
    acts.extend([0, 2, 3].map(|step| Act::Produce { offer: 1, step }));
    acts.extend(delivered());
    acts
}

fn given_up() -> Vec<Act> {
    let mut acts = reserved(1);
    acts.extend([Act::Confirm { offer: 1 }]);
    acts.extend(delivered());
    acts.extend([Act::Pay { order: 0 }, Act::Pay { order: 1 }]);
    acts.extend(delivered());
    acts.extend([Act::Pass { seconds: 61 * 60 }, tick("finalize_batches"), tick("close_sell_windows")]);
    acts.extend(delivered());
    acts.extend([Act::Produce { offer: 1, step: 5 }, Act::CancelBatch { offer: 1 }]);
    acts.extend(delivered());
    acts
}

fn tick(schedule: &str) -> Act {
    let place = super::perform::schedules().iter().position(|name| *name == schedule).unwrap();
    Act::Tick { schedule: u8::try_from(place).unwrap(), minutes_ago: 0 }
}
