//! The clock of a shop in one process: tests move it.

use crate::shop::OPENING;
use domain::Moment;
use functions::Clock;
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The shared clock of a shop's environments.
#[derive(Debug, Clone, Default)]
pub(crate) struct ManualClock {
    pub(crate) passed_millis: Arc<AtomicI64>,
    /// The start of tokio's time, if the clock follows it.
    pub(crate) began: Option<Instant>,
}

impl ManualClock {
    /// A clock with this offset.
    pub(crate) fn ahead(&self, ahead: SignedDuration) -> Clock {
        let (hand, opening) = (self.clone(), OPENING.parse::<Moment>().unwrap());
        Arc::new(move || {
            let passed = SignedDuration::from_millis(hand.passed_millis.load(Ordering::Relaxed));
            let elapsed = hand.began.map_or(Duration::ZERO, |began| began.elapsed());
            opening + passed + SignedDuration::try_from(elapsed).unwrap() + ahead
        })
    }
}
