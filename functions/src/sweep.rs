//! How a scheduled use case works through what is due.
//!
//! - Fair: the entries come page by page, longest due first over all shards. An entry that fails, or that has to wait, is
//!   passed, so that it keeps no other one from its turn.
//! - Bounded: one page is in memory, a limited number of entries is worked on at a time, and no page begins after
//!   [`RUN_MAX`].
//! - Resumable: a finished entry leaves its list, so that the next tick continues where this one stopped.
//! - Patient: a run ends early when nothing succeeds any more ([`BUSY_IN_A_ROW_MAX`]), and the entries stay as they are.
//!
//! The outbox, whose records stay where they are, has the same properties with a watermark of its own
//! ([`crate::platform::sweep_outbox`]).

use contracts::Failure;
use futures_util::{StreamExt, stream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::DueEntry;
use tokio::time::Instant;

/// For how long one tick begins pages. The functions have a minute; what was begun has the rest of it.
pub(crate) const RUN_MAX: Duration = Duration::from_secs(30);
/// Entries of one page.
pub(crate) const PAGE: usize = 100;
/// Entries in a row that end in [`Failure::Busy`] before the run ends: each may take seconds of its time.
const BUSY_IN_A_ROW_MAX: usize = 16;

/// When a run began: in monotonic time, because the time of a tick says nothing about its function's deadline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run(Instant);

impl Run {
    /// A run that begins now.
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Whether the run may begin another page.
    pub(crate) fn goes_on(self) -> bool {
        self.0.elapsed() < RUN_MAX
    }

    /// Whether this part of the run's time is over.
    pub(crate) fn has_used(self, part: Duration) -> bool {
        self.0.elapsed() >= part
    }
}

/// Works through a list of due entries, `at_once` at a time. `page` returns the entries after a place, at most [`PAGE`] of
/// them, longest due first.
///
/// # Errors
/// The last failure, after all others were worked on.
pub(crate) async fn work_through<T, P, W>(
    at_once: usize,
    page: impl Fn(Option<String>) -> P,
    work: impl Fn(T) -> W,
) -> Result<(), Failure>
where
    P: Future<Output = Result<Vec<DueEntry<T>>, Failure>>,
    W: Future<Output = Result<(), Failure>>,
{
    let run = Run::begin();
    let mut after = None;
    let mut result = Ok(());
    let busy_in_a_row = AtomicUsize::new(0);
    let goes_on = || run.goes_on() && busy_in_a_row.load(Ordering::Relaxed) < BUSY_IN_A_ROW_MAX;
    while goes_on() {
        let due = page(after.take()).await?;
        let is_last = due.len() < PAGE;
        after = due.last().map(|due| due.place.clone());
        // What was begun is finished; only the begin of others is given up.
        let works = due.into_iter().take_while(|_| goes_on()).map(|due| work(due.entry));
        let mut works = stream::iter(works).buffer_unordered(at_once);
        while let Some(done) = works.next().await {
            match done {
                Err(Failure::Busy) => busy_in_a_row.fetch_add(1, Ordering::Relaxed),
                _ => busy_in_a_row.swap(0, Ordering::Relaxed),
            };
            result = done.and(result);
        }
        if is_last {
            break;
        }
    }
    result
}
