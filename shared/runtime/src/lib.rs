//! The border to Lambda: parses events, writes responses, and logs one line per invocation.
//!
//! Invariant: no other crate names `lambda_http`, `lambda_runtime` or `aws_lambda_events`.

mod body;
mod caller;
pub mod environment;
pub mod http;
pub mod problem;
pub mod queue;
pub mod schedule;
pub mod stream;
pub mod telemetry;

use futures_util::future::BoxFuture;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// One invocation as it arrives.
#[derive(Debug)]
pub struct Invocation {
    /// Lambda's id of the request.
    pub request_id: String,
    /// The event, JSON.
    pub event: Box<RawValue>,
}

/// An invocation that failed as a whole: Lambda's caller retries or drops it. The cause is in the log line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

/// Handles one invocation: JSON in, JSON out. Boxed, so that the HTTP stack is instantiated once for all handlers.
pub type Handler = Box<dyn Fn(Invocation) -> BoxFuture<'static, Result<Box<RawValue>, Failed>> + Send + Sync>;

/// Handles invocations until Lambda ends the process.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve(handler: Handler) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let handler = std::sync::Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let handler = std::sync::Arc::clone(&handler);
        async move {
            let invocation = Invocation { request_id: event.context.request_id, event: event.payload };
            handler(invocation).await.map_err(Box::<dyn std::error::Error + Send + Sync>::from)
        }
    }))
    .await
}
