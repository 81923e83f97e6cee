//! A bucket, and the operations on its objects.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, timeout::TimeoutConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_types::SdkConfig;
use contracts::Failure;
use std::time::Duration;

/// Time-out of one attempt. A function with a fifth of a core uploads megabytes more slowly than it writes an item.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The name of a bucket, taken from its domain name.
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

    /// Writes an object under this key, or replaces it. S3 compares the checksum, so that an object is either complete or
    /// absent.
    pub(crate) async fn put(&self, key: &str, file: File) -> Result<(), Failure> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(file.content_type)
            .set_cache_control(file.cache_control.map(str::to_owned))
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(file.bytes))
            .send()
            .await
            .map(drop)
            .map_err(sort)
    }

    /// A pre-signed request for a client without credentials: it puts an object of this type and length under this key.
    /// Nothing is sent.
    pub(crate) async fn presign(
        &self,
        key: &str,
        content_type: &str,
        bytes: u32,
        valid: PresigningConfig,
    ) -> Result<PresignedRequest, Failure> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .content_length(bytes.into())
            .presigned(valid)
            .await
            .map_err(Failure::broken)
    }

    /// The content of an object of at most `bytes_max`; `None` if there is none under this key.
    pub(crate) async fn get(&self, key: &str, bytes_max: u32) -> Result<Option<Vec<u8>>, Failure> {
        let object = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => return Ok(None),
            sent => sent.map_err(sort)?,
        };
        if object.content_length.is_none_or(|bytes| bytes > i64::from(bytes_max)) {
            return Err(Failure::broken(format!(
                "object {key} is longer than {bytes_max} bytes, or does not say its length"
            )));
        }
        // The connection may break in the middle of the content, which the SDK does not retry.
        let content = object.body.collect().await.map_err(|_| Failure::Busy)?;
        Ok(Some(content.to_vec()))
    }

    /// Deletes an object. It may be deleted already.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), Failure> {
        self.client.delete_object().bucket(&self.bucket).key(key).send().await.map(drop).map_err(sort)
    }
}

/// The content and metadata of an object to write.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) cache_control: Option<&'static str>,
    pub(crate) bytes: Vec<u8>,
}

/// [`Failure::Busy`] when a retry may succeed, [`Failure::Broken`] when S3 refuses it.
fn sort<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if aws::is_transient(&error) { Failure::Busy } else { Failure::broken(error) }
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
