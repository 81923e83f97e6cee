//! What the shop does by itself: what schedules set off, and the stream of what is to be published.

use functions::{Binary, UseCase, serve};
use std::process::ExitCode;

const HELD: &[Option<UseCase>] = &Binary::Upkeep.use_cases();

// One invocation at a time is all that an environment gets: a second thread would only cost.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(HELD).await
}
