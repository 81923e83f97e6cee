//! The bucket, and the one operation on it.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, timeout::TimeoutConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_types::SdkConfig;
use contracts::Failure;
use std::time::Duration;

/// Time-out of one attempt. A function with a fifth of a core uploads megabytes more slowly than it writes an item.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The name of a bucket, known from its domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket(String);

impl Bucket {
    /// The bucket with this regional domain name, `<name>.s3.<region>.<suffix>`, as CloudFormation returns it.
    pub fn parse(domain: &str) -> Option<Self> {
        let (name, rest) = domain.split_once('.')?;
        (!name.is_empty() && rest.starts_with("s3.")).then(|| Self(name.to_owned()))
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The client of one bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    client: Client,
    bucket: String,
}

impl Objects {
    pub(crate) fn new(config: &SdkConfig, bucket: &Bucket) -> Self {
        let timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let s3 = Builder::from(config)
            .timeout_config(timeouts.operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
            // A local endpoint has no host name for each bucket.
            .force_path_style(config.endpoint_url().is_some());
        Self { client: Client::from_conf(s3.build()), bucket: bucket.name().to_owned() }
    }

    /// Writes an object under this key and replaces one that is there. S3 compares the checksum, so that an object is
    /// either complete or absent.
    pub(crate) async fn put(&self, key: &str, text: String) -> Result<(), Failure> {
        let sent = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("application/x-ndjson")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(text.into_bytes()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) if aws::is_transient(&error) => Err(Failure::Busy),
            Err(error) => Err(Failure::broken(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_known_by_its_regional_domain_name() {
        assert_eq!(Bucket::parse("shop-files.s3.eu-central-1.amazonaws.com").unwrap().name(), "shop-files");
        for bad in ["", "shop-files", ".s3.eu-central-1.amazonaws.com", "shop-files.example.com"] {
            assert_eq!(Bucket::parse(bad), None, "{bad}");
        }
    }
}
