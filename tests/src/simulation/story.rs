//! Fixed runs in which one use case has one trouble: a cell of the fault matrix.
//!
//! A story is played once undisturbed and then with the trouble at every place where it can strike. Whoever gets no definite
//! answer asks again, what was not consumed is delivered again; in the end everything must be as if nothing had happened.

use super::world::World;
use super::{Act, Harm, Plan, Report, Round, in_runtime};
use crate::faults::{Chance, Fault, Sent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many requests of a use case are struck, one run each, at the most.
const PLACES_MAX: usize = 12;
/// How often a request is sent at the same moment, after it was sent once more in turn.
pub(super) const AT_ONCE: usize = 50;

/// What troubles a use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// One of its requests is harmed; each of them in a run of its own.
    Harmed(Harm),
    /// Every request to it comes twice in turn and then many times at once.
    Repeated,
    /// Every message for it comes twice, the last one first, and a day late.
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
    /// What was answered where nothing was the matter.
    pub answers: BTreeMap<String, usize>,
}

/// Plays a story with a use case in trouble.
pub fn trouble(use_case: &'static str, trouble: Trouble) -> Trial {
    let plan = story(use_case);
    let undisturbed = in_runtime(play(&plan, None, None));
    let target = Target { use_case, trouble };
    let mut trial = Trial { wrong: undisturbed.wrong, came: 0, answers: undisturbed.answers };
    for place in 0..PLACES_MAX {
        let harm = match trouble {
            Trouble::Harmed(harm) => Some((harm, place)),
            _ => None,
        };
        let report = in_runtime(play(&plan, Some(target), harm));
        if report.struck == 0 {
            break;
        }
        trial.came += 1;
        trial.wrong.extend(report.wrong.iter().map(|wrong| format!("at place {place}: {wrong}")));
        if report.digest != undisturbed.digest {
            let (before, after): (BTreeSet<_>, BTreeSet<_>) =
                (undisturbed.digest.iter().collect(), report.digest.iter().collect());
            let (missing, extra): (Vec<_>, Vec<_>) =
                (before.difference(&after).collect(), after.difference(&before).collect());
            trial.wrong.push(format!("at place {place}: {missing:?} became {extra:?}"));
        }
        if harm.is_none() {
            break;
        }
    }
    trial
}

async fn play(plan: &Plan, target: Option<Target>, harm: Option<(Harm, usize)>) -> Report {
    fastrand::seed(plan.seed);
    let world = World::open(plan.seed).await.troubled(target);
    for (number, round) in plan.rounds.iter().enumerate() {
        world.begin(round);
        if number == 0
            && let (Some(target), Some((harm, place))) = (target, harm)
        {
            world.shop.wire.haunt(strike(target.use_case, harm, place, Arc::clone(&world.struck)));
        }
        for (place, act) in round.acts.iter().enumerate() {
            world.perform(number, place, act).await;
            world.ask_again().await;
        }
    }
    world.calm();
    world.come_to_rest().await;
    world.report()
}

/// Harms the request of a use case at this place among all that it sends.
fn strike(use_case: &'static str, harm: Harm, place: usize, struck: Arc<AtomicUsize>) -> Chance {
    let mut sent_before = 0;
    Box::new(move |sent: &Sent<'_>| -> Option<Fault> {
        if sent.actor != Some(use_case) {
            return None;
        }
        sent_before += 1;
        (sent_before - 1 == place).then(|| {
            struck.fetch_add(1, Ordering::Relaxed);
            harm.to(sent)
        })
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
