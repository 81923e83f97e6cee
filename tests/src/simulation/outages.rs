//! What is away, or behind, for a while.

use crate::faults::{Fault, SentRequest};
use domain::Moment;
use jiff::SignedDuration;

/// How long an outage of the bus lasts.
const BUS_OUTAGE: SignedDuration = SignedDuration::from_hours(1);

/// The outages of a run.
#[derive(Debug, Default)]
pub(super) struct Outages {
    bus_until: Option<Moment>,
    indexes_until: Option<Moment>,
}

impl Outages {
    /// No request reaches the bus for an hour.
    pub(super) fn begin_of_bus(&mut self, now: Moment) {
        self.bus_until = Some(now + BUS_OUTAGE);
    }

    /// The indexes lag for this long.
    pub(super) fn begin_of_indexes(&mut self, now: Moment, length: SignedDuration) {
        self.indexes_until = Some(now + length);
    }

    /// Whether no request reaches the bus.
    pub(super) fn is_bus_away(&self, now: Moment) -> bool {
        self.bus_until.is_some_and(|until| now < until)
    }

    /// The fault of a request during an outage. Each partition of an index lags on its own, so some answer as usual.
    pub(super) fn fault_of(&self, sent: &SentRequest<'_>, now: Moment) -> Option<Fault> {
        if sent.operation == "PutEvents" {
            return self.is_bus_away(now).then_some(Fault::Undelivered);
        }
        if !sent.is_index || self.indexes_until.is_none_or(|until| now >= until) {
            return None;
        }
        match fastrand::u8(0..4) {
            0 => None,
            1 => Some(Fault::ListedTwice),
            _ => Some(Fault::Lagging),
        }
    }
}
