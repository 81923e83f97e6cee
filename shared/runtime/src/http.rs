//! API Gateway's HTTP events: who asks what.

use crate::problem::unreadable;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body as ResponseBody;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use contracts::Failure;
use contracts::object::Object;
use contracts::page::PageQuery;
use contracts::routes::{Access, Route};
use domain::Refusal;
use domain::id::CustomerId;
use http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The group whose members are admins.
const ADMIN_GROUP: &str = "admin";
/// Longest idempotency key, in characters.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;
/// The preference of who would rather not wait.
const RESPOND_ASYNC: &str = "respond-async";
/// Longest correlation id that is taken over from a caller, in characters.
const CORRELATION_ID_CHARS_MAX: usize = 64;

/// A request to one of our routes.
#[derive(Debug)]
pub struct Request {
    route: Option<&'static Route>,
    event: ApiGatewayV2httpRequest,
    query: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An idempotency key with the request that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// What the caller chose.
    pub key: String,
    /// The route, its parameters and the body, as a hash.
    pub fingerprint: String,
}

impl Request {
    /// Reads an event of payload version 2.0 that came by one of these routes.
    ///
    /// # Errors
    /// When it is not one: API Gateway would never send it.
    pub fn read(event: &RawValue, routes: &'static [Route]) -> Result<Self, serde_json::Error> {
        let mut event: ApiGatewayV2httpRequest = serde_json::from_str(event.get())?;
        let key = event.request_context.route_key.as_deref().unwrap_or_default();
        let route = routes.iter().find(|route| key == format!("{} {}", route.method, route.path));
        let text = event.body.take().unwrap_or_default();
        let body = if event.is_base64_encoded {
            BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)?
        } else {
            text.into_bytes()
        };
        // The text itself: API Gateway's own reading of it joins what is said twice by commas.
        let query = event.raw_query_string.take().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { route, event, query, body })
    }

    /// API Gateway's id of the request; the caller sees it in a problem.
    pub fn request_id(&self) -> Option<&str> {
        self.event.request_context.request_id.as_deref()
    }

    /// The correlation id that the caller sent, if it is one that can go into logs and events.
    pub fn correlation_id(&self) -> Option<&str> {
        let id = self.headers().get("x-correlation-id")?.to_str().ok()?;
        let fits = (1..=CORRELATION_ID_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        fits.then_some(id)
    }

    /// Whether the caller may be here at all: the one place that looks at the group.
    ///
    /// # Errors
    /// [`Refusal::RouteNotFound`], [`Refusal::Unauthenticated`], [`Refusal::Forbidden`], [`Refusal::BodyTooLarge`].
    pub fn admit(&self, use_case: &str) -> Result<(), Refusal> {
        let route = self.route.filter(|route| route.use_case == use_case).ok_or(Refusal::RouteNotFound)?;
        match route.access {
            Access::Public => {}
            Access::Customer => drop(self.customer()?),
            Access::Admin => drop(self.admin()?),
        }
        let limit_bytes = route.body_bytes_max;
        if self.bytes().len() > limit_bytes { Err(Refusal::BodyTooLarge { limit_bytes }) } else { Ok(()) }
    }

    /// The customer: the verified token's subject.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`].
    pub fn customer(&self) -> Result<CustomerId, Refusal> {
        self.claim("sub").and_then(CustomerId::parse).ok_or(Refusal::Unauthenticated)
    }

    /// The admin, by the verified token's subject.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`], [`Refusal::Forbidden`] for who is not in the group.
    pub fn admin(&self) -> Result<CustomerId, Refusal> {
        let subject = self.customer()?;
        let groups = self.claim("cognito:groups").unwrap_or_default();
        if is_in_group(groups, ADMIN_GROUP) { Ok(subject) } else { Err(Refusal::Forbidden) }
    }

    /// Whether this is one of the admins' routes. Only true for an admin: see [`Request::admit`].
    pub fn is_admin_route(&self) -> bool {
        self.route.is_some_and(|route| route.access == Access::Admin)
    }

    fn claim(&self, name: &str) -> Option<&str> {
        let authorizer = self.event.request_context.authorizer.as_ref()?;
        authorizer.jwt.as_ref()?.claims.get(name).map(String::as_str)
    }

    /// A parameter of the path; empty if the route has none of this name, which names nothing.
    pub fn path(&self, name: &str) -> &str {
        self.event.path_parameters.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Which page of a list.
    ///
    /// # Errors
    /// See [`PageQuery::parse`].
    pub fn page(&self) -> Result<PageQuery, Refusal> {
        PageQuery::parse(self.query("limit"), self.query("cursor"))
    }

    /// The body, byte for byte: what a signature is over.
    pub fn raw(&self) -> &[u8] {
        self.bytes()
    }

    /// The host that was asked.
    pub fn domain(&self) -> Option<&str> {
        self.event.request_context.domain_name.as_deref()
    }

    /// The body as `T`.
    ///
    /// # Errors
    /// [`Refusal::MalformedRequest`] when it is not JSON, [`Refusal::Invalid`] when it is not a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let mut reader = serde_json::Deserializer::from_slice(self.bytes());
        let Object(body) = serde_path_to_error::deserialize(&mut reader).map_err(|error| unreadable(&error))?;
        reader.end().map_err(|_| Refusal::MalformedRequest("there is more after the body".to_owned()))?;
        Ok(body)
    }

    /// The body as `T`, or the default when there is none.
    ///
    /// # Errors
    /// See [`Request::json`].
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refusal> {
        if self.bytes().is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// The `Idempotency-Key`, if the request has one.
    ///
    /// # Errors
    /// [`Refusal::MalformedRequest`] unless it is given once and has 1 to 255 visible ASCII characters other than the comma.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Refusal> {
        let mut keys = self.headers().get_all("idempotency-key").into_iter();
        let Some(key) = keys.next() else { return Ok(None) };
        // API Gateway joins the values of a repeated header with commas, so a comma may be two keys.
        let is_key_character = |b: u8| b.is_ascii_graphic() && b != b',';
        let key = key
            .to_str()
            .ok()
            .filter(|key| (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(is_key_character));
        let key = key.filter(|_| keys.next().is_none()).ok_or_else(|| {
            let most = IDEMPOTENCY_KEY_CHARS_MAX;
            Refusal::MalformedRequest(format!(
                "send one Idempotency-Key of 1 to {most} letters, digits and signs without spaces and commas, such as a UUID"
            ))
        })?;
        Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint: self.fingerprint() }))
    }

    /// Whether the caller would rather not wait: `Prefer: respond-async` (RFC 7240).
    pub fn prefers_async(&self) -> bool {
        let preferences = self.headers().get_all("prefer").into_iter().filter_map(|value| value.to_str().ok());
        preferences.flat_map(|value| value.split(',')).any(|preference| {
            let word = preference.split(';').next().unwrap_or_default().trim();
            word.eq_ignore_ascii_case(RESPOND_ASYNC)
        })
    }

    /// What is asked, as a hash. The order of a body's fields and its white space do not matter.
    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let route = self.route.map_or(String::new(), |route| format!("{} {}", route.method, route.path));
        hash.update(route);
        let mut parameters: Vec<(&String, &String)> = self.event.path_parameters.iter().collect();
        parameters.sort();
        for (name, value) in parameters {
            hash.update(format!("\n{name}={value}"));
        }
        hash.update("\n");
        match serde_json::from_slice::<serde_json::Value>(self.bytes()) {
            Ok(body) => hash.update(body.to_string()),
            Err(_) => hash.update(self.bytes()),
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn headers(&self) -> &HeaderMap {
        &self.event.headers
    }

    fn bytes(&self) -> &[u8] {
        &self.body
    }
}

/// Whether `name` is one of the groups. API Gateway writes a list claim as `[admin staff]`.
fn is_in_group(groups: &str, name: &str) -> bool {
    groups
        .strip_prefix('[')
        .and_then(|groups| groups.strip_suffix(']'))
        .is_some_and(|groups| groups.split([' ', ',']).any(|group| group == name))
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// An answer that nobody in between may keep.
    pub fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("cache-control".to_owned(), "no-store".to_owned()),
        ];
        Self { status, headers, body }
    }

    /// JSON that was written before.
    pub fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body)
    }

    /// 200 with a view.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the view cannot be written as JSON.
    pub fn ok(view: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::json(200, serde_json::to_string(view).map_err(Failure::broken)?))
    }

    /// 202: what was asked is accepted and done later; what becomes of it is seen at `location`, a path below the API's base.
    pub fn accepted(body: String, location: &str) -> Self {
        Self::json(202, body).with("location", location).with("preference-applied", RESPOND_ASYNC)
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with a header, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The answer as API Gateway takes it.
    pub fn write(self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)))
            .collect();
        response.body = Some(ResponseBody::Text(self.body));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_idempotency_key_of_visible_characters_is_taken() {
        let mut event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/list_orders.json")).unwrap();
        let mut key_of = |key: &str| {
            event["headers"]["idempotency-key"] = key.into();
            let request = Request::read(&serde_json::value::to_raw_value(&event).unwrap(), &[]).unwrap();
            request.idempotency_key().map(|key| key.unwrap().key)
        };
        for good in ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", "\"quoted\"", &"k".repeat(255)] {
            assert_eq!(key_of(good).as_deref(), Ok(good));
        }
        for bad in ["", "k,k", "k, k", "a b", "a\tb", "\t", "é", &"k".repeat(256)] {
            assert!(matches!(key_of(bad), Err(Refusal::MalformedRequest(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_query_that_no_uri_has_is_read_all_the_same() {
        let mut event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/list_orders.json")).unwrap();
        for cursor in ["a b", "<\"{|}>`", "a\u{0}b", "茶", "a%22b"] {
            event["rawQueryString"] = format!("limit=5&cursor={cursor}").into();
            let request = Request::read(&serde_json::value::to_raw_value(&event).unwrap(), &[]).unwrap();
            assert_eq!(request.query("cursor"), Some(cursor.replace("%22", "\"").as_str()));
            assert_eq!(request.query("limit"), Some("5"));
        }
    }

    #[test]
    fn a_group_is_matched_exactly() {
        assert!(is_in_group("[admin]", "admin"));
        assert!(is_in_group("[staff admin]", "admin"));
        assert!(is_in_group("[staff,admin]", "admin"));
        for other in ["", "admin", "[notadmin]", "[admin", "admin]", "[administrators staff]", "[]", "[Admin]"] {
            assert!(!is_in_group(other, "admin"), "{other}");
        }
    }
}
