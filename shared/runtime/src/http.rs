//! HTTP requests and responses at Lambda's border: API Gateway's event becomes `lambda_http`'s request.

use crate::body;
use crate::caller::Claims;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use contracts::Failure;
use contracts::page::{DatedPage, Page, PageQuery};
use contracts::routes::{Access, QueryParameters, Route};
use contracts::staff::Group;
use domain::id::CustomerId;
use domain::order::Actor;
use domain::{Invalid, Moment, Refusal};
use http::HeaderMap;
use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext, ApiGatewayV2httpResponse,
};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Body, RequestExt};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Longest idempotency key, in characters.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;
/// The `Prefer` value that asks for asynchronous processing (RFC 7240).
const RESPOND_ASYNC: &str = "respond-async";
/// Longest correlation id accepted from a caller, in characters.
const CORRELATION_ID_CHARS_MAX: usize = 64;
/// Bytes of the hash that binds a cursor to its list: a protection against mistakes, not against forgery.
const LIST_HASH_BYTES: usize = 6;

/// A request to one of our routes.
#[derive(Debug)]
pub struct Request {
    route: Option<&'static Route>,
    claims: Claims,
    inner: lambda_http::Request,
    query: Vec<(String, String)>,
    domain: Option<String>,
}

/// An idempotency key, its route, and a hash of the request that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The path of the route below the API's base. On another route the same key is a different key.
    pub route: &'static str,
    /// The key, chosen by the caller.
    pub key: String,
    /// Hash of the route, its parameters and the body.
    pub fingerprint: String,
}

impl Request {
    /// Parses an event of payload version 2.0 for one of these routes.
    ///
    /// # Errors
    /// When it is no such event, which API Gateway never sends.
    pub fn read(event: &RawValue, routes: &'static [Route]) -> Result<Self, serde_json::Error> {
        let mut event: Value = serde_json::from_str(event.get())?;
        let claims = Claims::take(&mut event);
        let mut event = ApiGatewayV2httpRequest::deserialize(event)?;
        let key = event.request_context.route_key.as_deref().unwrap_or_default();
        let route = routes.iter().find(|route| key == format!("{} {}", route.method, route.path));
        // `queryStringParameters` joins repeated parameters by commas, so the raw query is parsed.
        let query = event.raw_query_string.take().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let domain = event.request_context.domain_name.take();
        Ok(Self { route, claims, inner: convert(event)?, query, domain })
    }

    /// API Gateway's request id, which a problem response shows to the caller.
    pub fn request_id(&self) -> Option<&str> {
        self.context()?.request_id.as_deref()
    }

    fn context(&self) -> Option<&ApiGatewayV2httpRequestContext> {
        match self.inner.request_context_ref()? {
            RequestContext::ApiGatewayV2(context) => Some(context),
            _ => None,
        }
    }

    /// The caller's correlation id, if its form is safe for logs and events.
    pub fn correlation_id(&self) -> Option<&str> {
        let id = self.headers().get("x-correlation-id")?.to_str().ok()?;
        let fits = (1..=CORRELATION_ID_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        fits.then_some(id)
    }

    /// Checks the route, the caller's access to it and the size of the body: the only place that looks at groups.
    ///
    /// # Errors
    /// [`Refusal::RouteNotFound`], [`Refusal::Unauthenticated`], [`Refusal::Forbidden`], [`Refusal::EncodingNotAccepted`],
    /// [`Refusal::BodyTooLarge`], [`Refusal::Invalid`] for a query parameter that the route does not accept.
    pub fn admit(&self, use_case: &str) -> Result<(), Refusal> {
        let route = self.route.filter(|route| route.use_case == use_case).ok_or(Refusal::RouteNotFound)?;
        match route.access {
            Access::Public => {}
            Access::Customer => drop(self.customer()?),
            Access::Admin => drop(self.admin()?),
        }
        if self.is_encoded() {
            return Err(Refusal::EncodingNotAccepted);
        }
        let limit_bytes = route.body_bytes_max;
        if self.bytes().len() > limit_bytes {
            return Err(Refusal::BodyTooLarge { limit_bytes });
        }
        match route.query {
            QueryParameters::Known(known) => Ok(check_query(&self.query, known)?),
            QueryParameters::Any => Ok(()),
        }
    }

    /// Whether a header says that the body is compressed (RFC 9110, section 8.4).
    fn is_encoded(&self) -> bool {
        let headers = self.headers().get_all("content-encoding").into_iter();
        let mut codings = headers.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        codings.any(|coding| !matches!(coding.trim_ascii().to_ascii_lowercase().as_slice(), b"" | b"identity"))
    }

    /// The customer: the verified token's subject.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`].
    pub fn customer(&self) -> Result<CustomerId, Refusal> {
        self.claims.subject().and_then(CustomerId::parse).ok_or(Refusal::Unauthenticated)
    }

    /// The admin, by the verified token's subject: a member of a group that may call this route.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`], [`Refusal::Forbidden`] for a caller who is in none of the groups.
    pub fn admin(&self) -> Result<CustomerId, Refusal> {
        let subject = self.customer()?;
        let mut groups = self.route.into_iter().flat_map(Group::of);
        if groups.any(|group| self.claims.is_in_group(group.name())) { Ok(subject) } else { Err(Refusal::Forbidden) }
    }

    /// Whether it is a POST, for a use case that also has a GET.
    pub fn is_post(&self) -> bool {
        self.route.is_some_and(|route| route.method == "POST")
    }

    /// Whether the caller is a browser that wants a page: `Accept` names `text/html`.
    pub fn accepts_html(&self) -> bool {
        self.accepts("text/html")
    }

    /// Whether the caller wants a list as CSV: `Accept` names `text/csv`.
    pub fn accepts_csv(&self) -> bool {
        self.accepts("text/csv")
    }

    /// Whether `Accept` names this media type.
    fn accepts(&self, media_type: &str) -> bool {
        let ranges = self.headers().get_all("accept").into_iter().filter_map(|value| value.to_str().ok());
        ranges
            .flat_map(|value| value.split(','))
            .any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type))
    }

    /// The object of a staff command, as type and id: the path's first parameter, or without one the collection, with an
    /// empty id. `None` for any other request.
    pub fn commanded_subject(&self) -> Option<(&'static str, &str)> {
        let route = self.route.filter(|route| route.access == Access::Admin && route.method != "GET")?;
        let parameter = route.path.split('/').find_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        Some(match parameter {
            Some("job_id") => ("notification", self.path("job_id")),
            Some("task_id") => ("payment_task", self.path("task_id")),
            Some(name) => (name.strip_suffix("_id").unwrap_or(name), self.path(name)),
            None => (route.path.rsplit('/').next().unwrap_or_default(), ""),
        })
    }

    /// Whether this is an admin route. [`Request::admit`] lets only admins call those.
    pub fn is_admin_route(&self) -> bool {
        self.route.is_some_and(|route| route.access == Access::Admin)
    }

    /// The actor: an admin on an admin route, a customer on any other.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`], [`Refusal::Forbidden`].
    pub fn actor(&self) -> Result<Actor, Refusal> {
        if self.is_admin_route() { self.admin().map(Actor::Admin) } else { self.customer().map(|_| Actor::Customer) }
    }

    /// A path parameter; empty if the route has none with this name. An empty text is no valid id.
    pub fn path(&self, name: &str) -> &str {
        self.inner.path_parameters_ref().and_then(|parameters| parameters.first(name)).unwrap_or_default()
    }

    /// A query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The page of a list.
    ///
    /// # Errors
    /// See [`PageQuery::parse`].
    pub fn page(&self) -> Result<PageQuery, Refusal> {
        PageQuery::parse(&self.list(), self.query("limit"), self.query("cursor"))
    }

    /// The list of this request with its filters, as a short hash, to which its cursors are bound.
    fn list(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.target());
        let mut filters: Vec<_> = self.query.iter().filter(|(name, _)| name != "limit" && name != "cursor").collect();
        filters.sort();
        for (name, value) in filters {
            hash.update(format!("\n{}={name}{}={value}", name.len(), value.len()));
        }
        hash.finalize().iter().take(LIST_HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The route with the values of its path parameters.
    fn target(&self) -> String {
        let mut target = self.route.map_or(String::new(), |route| format!("{} {}", route.method, route.path));
        let parameters = self.inner.path_parameters_ref();
        let mut parameters: Vec<(&str, &str)> = parameters.map(|all| all.iter().collect()).unwrap_or_default();
        parameters.sort_unstable();
        for (name, value) in parameters {
            target.push_str(&format!("\n{name}={value}"));
        }
        target
    }

    /// The body, byte for byte, for checking its signature.
    pub fn raw(&self) -> &[u8] {
        self.bytes()
    }

    /// The API's host name.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The body as `T`.
    ///
    /// # Errors
    /// [`Refusal::MalformedRequest`] when it is not JSON, [`Refusal::Invalid`] when it is not a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        body::read(self.bytes())
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
    /// [`Refusal::MalformedRequest`] unless it is given once and has 1 to 255 visible ASCII characters other than the
    /// comma.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Refusal> {
        let mut keys = self.headers().get_all("idempotency-key").into_iter();
        let Some(key) = keys.next() else { return Ok(None) };
        // API Gateway joins the values of a repeated header with commas, so a comma may separate two keys.
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
        let path = self.route.map_or("", |route| route.path);
        let route = path.strip_prefix(contracts::routes::BASE).unwrap_or(path);
        Ok(Some(IdempotencyKey { route, key: key.to_owned(), fingerprint: self.fingerprint() }))
    }

    /// Whether the caller prefers asynchronous processing: `Prefer: respond-async` (RFC 7240).
    pub fn prefers_async(&self) -> bool {
        let preferences = self.headers().get_all("prefer").into_iter().filter_map(|value| value.to_str().ok());
        preferences.flat_map(|value| value.split(',')).any(|preference| {
            let word = preference.split(';').next().unwrap_or_default().trim();
            word.eq_ignore_ascii_case(RESPOND_ASYNC)
        })
    }

    /// Hash of the request. It does not depend on the order of a body's fields, nor on white space.
    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.target());
        hash.update("\n");
        match serde_json::from_slice::<Value>(self.bytes()) {
            Ok(body) => hash.update(body.to_string()),
            Err(_) => hash.update(self.bytes()),
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    fn bytes(&self) -> &[u8] {
        self.inner.body()
    }
}

/// The event as `lambda_http`'s request, with cookies as a header and the body decoded. `lambda_http` panics on a body that
/// is not base64, and on a path, host or query that is not valid in a URI, which a client may send. The shop finds the
/// route by its key, so these parts are not passed on.
fn convert(mut event: ApiGatewayV2httpRequest) -> Result<lambda_http::Request, serde_json::Error> {
    let body = match event.body.take() {
        Some(text) if event.is_base64_encoded => Body::Binary(BASE64_STANDARD.decode(text).map_err(Error::custom)?),
        Some(text) => Body::Text(text),
        None => Body::Empty,
    };
    let headers = std::mem::take(&mut event.headers);
    (event.raw_path, event.request_context.stage) = (None, None);
    event.query_string_parameters = Default::default();
    let mut request = lambda_http::Request::from(LambdaRequest::ApiGatewayV2(event));
    request.headers_mut().extend(headers);
    *request.body_mut() = body;
    Ok(request)
}

/// Refuses a query parameter that is unknown, repeated or empty. The caller's text is not repeated.
fn check_query(query: &[(String, String)], known: &[&str]) -> Result<(), Invalid> {
    let mut wrong = Invalid::default();
    for name in known {
        let mut values = query.iter().filter(|(given, _)| given == name);
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => wrong.note(*name, "must be given once"),
            (Some((_, value)), None) if value.is_empty() => {
                wrong.note(*name, "must not be empty: omit the parameter instead");
            }
            _ => {}
        }
    }
    if query.iter().any(|(given, _)| !known.contains(&given.as_str())) {
        let message = if known.is_empty() {
            "must have no parameters on this route".to_owned()
        } else {
            format!("must have no other parameters than {} on this route", known.join(", "))
        };
        wrong.note("query", message);
    }
    wrong.into_result(Some(()))
}

/// A response.
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
    /// A response that no cache may keep.
    pub fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("cache-control".to_owned(), "no-store".to_owned()),
        ];
        Self { status, headers, body }
    }

    /// A response with serialized JSON.
    pub fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body)
    }

    /// 200 with a view.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the view cannot be serialized.
    pub fn ok(view: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::json(200, serde_json::to_string(view).map_err(Failure::broken)?))
    }

    /// 200 with a page of the requested list.
    ///
    /// # Errors
    /// See [`Response::ok`].
    pub fn page(query: &PageQuery, page: Page<impl Serialize>) -> Result<Self, Failure> {
        Self::ok(&query.bind(page))
    }

    /// 200 with a page, read at `now`, of the requested list, whose order changes with its items.
    ///
    /// # Errors
    /// See [`Response::ok`].
    pub fn dated_page(query: &PageQuery, page: Page<impl Serialize>, now: Moment) -> Result<Self, Failure> {
        Self::ok(&DatedPage { page: query.bind(page), as_of: now })
    }

    /// 200 with CSV that a browser saves as `file_name`. `next` is the cursor of the remaining rows, if a response cannot
    /// contain all: the client requests it with the same parameters (`Link: <?cursor=…>; rel="next"`, RFC 8288).
    pub fn csv(table: String, file_name: &str, next: Option<&str>) -> Self {
        let answer = Self::new(200, "text/csv; charset=utf-8; header=present", table)
            .with("content-disposition", &format!("attachment; filename=\"{file_name}\""));
        match next {
            Some(cursor) => answer.with("link", &format!("<?cursor={cursor}>; rel=\"next\"")),
            None => answer,
        }
    }

    /// 202: the request is processed later. `location`, an absolute URL, shows its result.
    pub fn accepted(body: String, location: &str) -> Self {
        Self::json(202, body).with("location", location).with("preference-applied", RESPOND_ASYNC)
    }

    /// The response with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The response with a header, which replaces one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The response in the format of API Gateway, payload version 2.0.
    pub fn write(self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)))
            .collect();
        response.body = Some(Body::Text(self.body));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_repeated_or_empty_query_parameter_is_refused() {
        let check = |query: &str| {
            let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            check_query(&query, &["limit", "status"])
        };
        for good in ["", "limit=5", "limit=5&status=PAID", "&&"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, field) in [
            ("status=", "status"),
            ("status", "status"),
            ("limit=5&limit=5", "limit"),
            ("limit=5&limi%74=6", "limit"),
            ("sell_window_id=4311", "query"),
            ("Limit=4311", "query"),
            ("4311=1", "query"),
            ("limit=5&=", "query"),
        ] {
            let wrong = check(bad).unwrap_err();
            assert_eq!((wrong.errors().len(), wrong.errors()[0].field.as_str()), (1, field), "{bad}");
            assert!(!wrong.errors()[0].message.contains("4311"), "{bad}");
        }
    }

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

    const ROUTES: &[Route] = &[Route {
        use_case: "place_order",
        method: "POST",
        path: "/api/v1/orders",
        access: Access::Customer,
        body_bytes_max: 64 * 1024,
        query: QueryParameters::Known(&[]),
    }];

    fn read(change: impl Fn(&mut Value)) -> Result<Request, serde_json::Error> {
        let mut event = serde_json::from_str(include_str!("../../../events/place_order.json")).unwrap();
        change(&mut event);
        Request::read(&serde_json::value::to_raw_value(&event).unwrap(), ROUTES)
    }

    #[test]
    fn what_no_uri_can_have_is_read_all_the_same() {
        for odd in ["a b", "<\"{|}>`", "茶", "//", "?", "http://[", ""] {
            let request = read(|event| {
                event["rawPath"] = odd.into();
                event["headers"]["host"] = odd.into();
                event["headers"]["x-forwarded-proto"] = odd.into();
                event["requestContext"]["domainName"] = odd.into();
                event["requestContext"]["stage"] = odd.into();
            });
            assert_eq!(request.unwrap().admit("place_order"), Ok(()), "{odd}");
        }
    }

    #[test]
    fn a_base64_body_is_decoded_and_one_that_is_not_base64_is_no_event() {
        let with = |body: &str| read(|event| (event["body"], event["isBase64Encoded"]) = (body.into(), true.into()));
        assert_eq!(with("eyJhIjogMX0=").unwrap().raw(), br#"{"a": 1}"#);
        assert!(with("{}").is_err());
    }

    #[test]
    fn a_compressed_body_is_refused_whatever_it_contains() {
        let with = |encoding: &str| {
            let request = read(|event| event["headers"]["content-encoding"] = encoding.into());
            request.unwrap().admit("place_order")
        };
        for good in ["", "identity", "Identity", "identity, identity"] {
            assert_eq!(with(good), Ok(()), "{good}");
        }
        for bad in ["gzip", "GZIP", "br", "deflate", "zstd", "x-gzip", "identity, gzip", "gzip,identity", "aes128gcm"] {
            assert_eq!(with(bad), Err(Refusal::EncodingNotAccepted), "{bad}");
        }
    }

    #[test]
    fn cookies_and_repeated_headers_are_headers() {
        let request = read(|event| {
            event["cookies"] = vec!["a=1", "b=2"].into();
            event["headers"]["prefer"] = "wait=5,respond-async".into();
        });
        let request = request.unwrap();
        assert_eq!(request.headers().get("cookie").unwrap(), "a=1; b=2");
        assert!(request.prefers_async());
    }

    #[test]
    fn a_claim_that_is_no_text_does_not_fail_the_request() {
        for odd in [1.into(), Value::Null, vec![1].into(), true.into()] {
            let request = read(|event| {
                let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
                (claims["auth_time"], claims["custom:flags"]) = (odd.clone(), odd.clone());
            });
            assert!(request.unwrap().customer().is_ok(), "{odd}");
        }
    }
}
