//! Polling with a deadline.

use std::time::{Duration, Instant};

/// The deadline for asynchronous results; the shop may be busy with other scenarios.
pub(crate) const SOON: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Polls until there is a result.
///
/// Panics with `what` if there is none within [`SOON`].
pub(crate) async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "timed out after {} s: {what}", SOON.as_secs());
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}
