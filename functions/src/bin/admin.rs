//! Use cases for admins.

use functions::{Binary, UseCase, serve};
use std::process::ExitCode;

const HELD: &[Option<UseCase>] = &Binary::Admin.use_cases();

// An environment handles one invocation at a time, so more threads have no benefit.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(HELD).await
}
