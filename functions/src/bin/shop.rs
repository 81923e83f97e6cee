//! What customers and guests ask for.

use functions::{Binary, UseCase, serve};
use std::process::ExitCode;

const HELD: &[Option<UseCase>] = &Binary::Shop.use_cases();

// One invocation at a time is all that an environment gets: a second thread would only cost.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(HELD).await
}
