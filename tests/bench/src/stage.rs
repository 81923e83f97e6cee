//! The environment of all measurements: DynamoDB's HTTP API over TLS in front of the embedded engine, with a product in
//! stock, invocations that succeed, and a function's environment variables.

use crate::server::{Request, Response, Server, certificate};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::Shop;
use tests::events::{HttpRequest, api_gateway};
use tests::fixtures::cart;
use tests::shop::Session;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// Stock and coupons: more than needed.
const STOCK: i64 = 1_000_000;
/// The operating system's root certificates on Debian. Amazon Linux has about as many, also in one file.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Charged points: enough for an order.
const CHARGE: i64 = 1_000_000;

/// The endpoint and its product.
pub(crate) struct Stage {
    shop: Shop,
    runtime: Runtime,
    server: Server,
    bundle: PathBuf,
    /// The operating system's root certificates and ours: what a function in Lambda reads at its start.
    roots: PathBuf,
    variant: String,
    coupon: String,
    seen: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Stage {
    pub(crate) fn set() -> Result<Self, Box<dyn Error>> {
        let shop = Shop::open();
        shop.advance_minutes(minutes_now()? - shop.now().as_second() / 60);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let variant = runtime.block_on(shop.variant(STOCK));
        let coupon = runtime.block_on(shop.coupon(STOCK, 1));
        runtime.block_on(shop.tick("refresh_best_sellers"));
        let (certificate, tls) = certificate()?;
        let bundle = std::env::temp_dir().join(format!("millrun-bench-{}.pem", std::process::id()));
        std::fs::write(&bundle, &certificate)?;
        let roots = bundle.with_extension("roots.pem");
        std::fs::write(&roots, std::fs::read_to_string(SYSTEM_ROOTS).unwrap_or_default() + &certificate)?;
        let seen: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let (engine, noted) = (shop.aws.engine().clone(), Arc::clone(&seen));
        let answer = move |request: Request| {
            let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
            let Some((_, operation)) = request.header("x-amz-target").rsplit_once('.') else {
                return Response { status: 200, headers, body: "healthy".to_owned() };
            };
            if operation == "PutEvents" {
                return Response { status: 200, headers, body: published(&request.body) };
            }
            if operation == "GetSecretValue" {
                let keys = json!({"current": "k".repeat(64)}).to_string();
                let body = json!({"ARN": "arn", "Name": "contact-keys", "SecretString": keys, "VersionId": "1"});
                return Response { status: 200, headers, body: body.to_string() };
            }
            let answer = engine.answer(operation, &serde_json::from_str(&request.body).unwrap_or_default());
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(operation.to_owned(), request.body.clone());
            Response { status: answer.status, headers, body: answer.body }
        };
        let server = Server::start(Some(tls), Arc::new(answer))?;
        Ok(Self { shop, runtime, server, bundle, roots, variant, coupon, seen })
    }

    /// The number of connections to the endpoint so far.
    pub(crate) fn connections(&self) -> usize {
        self.server.connections()
    }

    pub(crate) fn last(&self, operation: &str) -> String {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(operation).cloned().unwrap_or_default()
    }

    /// A successful invocation of this use case by a new customer, with its prerequisites created.
    pub(crate) fn event(&self, use_case: &str) -> String {
        let customer = self.shop.customer(&format!("customer-{}", Uuid::new_v4()));
        match use_case {
            "place_order" => post(&customer, "/orders", &cart(&self.variant, 1)),
            "pay_order" => {
                let order = self.runtime.block_on(self.order(&customer));
                post(&customer, "/payments", &json!({"order_id": order, "method": "POINTS"}))
            }
            "charge_points" => post(&customer, "/points/charge", &json!({"amount_cents": CHARGE})),
            "issue_coupon" => post(&customer, &format!("/coupons/{}/issue", self.coupon), &json!({})),
            "get_best_sellers" => request(&customer, "GET", "/products/best-sellers", None),
            "relay_outbox" => {
                while !self.shop.dispatcher.new_changes(&self.shop).is_empty() {}
                let paid = async { customer.pay(&self.order(&customer).await).await.expect(201) };
                drop(self.runtime.block_on(paid));
                json!({"Records": self.shop.dispatcher.new_changes(&self.shop).pop().into_iter().collect::<Vec<_>>()})
                    .to_string()
            }
            other => unreachable!("no event of {other} is made here"),
        }
    }

    /// A customer with points who has ordered one unit. Returns the order's id.
    async fn order(&self, customer: &Session) -> String {
        drop(customer.charge(CHARGE).await.expect(200));
        customer.order(&self.variant, 1).await
    }

    /// The environment variables of a function as in the template, with this endpoint.
    pub(crate) fn variables(&self, function: &str) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        let mut set = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
        let tables = [
            "Catalog",
            "Orders",
            "Wallets",
            "Coupons",
            "Counters",
            "Payments",
            "Batches",
            "Production",
            "Notifications",
            "Rankings",
            "Outbox",
        ];
        for table in tables {
            set(&format!("{}_TABLE", table.to_uppercase()), table.to_owned());
        }
        let (bundle, roots) = (self.bundle.display().to_string(), self.roots.display().to_string());
        for (name, value) in [
            ("_HANDLER", function),
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("SSL_CERT_FILE", &roots),
            ("AWS_CA_BUNDLE", &bundle),
            ("NODE_EXTRA_CA_CERTS", &bundle),
            ("EVENT_BUS", "bus"),
            ("EXPORT_BUCKET_DOMAIN", "files.s3.eu-central-1.amazonaws.com"),
            ("MEDIA_BUCKET_DOMAIN", "media.s3.eu-central-1.amazonaws.com"),
            ("COUPON_REQUESTS_QUEUE", "https://sqs.eu-central-1.amazonaws.com/000000000000/requests"),
            ("MAIL_FROM", "shop@example.com"),
            ("USER_POOL_ID", "eu-central-1_bench"),
            ("STACK_NAME", "millrun"),
            ("SDK_ATTEMPT_TIMEOUT_MS", "60000"),
        ] {
            set(name, value.to_owned());
        }
        for provider in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
            set(&format!("{provider}_HOST"), format!("https://{}.example", provider.to_lowercase()));
        }
        set("AWS_ENDPOINT_URL", format!("https://localhost:{}", self.server.port));
        set("PATH", std::env::var("PATH").unwrap_or_default());
        variables
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.bundle));
        drop(std::fs::remove_file(&self.roots));
    }
}

/// Minutes since the Unix epoch: the measured functions use the real clock.
#[expect(clippy::disallowed_methods, reason = "the stage sets the shop's clock")]
fn minutes_now() -> Result<i64, Box<dyn Error>> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 60)?)
}

fn post(customer: &Session, path: &str, body: &Value) -> String {
    request(customer, "POST", path, Some(body.to_string().into_bytes()))
}

/// A request as API Gateway passes it.
fn request(customer: &Session, method: &str, path: &str, body: Option<Vec<u8>>) -> String {
    let id = Uuid::new_v4().to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", &id)];
    let request = HttpRequest {
        method: method.to_owned(),
        target: format!("/api/v1{path}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body,
    };
    api_gateway(&request, &customer.caller, &id).1.to_string()
}

/// A response of the bus that accepts every event.
fn published(body: &str) -> String {
    let wanted: Value = serde_json::from_str(body).unwrap_or_default();
    let entries = wanted["Entries"].as_array().into_iter().flatten();
    let entries: Vec<Value> = entries.map(|_| json!({"EventId": Uuid::new_v4().to_string()})).collect();
    json!({"FailedEntryCount": 0, "Entries": entries}).to_string()
}

/// Whether a response to a request or a batch means success.
pub(crate) fn is_done(answer: &str) -> bool {
    serde_json::from_str::<Value>(answer).is_ok_and(|answer| {
        let is_success = answer["statusCode"].as_u64().is_some_and(|status| (200..300).contains(&status));
        is_success || answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty)
    })
}
