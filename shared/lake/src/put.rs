//! One put of an object, made of the SDKs' own parts.

use aws::call::Signing;
use aws::{Call, CallError};
use aws_smithy_http::label::{EncodingStrategy, fmt_string};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use contracts::Failure;
use std::time::Duration;

/// Time for one attempt: megabytes leave a function with a fifth of a core more slowly than an item does.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    domain: String,
}

impl Bucket {
    /// The bucket of this regional domain name, `<name>.s3.<region>.<suffix>`, as CloudFormation has it.
    pub fn parse(domain: &str) -> Option<Self> {
        let (name, rest) = domain.split_once('.')?;
        (!name.is_empty() && rest.starts_with("s3.")).then(|| Self { domain: domain.to_owned() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.domain.split('.').next().unwrap_or_default()
    }

    /// Its address: its own host, or where somebody stands in for AWS, a path there.
    fn url(&self, endpoint: Option<&str>) -> String {
        match endpoint {
            None => format!("https://{}", self.domain),
            Some(endpoint) => format!("{}/{}", endpoint.trim_end_matches('/'), self.name()),
        }
    }
}

/// `PutObject` of one bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PutObject(Call);

impl PutObject {
    pub(crate) fn new(config: &SdkConfig, bucket: &Bucket) -> Self {
        let url = bucket.url(config.endpoint_url());
        Self(Call::with(config, "s3", "PutObject", &url, signing(), Some(ATTEMPT_TIMEOUT)))
    }

    /// Puts a text under a key, over what is there.
    pub(crate) async fn send(&self, key: &str, text: String) -> Result<(), Failure> {
        let request = request(key, text).map_err(|_| Failure::broken("an object that cannot be sent"))?;
        match self.0.send(request).await {
            Ok(_) => Ok(()),
            Err(CallError::Passing) => Err(Failure::Busy),
            Err(error) => Err(Failure::broken(error)),
        }
    }
}

/// As S3 wants it: the key encoded once, and the body's hash in a header, by which S3 knows that all of it arrived.
fn signing() -> Signing {
    let mut signing = Signing::default();
    signing.double_uri_encode = false;
    signing.normalize_uri_path = false;
    signing.content_sha256_header = true;
    signing
}

fn request(key: &str, text: String) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let bytes = text.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(text));
    request.set_method("PUT")?;
    request.set_uri(format!("/{}", fmt_string(key, EncodingStrategy::Greedy)))?;
    request.headers_mut().try_insert("content-type", "application/x-ndjson")?;
    request.headers_mut().try_insert("content-length", bytes)?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_reached_by_its_own_host_or_below_an_endpoint() {
        let bucket = Bucket::parse("shop-files.s3.eu-central-1.amazonaws.com").unwrap();
        assert_eq!(bucket.name(), "shop-files");
        assert_eq!(bucket.url(None), "https://shop-files.s3.eu-central-1.amazonaws.com");
        assert_eq!(bucket.url(Some("http://127.0.0.1:4566/")), "http://127.0.0.1:4566/shop-files");
        for bad in ["", "shop-files", ".s3.eu-central-1.amazonaws.com", "shop-files.example.com"] {
            assert_eq!(Bucket::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_keys_equals_sign_travels_encoded_as_s3_signs_it() {
        let request = request("orders/dt=2026-11-21/a.ndjson", "{}\n".to_owned()).unwrap();
        assert_eq!((request.method(), request.uri()), ("PUT", "/orders/dt%3D2026-11-21/a.ndjson"));
        assert_eq!(request.headers().get("content-length"), Some("3"));
    }
}
