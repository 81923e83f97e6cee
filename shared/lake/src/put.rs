//! One put of an object, made of the SDKs' own parts.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_http::label::{EncodingStrategy, fmt_string};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use contracts::Failure;
use std::time::Duration;

/// Time for one attempt: megabytes leave a function with a fifth of a core more slowly than an item does.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// Statuses that pass by themselves: S3's own faults, and `SlowDown`.
const PASSING: &[u16] = &[429, 500, 502, 503, 504];

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

/// An object to put.
#[derive(Debug)]
struct Object {
    key: String,
    text: String,
}

/// S3 did not take it. What it said is left out: it may repeat what was sent.
#[derive(Debug, thiserror::Error)]
#[error("S3 answered {status}")]
struct NotPut {
    status: u16,
}

/// `PutObject` of one bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PutObject(Operation<Object, (), NotPut>);

impl PutObject {
    pub(crate) fn new(config: &SdkConfig, bucket: &Bucket) -> Self {
        let timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let mut operation = Operation::builder()
            .service_name("s3")
            .operation_name("PutObject")
            .endpoint_url(&bucket.url(config.endpoint_url()))
            .timeout_config(timeouts.operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
            .retry_classifier(HttpStatusCodeClassifier::new_from_codes(PASSING))
            .retry_classifier(TransientErrorClassifier::<NotPut>::new())
            .with_connection_poisoning()
            .runtime_plugin(signing(config));
        if let Some(retries) = config.retry_config() {
            operation = operation.standard_retry(retries);
        }
        if let Some(client) = config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(version) = config.behavior_version() {
            operation = operation.behavior_version(version);
        }
        Self(operation.serializer(request).deserializer(taken).build())
    }

    /// Puts a text under a key, over what is there.
    pub(crate) async fn send(&self, key: &str, text: String) -> Result<(), Failure> {
        self.0.invoke(Object { key: key.to_owned(), text }).await.map_err(sort)
    }
}

/// Signed as S3 wants it: the key encoded once, and the body's hash in a header, by which S3 knows that all of it arrived.
fn signing(config: &SdkConfig) -> StaticRuntimePlugin {
    let options = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut components = RuntimeComponentsBuilder::new("s3")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(options));
    if let Some(credentials) = config.credentials_provider() {
        components = components.with_identity_resolver(SCHEME_ID, credentials);
    }
    let mut signing_options = SigningOptions::default();
    signing_options.double_uri_encode = false;
    signing_options.normalize_uri_path = false;
    signing_options.content_sha256_header = true;
    let mut layer = Layer::new("s3");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: config.region().cloned().map(SigningRegion::from),
        region_set: None,
        name: Some(SigningName::from_static("s3")),
        signing_options,
    });
    StaticRuntimePlugin::new().with_runtime_components(components).with_config(layer.freeze())
}

type BoxError = aws_smithy_runtime_api::box_error::BoxError;

fn request(object: Object) -> Result<HttpRequest, BoxError> {
    let bytes = object.text.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(object.text));
    request.set_method("PUT")?;
    request.set_uri(format!("/{}", fmt_string(&object.key, EncodingStrategy::Greedy)))?;
    request.headers_mut().try_insert("content-type", "application/x-ndjson")?;
    request.headers_mut().try_insert("content-length", bytes)?;
    Ok(request)
}

fn taken(response: &HttpResponse) -> Result<(), OrchestratorError<NotPut>> {
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(OrchestratorError::operation(NotPut { status: status.as_u16() })) }
}

fn sort(error: SdkError<NotPut, HttpResponse>) -> Failure {
    let passing = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refused) => PASSING.contains(&refused.err().status),
        _ => false,
    };
    if passing { Failure::Busy } else { Failure::broken(error) }
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
        let object = Object { key: "orders/dt=2026-11-21/a.ndjson".to_owned(), text: "{}\n".to_owned() };
        let request = request(object).unwrap();
        assert_eq!((request.method(), request.uri()), ("PUT", "/orders/dt%3D2026-11-21/a.ndjson"));
        assert_eq!(request.headers().get("content-length"), Some("3"));
    }
}
