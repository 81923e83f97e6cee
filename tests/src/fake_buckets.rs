//! The fake S3: the bucket of the data platform, and that of product images, to which clients send signed requests.

use crate::engine::Answer;
use crate::fake_aws::FakeAws;
use crate::{aws_error, data_leaks, roles};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Moment;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The data platform's bucket.
pub(crate) const FILES: &str = "files";
/// The bucket of product images.
pub(crate) const MEDIA: &str = "media";
/// The host of every bucket.
const HOST: &str = "aws.test";
/// The credentials of the functions.
const SECRET_KEY: &str = "secret";

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub content_type: String,
    pub cache_control: String,
}

/// The objects of both buckets, by bucket and key.
pub(crate) type Objects = BTreeMap<(String, String), Object>;

/// The bucket, the operation and its parameters. Checks what S3 checks: the path, the signature, the hash and the checksum
/// of the body.
pub(crate) fn read(request: &HttpRequest, region: &str) -> (String, &'static str, Value) {
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let operation = match request.method() {
        "PUT" => "PutObject",
        "GET" => "GetObject",
        "DELETE" => "DeleteObject",
        other => panic!("the shop sends no {other} to S3"),
    };
    let place = request.uri().strip_prefix(&format!("http://{HOST}/")).expect("a URL of a bucket");
    let place = place.strip_suffix(&format!("?x-id={operation}")).expect("the operation's name in the query");
    let (bucket, key) = place.split_once('/').expect("a key in a bucket");
    assert!([FILES, MEDIA].contains(&bucket), "no such bucket: {bucket}");
    assert!(!key.contains('='), "S3 signs an encoded key: {key}");
    let signature = header("authorization");
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=id/")
            && signature.contains(&format!("/{region}/s3/aws4_request"))
    );
    let bytes = request.body().bytes().unwrap_or_default();
    let digest = Sha256::digest(bytes);
    assert_eq!(header("x-amz-content-sha256"), hex::encode(digest));
    if operation == "PutObject" {
        assert_eq!(header("x-amz-checksum-sha256"), BASE64_STANDARD.encode(digest));
    }
    let body = json!({
        "bucket": bucket, "key": key.replace("%3D", "="), "bytes": BASE64_STANDARD.encode(bytes),
        "content_type": header("content-type"), "cache_control": header("cache-control")
    });
    (bucket.to_owned(), operation, body)
}

/// Performs an operation of [`read`].
pub(crate) fn serve(objects: &mut Objects, operation: &str, body: &Value) -> Answer {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let place = (text("bucket"), text("key"));
    let done = |status: u16, body: String| Answer { status, body };
    match operation {
        "PutObject" => {
            let bytes = BASE64_STANDARD.decode(text("bytes")).unwrap();
            data_leaks::assert_none("a file", &String::from_utf8_lossy(&bytes));
            let (content_type, cache_control) = (text("content_type"), text("cache_control"));
            objects.insert(place, Object { bytes, content_type, cache_control });
            done(200, String::new())
        }
        "DeleteObject" => {
            objects.remove(&place);
            done(204, String::new())
        }
        _ => match objects.get(&place) {
            // Answers are text until they are sent.
            Some(object) => done(200, BASE64_STANDARD.encode(&object.bytes)),
            None => aws_error::xml(404, "NoSuchKey", "The specified key does not exist."),
        },
    }
}

/// The content of a successful `GetObject`.
pub(crate) fn content(answer: &Answer) -> Vec<u8> {
    BASE64_STANDARD.decode(&answer.body).unwrap()
}

impl FakeAws {
    /// The objects of the bucket of product images.
    pub fn media(&self) -> BTreeMap<String, Object> {
        let objects = self.objects();
        objects.into_iter().filter(|((bucket, _), _)| bucket == MEDIA).map(|((_, key), object)| (key, object)).collect()
    }

    /// Sends an upload that a function has signed, from a client without credentials. Returns the status: S3 refuses
    /// another method, address, type or length than was signed, and a request that has expired.
    pub fn send_upload(&self, upload: &Value, content_type: &str, bytes: &[u8], now: Moment) -> u16 {
        let url = upload["url"].as_str().unwrap();
        let place = url.strip_prefix(&format!("http://{HOST}/{MEDIA}/")).expect("the bucket of images");
        let (key, query) = place.split_once('?').unwrap();
        let sent = BTreeMap::from([
            ("content-length", bytes.len().to_string()),
            ("content-type", content_type.to_owned()),
            ("host", HOST.to_owned()),
        ]);
        if !is_signed(&format!("/{MEDIA}/{key}"), query, &sent, now) {
            return 403;
        }
        // The request has the permissions of the function that signed it.
        let body = json!({
            "bucket": MEDIA, "key": key, "bytes": BASE64_STANDARD.encode(bytes), "content_type": content_type,
            "cache_control": ""
        });
        if roles::refused("upload_image", "PutObject", &body).is_some() {
            return 403;
        }
        self.with_objects(|objects| serve(objects, "PutObject", &body).status)
    }
}

/// Whether the signature in a query is that of a PUT with these headers, now. See "Authenticating Requests: Using Query
/// Parameters (AWS Signature Version 4)".
fn is_signed(path: &str, query: &str, sent: &BTreeMap<&str, String>, now: Moment) -> bool {
    let parameters: BTreeMap<&str, &str> = query.split('&').map(|part| part.split_once('=').unwrap()).collect();
    let value = |name: &str| parameters.get(name).copied().unwrap_or_default();
    let signed = parameters.iter().filter(|(name, _)| **name != "X-Amz-Signature");
    let query = signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let names = value("X-Amz-SignedHeaders").replace("%3B", ";");
    for name in ["content-length", "content-type", "host"] {
        assert!(names.split(';').any(|signed| signed == name), "{name} is not signed: {names}");
    }
    let headers: String =
        names.split(';').map(|name| format!("{name}:{}\n", sent.get(name).map_or("", String::as_str))).collect();
    let canonical = format!("PUT\n{path}\n{query}\n{headers}\n{names}\nUNSIGNED-PAYLOAD");
    let (date, scope) = (value("X-Amz-Date"), value("X-Amz-Credential").replace("%2F", "/"));
    let scope = scope.split_once('/').unwrap().1;
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let key = scope.split('/').fold(format!("AWS4{SECRET_KEY}").into_bytes(), |key, part| mac(&key, part));
    let began = DateTime::strptime("%Y%m%dT%H%M%SZ", date).unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp();
    let expires = began + SignedDuration::from_secs(value("X-Amz-Expires").parse().unwrap());
    hex::encode(mac(&key, &text)) == value("X-Amz-Signature") && now <= expires
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
