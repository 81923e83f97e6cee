//! One connection pool: `aws-smithy-http-client` over rustls with *ring*.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use std::time::Duration;

/// An HTTP client. Cheap to clone; all clones share their connections.
///
/// The SDK's own client keeps a connection pool for each combination of time-outs. This one has a single pool, so that a
/// connection opened by [`Client::warm`] is the one that the first call uses.
#[derive(Debug, Clone)]
pub struct Client(SharedHttpConnector);

impl Client {
    /// A client with this time-out for connecting. Other time-outs are those of the SDK client that uses it.
    ///
    /// It trusts the operating system's root certificates; `SSL_CERT_FILE` names one file of them, which is read faster
    /// than a directory.
    pub fn new(connect_timeout: Duration) -> Self {
        let connector = Connector::builder()
            .connector_settings(HttpConnectorSettings::builder().connect_timeout(connect_timeout).build())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        Self(SharedHttpConnector::new(connector))
    }

    /// The connector, for requests that no SDK makes.
    pub fn connector(&self) -> SharedHttpConnector {
        self.0.clone()
    }

    /// Opens a connection to this address, so that the first call does not wait for TCP and TLS. AWS's endpoints answer a
    /// bare `GET /` without authentication; its answer is ignored, and so is a failure: then the first call connects.
    pub async fn warm(&self, url: &str) {
        let mut request = HttpRequest::new(SdkBody::empty());
        if request.set_uri(format!("{url}/")).is_ok()
            && let Ok(response) = self.0.call(request).await
        {
            // A connection returns to the pool once its response has been read to the end.
            drop(ByteStream::new(response.into_body()).collect().await);
        }
    }
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.call(request)
    }
}

impl HttpClient for Client {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}
