//! The cost of DynamoDB calls: counted at each call, read once per invocation.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls, capacity units and retries, shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

/// The counts. Units are thousandths, because an eventually consistent read costs half a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls to DynamoDB, without the SDK's own retries.
    pub calls: u64,
    pub read_milliunits: u64,
    pub write_milliunits: u64,
    /// Transactions that were retried after a conflict or throttling.
    pub conflict_retries: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Read,
    Write,
}

impl Meter {
    /// Returns the counts and resets them.
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

/// DynamoDB reports units as floats with halves; from here on they are whole thousandths.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the SDK's own type"
)]
fn milliunits(units: f64) -> u64 {
    (units * 1_000.0).round() as u64
}
