//! The one way to a third party's API: a request in, the whole answer out, within a time and a size.
//!
//! Over the client that AWS is called with, so it adds no second one to the binary.

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use std::fmt;
use std::time::Duration;

/// Bytes of an answer that are read at the most; a longer one is an error. The longest that a provider has reason to send is
/// a few kilobytes.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A request. Its `Debug` shows where it goes and never what it carries.
#[derive(Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to, with the query.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte; what is signed is what is sent.
    pub body: Vec<u8>,
    /// How long it may take from beginning to end.
    pub timeout: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some URLs are secrets by themselves: the host alone says enough.
        let host = self.url.split('/').nth(2).unwrap_or_default();
        write!(f, "Request({} {host}, {} bytes)", self.method, self.body.len())
    }
}

/// An answer. Its `Debug` shows the status and never what it carries.
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

/// Why there is no answer. Except for [`HttpError::Unsendable`] and [`HttpError::Unreachable`] nobody knows whether the
/// other side did what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not within the time.
    #[error("no answer in time")]
    Timeout,
    /// No connection could be made: nothing was sent.
    #[error("no connection")]
    Unreachable,
    /// The connection broke.
    #[error("the connection failed")]
    Connection,
    /// More than [`ANSWER_BYTES_MAX`].
    #[error("the answer is too large")]
    TooLarge,
    /// It is not a request: the address or a header is wrong.
    #[error("the request cannot be sent")]
    Unsendable,
}

/// A client. Cheap to clone; all clones share connections.
#[derive(Debug, Clone)]
pub struct Http {
    connector: SharedHttpConnector,
}

impl Http {
    /// A client over the network.
    ///
    /// # Errors
    /// [`HttpError::Unsendable`] when TLS cannot be set up.
    pub fn new() -> Result<Self, HttpError> {
        let client = aws::Client::new(CONNECT_TIMEOUT).map_err(|_| HttpError::Unsendable)?;
        Ok(Self::over(SharedHttpConnector::new(client)))
    }

    /// A client over this connector.
    pub const fn over(connector: SharedHttpConnector) -> Self {
        Self { connector }
    }

    /// Sends a request and reads its whole answer, whatever its status.
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
        let answer = self.connector.call(sent).await.map_err(|error| {
            if error.is_timeout() {
                HttpError::Timeout
            } else if error.is_user() {
                HttpError::Unsendable
            } else if never_connected(&error) {
                HttpError::Unreachable
            } else {
                HttpError::Connection
            }
        })?;
        let status = answer.status().as_u16();
        let headers =
            answer.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() { HttpError::TooLarge } else { HttpError::Connection }
        })?;
        Ok(Response { status, headers, body: body.to_bytes().to_vec() })
    }
}

/// Whether the connection itself could not be made, name, socket or TLS.
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
