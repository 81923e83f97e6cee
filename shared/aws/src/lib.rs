//! The common parts of all SDK clients of the shop: their HTTP client, and the classification of their errors.
//!
//! Invariant: no other crate configures TLS or connections (docs/decisions/0018).

mod client;
mod error;

pub use client::Client;
pub use error::{error_code, is_transient};

use aws_types::SdkConfig;

/// The URL of the service with this host name (`dynamodb`, `events`) in the configuration's region, or the configured
/// endpoint. [`Client::warm`] opens a connection to it, which the service's SDK client then uses.
pub fn url(config: &SdkConfig, host: &str) -> String {
    let region = config.region().map(AsRef::as_ref).unwrap_or_default();
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url = config.endpoint_url().map_or_else(|| format!("https://{host}.{region}.{suffix}"), str::to_owned);
    url.trim_end_matches('/').to_owned()
}
