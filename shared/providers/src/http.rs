//! Requests to third parties: one request, its whole response, within a time-out and a size limit.
//!
//! It sends through the connector of the AWS SDKs, so the binary has one HTTP and TLS stack.

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use std::fmt;
use std::time::Duration;

/// Longest response in bytes; a longer one is an error. Providers send a few kilobytes at most.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Time-out for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A request. Its `Debug` shows the host, never the content.
#[derive(Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The URL with its query.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte as it was signed.
    pub body: Vec<u8>,
    /// Time-out from connecting to the last byte of the response.
    pub timeout: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some URLs are secrets: Slack's webhook is one.
        let host = self.url.split('/').nth(2).unwrap_or_default();
        write!(f, "Request({} {host}, {} bytes)", self.method, self.body.len())
    }
}

/// A response. Its `Debug` shows the status, never the content.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

/// The reason why there is no response. Except for [`HttpError::Unsendable`] and [`HttpError::Unreachable`], the third
/// party may have processed the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No response within the time-out.
    #[error("no response within the time-out")]
    Timeout,
    /// No connection was made, so nothing was sent.
    #[error("no connection")]
    Unreachable,
    /// The connection failed after the request may have been sent.
    #[error("the connection failed")]
    Connection,
    /// The response is longer than [`ANSWER_BYTES_MAX`].
    #[error("the response is too large")]
    TooLarge,
    /// The URL or a header is invalid.
    #[error("the URL or a header of the request is invalid")]
    Unsendable,
}

/// A client. Cheap to clone; all clones share connections.
#[derive(Debug, Clone)]
pub struct Http {
    connector: SharedHttpConnector,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A client over the network.
    pub fn new() -> Self {
        Self::over(aws::Client::new(CONNECT_TIMEOUT).connector())
    }

    /// A client over this connector.
    pub const fn over(connector: SharedHttpConnector) -> Self {
        Self { connector }
    }

    /// The client's connections, for an SDK client.
    pub(crate) fn for_sdk(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
        http_client_fn(move |_, _| connector.clone())
    }

    /// Sends a request and reads its whole response, whatever its status.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let timeout = request.timeout;
        tokio::time::timeout(timeout, self.exchange(request)).await.unwrap_or(Err(HttpError::Timeout))
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let mut sent = HttpRequest::new(SdkBody::from(request.body));
        sent.set_uri(request.url).map_err(|_| HttpError::Unsendable)?;
        sent.set_method(request.method).map_err(|_| HttpError::Unsendable)?;
        for (name, value) in request.headers {
            sent.headers_mut().try_insert(name, value).map_err(|_| HttpError::Unsendable)?;
        }
        let answer = self.connector.call(sent).await.map_err(|error| HttpError::of(&error))?;
        let status = answer.status().as_u16();
        let headers =
            answer.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() { HttpError::TooLarge } else { HttpError::Connection }
        })?;
        Ok(Response { status, headers, body: body.to_bytes().to_vec() })
    }
}

impl HttpError {
    /// Classifies a connector's error.
    pub(crate) fn of(error: &ConnectorError) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_user() {
            Self::Unsendable
        } else if never_connected(error) {
            Self::Unreachable
        } else {
            Self::Connection
        }
    }
}

/// Whether DNS, the socket or TLS failed, before anything was sent.
fn never_connected(error: &ConnectorError) -> bool {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let mut clients = causes.filter_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>());
    clients.any(hyper_util::client::legacy::Error::is_connect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

    #[derive(Debug)]
    struct Says(usize);

    impl HttpConnector for Says {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let mut answer = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(vec![b'x'; self.0]));
            answer.headers_mut().insert("x-said", "yes");
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    #[derive(Debug)]
    struct Silent;

    impl HttpConnector for Silent {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::new(std::future::pending())
        }
    }

    fn request() -> Request {
        Request {
            method: "POST",
            url: "https://hooks.test/services/T/B/secret".to_owned(),
            headers: vec![("content-type", "text/plain".to_owned())],
            body: b"a secret".to_vec(),
            timeout: Duration::from_secs(5),
        }
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_limit_and_not_beyond() {
        let client = Http::over(SharedHttpConnector::new(Says(ANSWER_BYTES_MAX)));
        let answer = client.send(request()).await.unwrap();
        assert_eq!((answer.status, answer.body.len(), answer.header("x-said")), (200, ANSWER_BYTES_MAX, Some("yes")));
        let client = Http::over(SharedHttpConnector::new(Says(ANSWER_BYTES_MAX + 1)));
        assert_eq!(client.send(request()).await, Err(HttpError::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up() {
        let client = Http::over(SharedHttpConnector::new(Silent));
        assert_eq!(client.send(request()).await, Err(HttpError::Timeout));
    }

    #[tokio::test]
    async fn what_is_no_request_is_not_sent() {
        let client = Http::over(SharedHttpConnector::new(Says(1)));
        let bad = Request { url: "not a url".to_owned(), ..request() };
        assert_eq!(client.send(bad).await, Err(HttpError::Unsendable));
        let bad = Request { headers: vec![("x", "a\nb".to_owned())], ..request() };
        assert_eq!(client.send(bad).await, Err(HttpError::Unsendable));
    }

    #[test]
    fn neither_request_nor_answer_prints_what_it_carries() {
        let shown = format!("{:?}", request());
        assert!(shown.contains("hooks.test") && !shown.contains("secret"), "{shown}");
        let answer = Response { status: 200, headers: Vec::new(), body: b"secret".to_vec() };
        assert!(!format!("{answer:?}").contains("secret"));
    }
}
