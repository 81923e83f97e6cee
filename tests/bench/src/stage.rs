//! What every function is measured on: DynamoDB's wire protocol over TLS in front of the embedded engine, with a product
//! in stock, and the environment that a function is started with.

use crate::server::{Request, Response, Server, certificate};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tests::events::{HttpRequest, api_gateway};
use tests::goods::cart;
use tests::{Caller, Shop};
use uuid::Uuid;

/// Pieces in stock: more than anybody orders.
const STOCK: i64 = 1_000_000;

/// The endpoint and what is sold there.
pub(crate) struct Stage {
    server: Server,
    bundle: PathBuf,
    variant: String,
    seen: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Stage {
    pub(crate) fn set() -> Result<Self, Box<dyn Error>> {
        let shop = Shop::open();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let variant = runtime.block_on(shop.variant(STOCK));
        let (certificate, tls) = certificate()?;
        let bundle = std::env::temp_dir().join(format!("millrun-bench-{}.pem", std::process::id()));
        std::fs::write(&bundle, certificate)?;
        let seen: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let (engine, noted) = (shop.wire.engine().clone(), Arc::clone(&seen));
        let answer = move |request: Request| {
            let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
            let Some((_, operation)) = request.header("x-amz-target").rsplit_once('.') else {
                return Response { status: 200, headers, body: "healthy".to_owned() };
            };
            let answer = engine.answer(operation, &request.body);
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(operation.to_owned(), request.body.clone());
            Response { status: answer.status, headers, body: answer.body }
        };
        let server = Server::start(Some(tls), Arc::new(answer))?;
        Ok(Self { server, bundle, variant, seen })
    }

    /// Connections that were opened to the endpoint so far.
    pub(crate) fn connections(&self) -> usize {
        self.server.connections()
    }

    /// The last request of this operation, as it was sent.
    pub(crate) fn last(&self, operation: &str) -> String {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(operation).cloned().unwrap_or_default()
    }

    /// An order of one piece by a customer of its own, as API Gateway hands it over.
    pub(crate) fn order(&self) -> String {
        let id = Uuid::new_v4().to_string();
        let request = HttpRequest {
            method: "POST".to_owned(),
            target: "/api/v1/orders".to_owned(),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("idempotency-key".to_owned(), id.clone()),
            ],
            body: Some(cart(&self.variant, 1).to_string().into_bytes()),
        };
        api_gateway(&request, &Caller::Customer(format!("customer-{id}")), &id).1.to_string()
    }

    /// The variables of a function, as the template sets them, with this endpoint.
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
        let bundle = self.bundle.display().to_string();
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
            ("AWS_CA_BUNDLE", &bundle),
            ("NODE_EXTRA_CA_CERTS", &bundle),
            ("EVENT_BUS", "bus"),
            ("EXPORT_BUCKET_DOMAIN", "files.s3.eu-central-1.amazonaws.com"),
            ("COUPON_REQUESTS_QUEUE", "https://sqs.eu-central-1.amazonaws.com/000000000000/requests"),
            ("MAIL_FROM", "shop@example.com"),
            ("SDK_ATTEMPT_TIMEOUT_MS", "60000"),
        ] {
            set(name, value.to_owned());
        }
        for provider in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
            set(&format!("{provider}_HOST"), format!("https://{}.example", provider.to_lowercase()));
            set(&format!("{provider}_SECRET_ARN"), provider.to_owned());
        }
        set("MESSENGER_SECRET_ARN", "messengers".to_owned());
        set("AWS_ENDPOINT_URL", format!("https://localhost:{}", self.server.port));
        set("PATH", std::env::var("PATH").unwrap_or_default());
        variables
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.bundle));
    }
}

/// Whether an answer of a function, or of API Gateway's kind, says that an order was placed.
pub(crate) fn is_placed(answer: &str) -> bool {
    serde_json::from_str::<Value>(answer).is_ok_and(|answer| answer["statusCode"] == json!(201))
}
