//! Ticks of EventBridge Scheduler. `now` is the tick's own time, so a missed or repeated one can be replayed exactly.

use domain::Moment;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One invocation by a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Tick {
    /// The scheduled time.
    pub time: Moment,
}

/// Parses a tick.
///
/// # Errors
/// When the event has no `time`.
pub fn read(event: &RawValue) -> Result<Tick, serde_json::Error> {
    serde_json::from_str(event.get())
}
