//! Calls of AWS services that the shop needs one operation of: signed by the SDK's own signer and sent over the client that
//! all third parties share. Two more SDK crates for two operations would make the binary a tenth larger.

use crate::http::{Http, HttpError, Request, Response};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_types::SdkConfig;
use domain::Moment;
use std::time::{Duration, SystemTime};

/// One service of AWS, as the function's own role may call it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    http: Http,
    /// What the service is called in a signature, e.g. `ses`.
    name: &'static str,
    region: String,
    base: String,
    credentials: Option<SharedCredentialsProvider>,
}

impl Service {
    /// The service `name` at `host` (`email` for `ses`) of the configuration's region, or at its endpoint.
    pub(crate) fn new(http: Http, name: &'static str, host: &str, config: &SdkConfig) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Self { http, name, region, base: aws::url(config, host), credentials: config.credentials_provider() }
    }

    /// Posts a body.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub(crate) async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
        timeout: Duration,
        now: Moment,
    ) -> Result<Response, HttpError> {
        let url = format!("{}{path}", self.base);
        let credentials = self.credentials.as_ref().ok_or(HttpError::Unsendable)?;
        let identity = credentials.provide_credentials().await.map_err(|_| HttpError::Unsendable)?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.name)
            .time(SystemTime::from(now))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| HttpError::Unsendable)?
            .into();
        let headers = [("content-type", content_type)];
        let signable = SignableRequest::new("POST", &url, headers.into_iter(), SignableBody::Bytes(&body))
            .map_err(|_| HttpError::Unsendable)?;
        let (instructions, _) = sign(signable, &params).map_err(|_| HttpError::Unsendable)?.into_parts();
        let mut headers = vec![("content-type", content_type.to_owned())];
        for (name, value) in instructions.headers() {
            headers.push((known(name)?, value.to_owned()));
        }
        self.http.send(Request { method: "POST", url, headers, body, timeout }).await
    }
}

/// The headers of a signature.
fn known(name: &str) -> Result<&'static str, HttpError> {
    ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
        .into_iter()
        .find(|known| *known == name)
        .ok_or(HttpError::Unsendable)
}
