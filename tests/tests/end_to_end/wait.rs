//! Waiting for what happens by and by: looked at again and again, never for longer than a deadline.

use std::time::{Duration, Instant};

/// The longest that anything on its way may take; the shop may be busy with other scenarios.
pub(crate) const SOON: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Looks until there is something.
///
/// Panics with `what` when there is nothing within [`SOON`].
pub(crate) async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain: {what}", SOON.as_secs());
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}
