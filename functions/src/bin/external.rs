//! What has to do with third parties: those who take money, and those who carry messages.

use functions::{Binary, UseCase, serve};
use std::process::ExitCode;

const HELD: &[Option<UseCase>] = &Binary::External.use_cases();

// One invocation at a time is all that an environment gets: a second thread would only cost.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(HELD).await
}
