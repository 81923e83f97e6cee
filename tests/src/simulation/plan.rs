//! What happens in a run, drawn from a seed.

use super::{Act, Harm, Strike};
use fastrand::Rng;

/// Acts at the same time, at the most.
const AT_ONCE_MAX: usize = 4;
/// Requests that one round has, about.
const CALLS: usize = 24;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it was drawn from; also every accident that is not an act or a strike.
    pub seed: u64,
    /// One after the other.
    pub rounds: Vec<Round>,
}

/// What happens at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What decides who goes next.
    pub seed: u64,
    /// What is done.
    pub acts: Vec<Act>,
    /// What goes wrong.
    pub strikes: Vec<Strike>,
}

impl Plan {
    /// A run of so many acts.
    pub fn draw(seed: u64, acts: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut rounds = Vec::new();
        let mut left = acts;
        while left > 0 {
            let acts = random.usize(1..=AT_ONCE_MAX).min(left);
            left -= acts;
            // Half of the rounds have no harm: a shop under constant fire gets nowhere.
            let strikes = if random.bool() { 0 } else { random.usize(1..=3) };
            rounds.push(Round {
                seed: random.u64(..),
                acts: (0..acts).map(|_| draw(&mut random)).collect(),
                strikes: (0..strikes)
                    .map(|_| Strike { call: random.usize(0..CALLS), harm: Harm::ALL[random.usize(0..Harm::ALL.len())] })
                    .collect(),
            });
        }
        Self { seed, rounds }
    }

    /// So many acts and strikes.
    pub fn size(&self) -> usize {
        self.rounds.iter().map(|round| round.acts.len() + round.strikes.len()).sum()
    }

    /// One line for each round.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (number, round) in self.rounds.iter().enumerate() {
            let acts: Vec<String> = round.acts.iter().map(|act| format!("{act:?}")).collect();
            let strikes: Vec<String> =
                round.strikes.iter().map(|strike| format!("{:?} of call {}", strike.harm, strike.call)).collect();
            text.push_str(&format!("  {number:>3}. {}", acts.join(" ∥ ")));
            if !strikes.is_empty() {
                text.push_str(&format!("   ⚡ {}", strikes.join(", ")));
            }
            text.push('\n');
        }
        text
    }
}

/// One act. The weights make a shop in which most things get somewhere.
fn draw(random: &mut Rng) -> Act {
    let customer = random.u8(..);
    let order = random.u8(..);
    match random.u8(0..100) {
        0..=3 => Act::Charge { customer, times: random.u8(1..=3) },
        4..=18 => Act::Order {
            customer,
            variant: random.u8(..),
            quantity: random.u8(1..=4),
            coupon: random.u8(0..3) == 0,
            later: random.u8(0..5) == 0,
        },
        19..=25 => Act::Reserve {
            customer,
            offer: random.u8(..),
            quantity: random.u8(1..=2),
            coupon: random.u8(0..5) == 0,
            later: random.u8(0..5) == 0,
        },
        26..=34 => Act::Pay { order },
        35..=38 => Act::CheckOut { order, provider: random.u8(..) },
        39..=41 => Act::Cancel { order },
        42..=45 => Act::TakeCoupon { customer, coupon: random.u8(..), later: random.bool() },
        46..=47 => Act::Look { customer, what: random.u8(..) },
        48..=50 => Act::Again { request: random.u8(..) },
        51 => Act::OtherBody { request: random.u8(..) },
        52..=54 => Act::PayAtProvider { trade: random.u8(..) },
        55..=58 => Act::Callback { trade: random.u8(..), knob: random.u8(..) },
        59..=60 => Act::Return { trade: random.u8(..) },
        61..=73 => draw_admin(random),
        _ => draw_machinery(random),
    }
}

fn draw_admin(random: &mut Rng) -> Act {
    let (order, offer) = (random.u8(..), random.u8(..));
    match random.u8(0..23) {
        0..=1 => Act::AdjustStock { variant: random.u8(..), delta: random.i8(-3..=6) },
        2 => Act::ChangePrice { variant: random.u8(..), hundreds: random.u8(1..=9) },
        3 => Act::TopUp { coupon: random.u8(..), more: random.u8(1..=3) },
        4 => Act::Reshape { variant: random.u8(..), shards: random.u8(1..=4) },
        5 => Act::AdminCancel { order },
        6..=7 => Act::Refund { order, percent: [30, 50, 100, 100][random.usize(0..4)] },
        8..=10 => Act::Ship { order },
        11 => Act::Configure { offer, threshold: random.u8(2..=5), capacity: random.u8(5..=12) },
        12..=14 => Act::Confirm { offer },
        15 => Act::CancelBatch { offer },
        16..=18 => Act::Produce { offer, step: random.u8(..) },
        19 => Act::Create { what: random.u8(..) },
        20 => Act::Rename { variant: random.u8(..) },
        21 => Act::Reschedule { offer },
        _ => Act::Replay { event: random.u8(..) },
    }
}

fn draw_machinery(random: &mut Rng) -> Act {
    let consumer = random.u8(..);
    match random.u8(0..26) {
        0..=4 => Act::Relay,
        5 => Act::LoseChanges,
        6..=10 => Act::WorkAll,
        11 => Act::Work { consumer },
        12..=13 => Act::Double { consumer },
        14 => Act::Delay { consumer },
        15 => Act::Shuffle { consumer },
        16 => Act::SetAside { consumer },
        17 => Act::Poison { consumer },
        18 => Act::Redrive,
        19..=22 => Act::Tick { schedule: random.u8(..), minutes_ago: random.u8(0..4) },
        23 => Act::Pass { seconds: random.u32(1..120) },
        // Hours are seldom: every minute of them is one that the outbox's sweep walks.
        _ if random.u8(0..4) == 0 => Act::Pass { seconds: random.u32(1_200..9_000) },
        _ => Act::Pass { seconds: random.u32(120..1_200) },
    }
}
