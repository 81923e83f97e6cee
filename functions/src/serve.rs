//! The life of a binary: select the use case, connect, handle invocations.

use crate::manifest::{Grant, Secret};
use crate::{App, UnknownUseCase, UseCase, invoke};
use runtime::environment::required;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

/// Serves the use case that the function's `Handler` names (`_HANDLER`), one of those in the binary. Logs the reason if it
/// cannot start.
pub async fn serve(held: &[Option<UseCase>]) -> ExitCode {
    match start(held).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            runtime::telemetry::say_broken(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Reads the secret that every invocation of the use case needs, while no caller waits.
async fn load_secrets(app: &App, use_case: &UseCase) {
    if use_case.manifest.grants.contains(&Grant::Read(Secret::ContactKeysSecret)) {
        app.contact_keys.load().await;
    }
}

async fn start(held: &[Option<UseCase>]) -> Result<(), Box<dyn Error + Send + Sync>> {
    let name = required("_HANDLER")?;
    let named = held.iter().flatten().find(|use_case| use_case.name == name);
    let use_case = *named.ok_or(UnknownUseCase(name))?;
    let (app, connections) = App::from_environment()?;
    runtime::telemetry::listen(app.log_level());
    futures_util::future::join(connections.open(&use_case), load_secrets(&app, &use_case)).await;
    let app = Arc::new(app);
    runtime::serve(Box::new(move |invocation| {
        let app = Arc::clone(&app);
        Box::pin(async move { invoke(&app, &use_case, invocation).await })
    }))
    .await
}
