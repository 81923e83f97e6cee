//! Millrun's wire to AWS: one HTTP client for all of it, and calls of the services that the shop needs one operation of,
//! made of the parts that the DynamoDB SDK consists of anyway (docs/decisions/0013).
//!
//! Invariant: no other crate names hyper, rustls, or the SDKs' own insides.

pub mod call;
pub mod http;

pub use call::{Call, CallError, Json, Refused};
pub use http::Client;

use aws_types::SdkConfig;

/// The address of the service at this host (`email` for SES) in the configuration's region, or its endpoint.
pub fn url(config: &SdkConfig, host: &str) -> String {
    let region = config.region().map(AsRef::as_ref).unwrap_or_default();
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url = config.endpoint_url().map_or_else(|| format!("https://{host}.{region}.{suffix}"), str::to_owned);
    url.trim_end_matches('/').to_owned()
}
