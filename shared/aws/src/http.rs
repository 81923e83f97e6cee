//! The one HTTP client: HTTP/1.1, which is all that AWS's APIs speak, over TLS by rustls.

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as Tcp, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// A client. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    inner: legacy::Client<HttpsConnector<Tcp>, SdkBody>,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the certificates to trust cannot be read")]
pub struct Untrusting(#[source] Box<dyn Error + Send + Sync>);

impl Client {
    /// A client that gives up connecting after this time.
    ///
    /// # Errors
    /// When `AWS_CA_BUNDLE` names what is no file of certificates.
    pub fn new(connect_timeout: Duration) -> Result<Self, Untrusting> {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        let https = HttpsConnectorBuilder::new().with_tls_config(tls()?).https_or_http().enable_http1();
        let pool = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(https.wrap_connector(tcp));
        Ok(Self { inner: pool })
    }

    /// Opens a connection to this address, so that the first call need not. AWS's endpoints answer a bare `GET /` without
    /// asking who it is; whatever comes back, and whether anything does, is all the same.
    pub async fn warm(&self, url: &str) {
        let mut request = HttpRequest::new(SdkBody::empty());
        if request.set_uri(format!("{url}/")).is_ok()
            && let Ok(response) = self.exchange(request).await
        {
            // Only a connection whose answer was read can be used again.
            drop(aws_smithy_types::byte_stream::ByteStream::new(response.into_body()).collect().await);
        }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || poisonable(&connection));
        }
        let response = self.inner.request(request).await.map_err(sort)?;
        HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
            .map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move { client.exchange(request).await })
    }
}

impl HttpClient for Client {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The SDKs' way to say that a connection is not to be used again, after an answer that may be the connection's fault.
fn poisonable(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    let is_proxied = connection.connection_metadata().as_ref()?.is_proxied();
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(is_proxied).poison_fn(poison).build())
}

fn tls() -> Result<ClientConfig, Untrusting> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Untrusting(error.into()))?;
    Ok(config.with_root_certificates(roots()?).with_no_client_auth())
}

/// Mozilla's roots are part of the binary: reading a folder of them costs a cold start two milliseconds. `AWS_CA_BUNDLE`
/// names a file of others in their place, as for AWS's own tools.
fn roots() -> Result<RootCertStore, Untrusting> {
    let Ok(path) = std::env::var("AWS_CA_BUNDLE") else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| Untrusting(error.into()))? {
        let certificate = certificate.map_err(|error| Untrusting(error.into()))?;
        roots.add(certificate).map_err(|error| Untrusting(error.into()))?;
    }
    Ok(roots)
}

/// What a failure means to the SDKs' retries: what is a time-out or of the connection may be tried again.
fn sort(error: legacy::Error) -> ConnectorError {
    let io = source::<std::io::Error>(&error);
    let hyper = source::<hyper::Error>(&error);
    let is_timeout = io.is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
        || hyper.is_some_and(hyper::Error::is_timeout);
    let is_user = hyper.is_some_and(hyper::Error::is_user);
    if is_timeout {
        ConnectorError::timeout(error.into())
    } else if is_user {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

fn source<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
        .find_map(|error| error.downcast_ref())
}
