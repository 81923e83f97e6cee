//! What the calls cost: counted where they are made, read once an invocation.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts calls, units and retries of everything that shares it.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

/// What was counted. Units are thousandths, because an eventually consistent read costs half a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests to DynamoDB, those of the SDK's own retries left out.
    pub calls: u64,
    /// Thousandths of read units.
    pub read_milliunits: u64,
    /// Thousandths of write units.
    pub write_milliunits: u64,
    /// Transactions that were tried again after a conflict or a throttle.
    pub conflict_retries: u64,
}

/// Which side of the bill a call is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Read,
    Write,
}

impl Meter {
    /// What was counted since the last call, and starts anew.
    pub fn take(&self) -> Usage {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn call<'c>(&self, side: Side, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        let units: u64 = consumed.into_iter().filter_map(|capacity| capacity.capacity_units).map(milliunits).sum();
        let mut usage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        usage.calls += 1;
        match side {
            Side::Read => usage.read_milliunits += units,
            Side::Write => usage.write_milliunits += units,
        }
    }

    pub(crate) fn conflict_retry(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).conflict_retries += 1;
    }
}

/// DynamoDB reports units as a float with halves; from here on they are whole thousandths.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the SDK's own type"
)]
fn milliunits(units: f64) -> u64 {
    (units * 1_000.0).round() as u64
}
