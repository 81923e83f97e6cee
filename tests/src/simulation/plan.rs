//! The plan of a run, generated from a seed.

use super::{Action, FaultKind, PlannedFault};
use fastrand::Rng;

/// Concurrent actions per round.
pub(super) const AT_ONCE_MAX: usize = 4;
/// The approximate number of requests per round.
const CALLS: usize = 24;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed of the plan and of every other random choice of the run.
    pub seed: u64,
    pub rounds: Vec<Round>,
}

/// Concurrent actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The seed of the interleaving.
    pub seed: u64,
    pub actions: Vec<Action>,
    pub faults: Vec<PlannedFault>,
}

impl Plan {
    /// Generates a plan with this many actions.
    pub fn draw(seed: u64, actions: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut rounds = Vec::new();
        let mut left = actions;
        while left > 0 {
            let actions = random.usize(1..=AT_ONCE_MAX).min(left);
            left -= actions;
            // Half of the rounds have no faults; under constant faults no flow would complete.
            let faults = if random.bool() { 0 } else { random.usize(1..=3) };
            rounds.push(Round {
                seed: random.u64(..),
                actions: (0..actions).map(|_| draw(&mut random)).collect(),
                faults: (0..faults)
                    .map(|_| PlannedFault {
                        call: random.usize(0..CALLS),
                        kind: FaultKind::ALL[random.usize(0..FaultKind::ALL.len())],
                    })
                    .collect(),
            });
        }
        Self { seed, rounds }
    }

    /// The number of actions and faults.
    pub fn size(&self) -> usize {
        self.rounds.iter().map(|round| round.actions.len() + round.faults.len()).sum()
    }

    /// A text with one line per round.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (number, round) in self.rounds.iter().enumerate() {
            let actions: Vec<String> = round.actions.iter().map(|action| format!("{action:?}")).collect();
            let faults: Vec<String> =
                round.faults.iter().map(|fault| format!("{:?} of call {}", fault.kind, fault.call)).collect();
            text.push_str(&format!("  {number:>3}. {}", actions.join(" ∥ ")));
            if !faults.is_empty() {
                text.push_str(&format!("   ⚡ {}", faults.join(", ")));
            }
            text.push('\n');
        }
        text
    }
}

/// One action. The weights let most flows complete.
fn draw(random: &mut Rng) -> Action {
    let customer = random.u8(..);
    let order = random.u8(..);
    match random.u8(0..100) {
        0..=2 => Action::Charge { customer, times: random.u8(1..=3) },
        3 => Action::BuyPoints { customer, provider: random.u8(..) },
        4 if random.u8(0..3) == 0 => Action::OrderWithoutEnd { variant: random.u8(..), later: random.bool() },
        4..=18 => Action::Order {
            customer,
            variant: random.u8(..),
            quantity: random.u8(1..=4),
            coupon: random.u8(0..3) == 0,
            later: random.u8(0..5) == 0,
        },
        19..=25 => Action::Reserve {
            customer,
            offer: random.u8(..),
            quantity: random.u8(1..=2),
            coupon: random.u8(0..5) == 0,
            later: random.u8(0..5) == 0,
        },
        26..=34 => Action::Pay { order },
        35..=38 => Action::CheckOut { order, provider: random.u8(..) },
        39..=41 => Action::Cancel { order },
        42..=45 => Action::TakeCoupon { customer, coupon: random.u8(..), later: random.bool() },
        46 => Action::SaveAddress { customer },
        47 if random.bool() => Action::Look { customer, what: random.u8(..) },
        47 => Action::Fetch { link: random.u8(..) },
        48..=50 => Action::Again { request: random.u8(..) },
        51 => Action::OtherBody { request: random.u8(..) },
        52..=53 => Action::PayAtProvider { trade: random.u8(..) },
        54 if random.bool() => Action::CannotTell { trade: random.u8(..) },
        54 => Action::DeclineThenPay { trade: random.u8(..) },
        55..=58 => Action::Callback { trade: random.u8(..), fault_settings: random.u8(..) },
        59..=60 => Action::Return { trade: random.u8(..) },
        61..=73 => draw_admin(random),
        _ => draw_machinery(random),
    }
}

fn draw_admin(random: &mut Rng) -> Action {
    let (order, offer) = (random.u8(..), random.u8(..));
    match random.u8(0..24) {
        0..=1 => Action::AdjustStock { variant: random.u8(..), delta: random.i8(-3..=6) },
        2 => Action::ChangePrice { variant: random.u8(..), hundreds: random.u8(1..=9) },
        3 => Action::TopUp { coupon: random.u8(..), more: random.u8(1..=3) },
        4 => Action::Reshape { variant: random.u8(..), shards: random.u8(1..=4) },
        5 => Action::AdminCancel { order },
        6..=7 => Action::Refund { order, percent: [30, 50, 100, 100][random.usize(0..4)] },
        8..=10 => Action::Ship { order },
        11 => Action::Configure { offer, threshold: random.u8(2..=5), capacity: random.u8(5..=12) },
        12..=14 => Action::Confirm { offer },
        15 => Action::CancelBatch { offer },
        16..=18 => Action::Produce { offer, step: random.u8(..) },
        19 => Action::Create { what: random.u8(..) },
        20 => Action::Rename { variant: random.u8(..) },
        21 => Action::Reschedule { offer },
        22 => Action::ChangeFee { hundreds: random.u8(0..=9) },
        _ => Action::Replay { event: random.u8(..) },
    }
}

fn draw_machinery(random: &mut Rng) -> Action {
    let consumer = random.u8(..);
    match random.u8(0..27) {
        0 if random.u8(0..4) == 0 => Action::BusOutage,
        0..=4 => Action::Relay,
        5 => Action::LoseChanges,
        6..=10 => Action::WorkAll,
        11 => Action::Work { consumer },
        12..=13 => Action::Double { consumer },
        14 => Action::Delay { consumer },
        15 => Action::Shuffle { consumer },
        16 => Action::SetAside { consumer },
        17 => Action::Poison { consumer },
        18 => Action::Redrive,
        19..=22 => Action::Tick { schedule: random.u8(..), minutes_ago: random.u8(0..4) },
        23 => Action::Pass { seconds: random.u32(1..120) },
        24 => Action::LagIndexes { minutes: random.u8(1..10) },
        // Hours are rare, because the outbox sweep reads every minute of them.
        _ if random.u8(0..4) == 0 => Action::Pass { seconds: random.u32(1_200..9_000) },
        _ => Action::Pass { seconds: random.u32(120..1_200) },
    }
}
