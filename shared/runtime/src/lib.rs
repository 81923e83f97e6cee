//! Lambda's border: what arrives is read here, what leaves is written here, and one line is logged for each invocation.
//!
//! Invariant: no other crate names `lambda_runtime` or `aws_lambda_events`.

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

/// An invocation that failed as a whole: Lambda's caller tries again or sets it aside. What went wrong is in the log line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

/// Answers one invocation: JSON in, JSON out. Boxed, so that the HTTP stack below is instantiated once whatever handles it.
pub type Handler = Box<dyn Fn(Invocation) -> BoxFuture<'static, Result<Box<RawValue>, Failed>> + Send + Sync>;

/// Serves invocations until Lambda ends the process.
///
/// # Errors
/// When the Runtime API cannot be talked to.
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
