//! How a scheduled use case processes the entries of a due index.
//!
//! - Fair: entries are read page by page, longest due first over all shards. An entry that fails or has to wait is
//!   skipped, so that it does not delay the others.
//! - Bounded: one page is in memory, a limited number of entries is processed concurrently, and no page begins after
//!   [`RUN_MAX`].
//! - Resumable: a finished entry leaves the due index, so that the next run continues where this one stopped.
//! - Considerate: a run ends early after [`BUSY_IN_A_ROW_MAX`] successive failures by contention, and the remaining
//!   entries stay as they are.
//!
//! The outbox has the same properties with a watermark instead ([`crate::platform::sweep_outbox`]), because its records
//! stay where they are.

use contracts::Failure;
use futures_util::{StreamExt, stream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::DueEntry;
use tokio::time::Instant;

/// The time within which a run begins pages. The functions have a minute; the rest of it is for pages in progress.
pub(crate) const RUN_MAX: Duration = Duration::from_secs(30);
/// Entries of one page.
pub(crate) const PAGE: usize = 100;
/// The number of successive entries with [`Failure::Busy`] after which the run ends: each may take seconds.
const BUSY_IN_A_ROW_MAX: usize = 16;

/// The start of a run, in monotonic time, because a tick's scheduled time does not tell its function's deadline.
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

/// Processes all due entries, `at_once` of them concurrently. `page` returns the entries after a position, at most [`PAGE`]
/// of them, longest due first.
///
/// # Errors
/// The last failure, after all entries were tried.
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
        // Entries in progress are finished; no further entry is begun.
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
