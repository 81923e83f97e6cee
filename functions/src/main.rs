//! The one binary that holds every use case. Lambda says which one a function is: its `Handler`, as `_HANDLER`.

use functions::{App, UseCase, invoke};
use std::process::ExitCode;
use std::sync::Arc;

// One invocation at a time is all that an environment gets: a second thread would only cost (docs/decisions/0001).
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            runtime::telemetry::say_broken(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let use_case = UseCase::find(&runtime::environment::required("_HANDLER")?)?;
    let (app, connections) = App::from_environment()?;
    runtime::telemetry::listen(app.log_level());
    connections.open(use_case).await;
    let app = Arc::new(app);
    runtime::serve(Box::new(move |invocation| {
        let app = Arc::clone(&app);
        Box::pin(async move { invoke(&app, use_case, invocation).await })
    }))
    .await
}
