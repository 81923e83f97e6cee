//! One operation of a service: signing, retries and time-outs are the SDKs' own.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
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
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

pub use aws_runtime::auth::SigningOptions as Signing;

/// Statuses that pass by themselves: a service's own faults, and being asked too much.
const PASSING_STATUSES: &[u16] = &[429, 500, 502, 503, 504];
/// Codes that pass by themselves although their status says that it is our fault.
const PASSING_CODES: [&str; 4] = ["RequestThrottled", "Throttling", "ThrottlingException", "ServiceUnavailable"];

/// A service's refusal. What it said is left out: it may repeat what was sent.
#[derive(Debug, thiserror::Error)]
#[error("{service} answered {status} {}", code(.metadata))]
pub struct Refused {
    service: &'static str,
    status: u16,
    metadata: ErrorMetadata,
}

fn code(metadata: &ErrorMetadata) -> &str {
    metadata.code().unwrap_or_default()
}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It may go well later. Whether the service did what was asked is unknown.
    #[error("no answer from the service")]
    Passing,
    /// The service refused it.
    #[error(transparent)]
    Refused(Refused),
    /// It was never sent, or its answer cannot be read.
    #[error("{0}")]
    Unusable(&'static str),
}

impl CallError {
    /// The service's code, or what is known instead.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refused) => code(&refused.metadata),
            Self::Passing => "no answer",
            Self::Unusable(why) => why,
        }
    }
}

/// One operation of a service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call(Operation<HttpRequest, String, Refused>);

impl Call {
    /// `operation` of the service that signatures call `service`, at this address.
    pub fn new(config: &SdkConfig, service: &'static str, operation: &'static str, url: &str) -> Self {
        Self::with(config, service, operation, url, SigningOptions::default(), None)
    }

    /// The same, signed in this way, and with a time of its own for one attempt.
    pub fn with(
        config: &SdkConfig,
        service: &'static str,
        operation: &'static str,
        url: &str,
        options: SigningOptions,
        attempt_timeout: Option<Duration>,
    ) -> Self {
        let mut timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        if let Some(timeout) = attempt_timeout {
            timeouts = timeouts.operation_attempt_timeout(timeout);
        }
        let mut built = Operation::builder()
            .service_name(service)
            .operation_name(operation)
            .endpoint_url(url)
            .timeout_config(timeouts.build())
            .retry_classifier(AwsErrorCodeClassifier::<Refused>::new())
            .retry_classifier(HttpStatusCodeClassifier::new_from_codes(PASSING_STATUSES))
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .with_connection_poisoning()
            .runtime_plugin(signing(config, service, options));
        if let Some(retries) = config.retry_config() {
            built = built.standard_retry(retries);
        }
        if let Some(client) = config.http_client() {
            built = built.http_client(client);
        }
        if let Some(version) = config.behavior_version() {
            built = built.behavior_version(version);
        }
        Self(built.serializer(Ok).deserializer(move |response| read(service, response)).build())
    }

    /// Sends a request, whose address begins at the service's, and answers the body of its success.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send(&self, request: HttpRequest) -> Result<String, CallError> {
        self.0.invoke(request).await.map_err(sort)
    }
}

/// An operation of a service that speaks JSON. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Json {
    call: Call,
    target: &'static str,
    content_type: &'static str,
}

impl Json {
    /// The operation that the header `x-amz-target` calls `target`, of version 1.0 or 1.1 of the protocol.
    pub fn new(
        config: &SdkConfig,
        service: &'static str,
        url: &str,
        target: &'static str,
        content_type: &'static str,
    ) -> Self {
        Self { call: Call::new(config, service, target, url), target, content_type }
    }

    /// Sends `input`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send<O: DeserializeOwned>(&self, input: &impl Serialize) -> Result<O, CallError> {
        let body = serde_json::to_string(input).map_err(|_| CallError::Unusable("no JSON"))?;
        let request = self.request(body).map_err(|_| CallError::Unusable("no request"))?;
        let answer = self.call.send(request).await?;
        serde_json::from_str(&answer).map_err(|_| CallError::Unusable("an unreadable answer"))
    }

    fn request(&self, body: String) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
        let length = body.len().to_string();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri("/")?;
        request.headers_mut().try_insert("content-type", self.content_type)?;
        request.headers_mut().try_insert("content-length", length)?;
        request.headers_mut().try_insert("x-amz-target", self.target)?;
        Ok(request)
    }
}

fn signing(config: &SdkConfig, service: &'static str, signing_options: SigningOptions) -> StaticRuntimePlugin {
    let mut components = RuntimeComponentsBuilder::new(service)
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])));
    if let Some(credentials) = config.credentials_provider() {
        components = components.with_identity_resolver(SCHEME_ID, credentials);
    }
    let mut layer = Layer::new(service);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: config.region().cloned().map(SigningRegion::from),
        region_set: None,
        name: Some(SigningName::from_static(service)),
        signing_options,
    });
    StaticRuntimePlugin::new().with_runtime_components(components).with_config(layer.freeze())
}

fn read(service: &'static str, response: &HttpResponse) -> Result<String, OrchestratorError<Refused>> {
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let status = response.status();
    if status.is_success() {
        return Ok(body.into_owned());
    }
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = error_code(response.headers().get("x-amzn-errortype"), &body) {
        metadata = metadata.code(code);
    }
    Err(OrchestratorError::operation(Refused { service, status: status.as_u16(), metadata: metadata.build() }))
}

/// `com.amazonaws.sqs#QueueDoesNotExist`, `QueueDoesNotExist:http://…` and the like, without what stands around it.
fn error_code(header: Option<&str>, body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Said {
        #[serde(rename = "__type")]
        kind: Option<String>,
    }
    let said = serde_json::from_str(body).ok().and_then(|said: Said| said.kind);
    let text = said.or_else(|| header.map(str::to_owned))?;
    let code = text.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default();
    (!code.is_empty()).then(|| code.to_owned())
}

fn sort(error: SdkError<Refused, HttpResponse>) -> CallError {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => CallError::Passing,
        SdkError::ServiceError(refused) => {
            let refused = refused.into_err();
            let passing =
                PASSING_STATUSES.contains(&refused.status) || PASSING_CODES.contains(&code(&refused.metadata));
            if passing { CallError::Passing } else { CallError::Refused(refused) }
        }
        _ => CallError::Unusable("the request cannot be sent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_wherever_a_service_puts_it() {
        let found = |header, body| error_code(header, body).unwrap_or_default();
        assert_eq!(found(None, r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}"#), "QueueDoesNotExist");
        assert_eq!(
            found(None, r#"{"__type": "ResourceNotFoundException", "message": "no"}"#),
            "ResourceNotFoundException"
        );
        assert_eq!(found(Some("InvalidInput:http://internal.amazon.com/"), "{}"), "InvalidInput");
        assert_eq!(found(None, "<html>"), "");
    }
}
