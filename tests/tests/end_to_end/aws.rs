//! Direct access to AWS for what the shop's API does not show: tables, queues, the bus, the user pool, invocations.

use crate::shop::{Description, Shop, now};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// The credentials of the account's owner in the local AWS.
const KEY: &str = "test";

pub(crate) type Item = HashMap<String, AttributeValue>;

#[derive(Clone)]
pub(crate) struct Aws {
    pub(crate) tables: aws_sdk_dynamodb::Client,
    pub(crate) queues: aws_sdk_sqs::Client,
    pub(crate) bus: aws_sdk_eventbridge::Client,
}

impl Aws {
    pub(crate) fn new(about: &Description) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(about.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials()))
            .endpoint_url(&about.endpoint)
            .http_client(aws::Client::new(Duration::from_secs(3)))
            .build();
        Self {
            tables: aws_sdk_dynamodb::Client::new(&config),
            queues: aws_sdk_sqs::Client::new(&config),
            bus: aws_sdk_eventbridge::Client::new(&config),
        }
    }
}

fn credentials() -> Credentials {
    Credentials::new(KEY, KEY, None, None, "tests")
}

pub(crate) fn key(pk: &str, sk: &str) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// An integer attribute of an item; 0 if it is missing.
pub(crate) fn number(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl Shop {
    /// Calls an action of the user pool's API.
    pub(crate) async fn cognito(&self, action: &str, input: &Value) -> Value {
        let _one_at_a_time = self.reception.lock().await;
        self.service("cognito-idp", &format!("AWSCognitoIdentityProviderService.{action}"), input).await
    }

    /// Calls a service with a JSON API; `target` names service and action.
    pub(crate) async fn service(&self, service: &str, target: &str, input: &Value) -> Value {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let (status, _, body) = self.signed(service, "/", &headers, input).await;
        assert_eq!(status, 200, "{target}: {body}");
        body
    }

    /// Invokes a function as its schedule would at this time, and waits until it ends.
    pub(crate) async fn tick(&self, use_case: &str, time: jiff::Timestamp) {
        let (status, function_error, body) = self.fire(use_case, time).await;
        assert!(status == 200 && !function_error, "{use_case} at {time}: {status} {body}");
    }

    /// Like [`Self::tick`], while a fault or a kill may end the function. Returns whether it succeeded.
    pub(crate) async fn try_tick(&self, use_case: &str, time: jiff::Timestamp) -> bool {
        let (status, function_error, _) = self.fire(use_case, time).await;
        status == 200 && !function_error
    }

    async fn fire(&self, use_case: &str, time: jiff::Timestamp) -> (u16, bool, Value) {
        let path = format!("/2015-03-31/functions/{}{use_case}/invocations", self.about.function_prefix);
        let headers = [("content-type", "application/json")];
        self.signed("lambda", &path, &headers, &json!({"time": time})).await
    }

    /// Sends a GET to the data platform's bucket: for an object by its encoded key, or for the bucket with a query.
    pub(crate) async fn bucket(&self, target: &str) -> String {
        let url = format!("{}/{}{target}", self.about.endpoint, self.about.export_bucket);
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = credentials().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.about.region)
            .name("s3")
            .time(SystemTime::from(now()))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let signable = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = self.http.get(&url);
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{target}: {error:?}"));
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{target}: {status} {text}");
        text
    }

    async fn signed(&self, service: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, bool, Value) {
        let url = format!("{}{path}", self.about.endpoint);
        let body = body.to_string();
        let identity = credentials().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.about.region)
            .name(service)
            .time(SystemTime::from(now()))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let signable =
            SignableRequest::new("POST", &url, headers.iter().copied(), SignableBody::Bytes(body.as_bytes())).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = self.http.post(&url);
        for (name, value) in headers.iter().copied().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.unwrap_or_else(|error| panic!("{service}: {error:?}"));
        let status = response.status().as_u16();
        let function_error = response.headers().contains_key("x-amz-function-error");
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, function_error, body)
    }

    /// Reads an item with strong consistency.
    pub(crate) async fn item(&self, area: &str, pk: &str, sk: &str) -> Option<Item> {
        let get = self.aws.tables.get_item().table_name(self.table(area)).set_key(Some(key(pk, sk)));
        get.consistent_read(true).send().await.unwrap().item
    }

    /// The counted sales of a product, net of refunds. Includes the previous shop day.
    pub(crate) async fn sold(&self, product: &str) -> i64 {
        let today = now().to_zoned(jiff::tz::TimeZone::get("Asia/Taipei").unwrap()).date();
        let mut sold = 0;
        for day in [today.yesterday().unwrap(), today] {
            let item = self.item("counters", &format!("SALES#{day}"), &format!("PRODUCT#{product}")).await;
            sold += item.map_or(0, |item| number(&item, "sold_qty"));
        }
        sold
    }

    /// The URL of a queue of the stack.
    pub(crate) async fn queue(&self, name: &str) -> String {
        let name = format!("{}-{name}", self.about.stack_name);
        let found = self.aws.queues.get_queue_url().queue_name(&name).send().await;
        found.unwrap_or_else(|error| panic!("queue {name}: {error:?}")).queue_url.unwrap()
    }
}
