//! The SDKs' HTTP client: hands each request to the embedded engine or to the bus, lets faults strike, and counts.

use crate::bank::Bank;
use crate::bill::consumed;
use crate::engine::{Answer, Engine};
use crate::faults::{Chance, Fault, Faults, Rule, Sent, canceled, leave_last_key_out, partitions_of};
use crate::golden;
use crate::leaks;
use crate::partitions::{Load, Partitions};
use crate::post::{Incoming, PostOffice, Said};
use crate::roles;
use crate::rolling::{self, Address};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

tokio::task_local! {
    /// The invocation that is running.
    pub(crate) static ACTOR: Actor;
}

/// An invocation as the wire sees it.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// Its use case.
    pub(crate) use_case: String,
    /// Whether it is the next version's.
    pub(crate) is_next: bool,
    /// Told when a fault kills its environment.
    pub(crate) killed: Arc<Notify>,
}

/// The use case that sends, if one does.
fn actor() -> Option<String> {
    ACTOR.try_with(|actor| actor.use_case.clone()).ok()
}

/// A region of one's own for each wire: the SDK keeps one budget of retries for each region of a process.
fn region() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    format!("local-{}", OPENED.fetch_add(1, Ordering::Relaxed))
}

/// The one operation of S3 that the shop uses; it is known by its form.
const PUT_OBJECT: &str = "PutObject";

/// How long one request takes when nothing else is said.
const LATENCY: Duration = Duration::from_millis(4);

/// A request that was sent.
#[derive(Debug, Clone)]
pub struct Call {
    /// The use case that sent it.
    pub actor: Option<String>,
    /// The operation.
    pub operation: String,
    /// The tables it named.
    pub tables: Vec<String>,
    /// When it was sent.
    pub began: Instant,
    /// When it was answered.
    pub ended: Instant,
    /// What was answered; nothing if no answer came.
    answer: String,
}

impl Call {
    /// Thousandths of units that it consumed, by table.
    pub fn milliunits(&self) -> BTreeMap<String, u64> {
        consumed(&self.answer)
    }

    /// Whether it is a request that writes.
    pub fn is_write(&self) -> bool {
        is_write(&self.operation)
    }
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem")
}

/// An event that reached the bus.
#[derive(Debug, Clone)]
pub struct Published {
    /// EventBridge's `source`.
    pub source: String,
    /// EventBridge's `detail-type`.
    pub detail_type: String,
    /// The event.
    pub detail: Value,
}

impl Published {
    /// The event's own id.
    pub fn event_id(&self) -> &str {
        self.detail["event_id"].as_str().unwrap()
    }
}

struct State {
    faults: Faults,
    calls: Vec<Call>,
    published: Vec<Published>,
    files: BTreeMap<String, String>,
    sent: Vec<(String, String)>,
    partitions: Option<Partitions>,
    jitter: Option<fastrand::Rng>,
    forgets_tokens: bool,
    /// What was answered to each question to an index the last time.
    nominated: HashMap<String, String>,
    witness: Option<Witness>,
    /// What the next version has written.
    written_by_next: BTreeSet<Address>,
}

/// Looks at every write that was committed, at once: the engine, the operation and its body.
type Witness = Box<dyn FnMut(&Engine, &str, &Value) + Send>;

/// The wire between the use cases and AWS. Cheap to clone.
#[derive(Clone)]
pub struct Wire {
    engine: Engine,
    post: PostOffice,
    bank: Bank,
    region: String,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// A wire to this engine.
    pub fn new(engine: Engine) -> Self {
        let state = State {
            faults: Faults::default(),
            calls: Vec::new(),
            published: Vec::new(),
            files: BTreeMap::new(),
            sent: Vec::new(),
            partitions: None,
            jitter: None,
            forgets_tokens: false,
            nominated: HashMap::new(),
            witness: None,
            written_by_next: BTreeSet::new(),
        };
        Self {
            engine,
            post: PostOffice::default(),
            bank: Bank::default(),
            region: region(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The engine at its end.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The third parties that carry messages.
    pub fn post(&self) -> &PostOffice {
        &self.post
    }

    /// The providers that take money.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// The SDKs' configuration over this wire, with the retries and time-outs that the functions have.
    pub fn config(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(1))
            .build();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "tests")))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts)
            // Nothing flows here that could stall.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self.clone())
            .endpoint_url("http://aws.test")
            .build()
    }

    /// Lets a fault strike.
    pub fn inject(&self, rule: Rule) {
        self.state().faults.add(rule);
    }

    /// Lets faults strike by chance, beside those that were injected.
    pub fn haunt(&self, chance: Chance) {
        self.state().faults.haunt(chance);
    }

    /// Has every write that is committed from now on looked at.
    pub fn watch(&self, witness: impl FnMut(&Engine, &str, &Value) + Send + 'static) {
        self.state().witness = Some(Box::new(witness));
    }

    /// From now on nothing goes wrong.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Panics unless every fault that was injected has struck: a test of a fault that never came proves nothing.
    pub fn assert_struck(&self) {
        assert_eq!(self.state().faults.left(), 0, "a fault never struck");
    }

    /// Requests take 0 to 20 ms from now on, so that concurrent ones interleave; the same seed, the same order.
    pub fn shuffle(&self, seed: u64) {
        fastrand::seed(seed);
        self.state().jitter = Some(fastrand::Rng::with_seed(seed));
    }

    /// From now on the service has forgotten each transaction's token, as it does after ten minutes.
    pub fn forget_tokens(&self) {
        self.state().forgets_tokens = true;
    }

    /// What was sent since the last call.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    /// The events that reached the bus since the last call.
    pub fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut self.state().published)
    }

    /// The objects of the bucket, by key.
    pub fn files(&self) -> BTreeMap<String, String> {
        self.state().files.clone()
    }

    /// The messages that were put on queues without the bus since the last call: the queue's name and the body.
    pub fn take_sent(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.state().sent)
    }

    /// From now on keys throttle and transactions conflict, as DynamoDB's do.
    pub fn feel_load(&self) {
        self.state().partitions = Some(Partitions::default());
    }

    /// What the keys have had to bear.
    pub fn load(&self) -> Load {
        self.state().partitions.as_ref().map(|partitions| partitions.load.clone()).unwrap_or_default()
    }

    pub(crate) fn written_by_next(&self) -> BTreeSet<Address> {
        self.state().written_by_next.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (incoming, actor) = (incoming(&request), actor());
        if let Some(operation) = self.bank.operation(request.uri(), &incoming) {
            let refused = || roles::refused(actor.as_deref()?, "GetSecretValue", &incoming.json());
            if let Some(refused) = incoming.is_secret().then(refused).flatten() {
                return Ok(refused);
            }
            return self.hand_over(operation, &|| self.bank.answer(operation, &incoming)).await;
        }
        if let Some(operation) = incoming.operation() {
            let refused = |actor| roles::refused(actor, operation, &incoming.json());
            if let Some(refused) = actor.as_deref().and_then(refused) {
                return Ok(refused);
            }
            return self.hand_over(operation, &|| self.post.answer(&incoming)).await;
        }
        let text = incoming.body;
        let (operation, mut body, tables) = match request.headers().get("x-amz-target") {
            Some(target) => {
                let body: Value = serde_json::from_str(&text).unwrap();
                let tables = tables_of(&body);
                (target.rsplit('.').next().unwrap_or_default().to_owned(), body, tables)
            }
            None => (PUT_OBJECT.to_owned(), object(&request, text, &self.region), vec!["files".to_owned()]),
        };
        if let Some(refused) = actor.as_deref().and_then(|actor| roles::refused(actor, &operation, &body)) {
            return Ok(refused);
        }
        let by_next = match ACTOR.try_with(|actor| actor.is_next) {
            Ok(true) => rolling::send_as_next(&operation, &mut body),
            _ => Vec::new(),
        };
        let (fault, latency) = {
            let mut state = self.state();
            if state.forgets_tokens {
                body.as_object_mut().unwrap().remove("ClientRequestToken");
            }
            let is_index = body.get("IndexName").is_some();
            let sent = Sent { actor: actor.as_deref(), operation: &operation, tables: &tables, is_index };
            let fault = state.faults.strike(&sent);
            let latency = state.jitter.as_mut().map_or(LATENCY, |random| Duration::from_micros(random.u64(0..=20_000)));
            (fault, latency)
        };
        let began = Instant::now();
        let refused = self.state().partitions.as_mut().and_then(|keys| keys.enter(&operation, &body).err());
        tokio::time::sleep(latency).await;
        let answer = match refused {
            Some(refused) => Ok(refused),
            None => {
                let answer = self.strike(fault, &operation, &tables, &body).await;
                if let Some(keys) = self.state().partitions.as_mut() {
                    keys.leave(&operation, &body);
                }
                answer
            }
        };
        if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            self.state().written_by_next.extend(by_next);
        }
        let (ended, text) = (Instant::now(), answer.as_ref().map(|answer| answer.body.clone()).unwrap_or_default());
        self.state().calls.push(Call { actor, operation, tables, began, ended, answer: text });
        let answer = answer?;
        let mut response = HttpResponse::new(answer.status.try_into().unwrap(), SdkBody::from(answer.body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    async fn strike(
        &self,
        fault: Option<Fault>,
        operation: &str,
        tables: &[String],
        body: &Value,
    ) -> Result<Answer, ConnectorError> {
        let Some(fault) = fault else { return Ok(self.serve(operation, body, &[])) };
        match fault {
            Fault::Delayed(time) => {
                tokio::time::sleep(time).await;
                Ok(self.serve(operation, body, &[]))
            }
            Fault::Throttled => Ok(refused(400, "ThrottlingException")),
            Fault::Broken => Ok(refused(500, "InternalServerError")),
            Fault::Undelivered => Err(ConnectorError::io("the connection broke".into())),
            Fault::AnswerLost => {
                self.serve(operation, body, &[]);
                Err(ConnectorError::io("the connection broke".into()))
            }
            Fault::InProgress => {
                self.serve(operation, body, &[]);
                Ok(refused(400, "TransactionInProgressException"))
            }
            Fault::Canceled(codes) => {
                let code_of = |place, _: &str| {
                    codes.iter().find(|(struck, _)| *struck == place).map_or("None", |(_, code)| *code)
                };
                Ok(Answer { status: 400, body: canceled(tables, code_of).to_string() })
            }
            Fault::ConflictBesideRefusal => {
                let last = tables.len() - 1;
                let refused = (0..last).find(|place| body["TransactItems"][place]["Update"].is_object());
                let code_of = |place, _: &str| match place {
                    _ if place == last => "TransactionConflict",
                    _ if Some(place) == refused => "ConditionalCheckFailed",
                    _ => "None",
                };
                Ok(Answer { status: 400, body: canceled(tables, code_of).to_string() })
            }
            Fault::Conflict(conflict, failed) => {
                let code_of = |_, table: &str| match table {
                    _ if table == conflict => "TransactionConflict",
                    _ if Some(table) == failed => "ConditionalCheckFailed",
                    _ => "None",
                };
                Ok(Answer { status: 400, body: canceled(tables, code_of).to_string() })
            }
            Fault::ConflictAt(end) => {
                let keys = partitions_of(body);
                if !keys.iter().any(|key| key.ends_with(end)) {
                    return Ok(self.serve(operation, body, &[]));
                }
                let code_of =
                    |place: usize, _: &str| if keys[place].ends_with(end) { "TransactionConflict" } else { "None" };
                Ok(Answer { status: 400, body: canceled(tables, code_of).to_string() })
            }
            Fault::Unprocessed => {
                let mut body = body.clone();
                let left = leave_last_key_out(&mut body);
                let mut answer: Value = serde_json::from_str(&self.serve(operation, &body, &[]).body).unwrap();
                answer["UnprocessedKeys"] = left;
                Ok(Answer { status: 200, body: answer.to_string() })
            }
            Fault::Lagging => Ok(self.nominate_as_before(body)),
            Fault::EntriesRefused(places) => Ok(self.serve(operation, body, &places)),
            Fault::KilledBefore => self.die().await,
            Fault::KilledAfter => {
                self.serve(operation, body, &[]);
                self.die().await
            }
            Fault::Panicked => panic_quietly(),
        }
    }

    /// A request to one of the third parties, which do it when `answer` is called. It is no call of the shop's own state and not counted.
    async fn hand_over(
        &self,
        operation: &'static str,
        answer: &(dyn Fn() -> (Said, Duration) + Send + Sync),
    ) -> Result<HttpResponse, ConnectorError> {
        let actor = actor();
        let fault =
            self.state().faults.strike(&Sent { actor: actor.as_deref(), operation, tables: &[], is_index: false });
        tokio::time::sleep(LATENCY).await;
        let broken = || ConnectorError::io("the connection broke".into());
        let (said, late) = match fault {
            None => answer(),
            Some(Fault::Undelivered) => return Err(broken()),
            Some(Fault::AnswerLost) => {
                answer();
                return Err(broken());
            }
            Some(Fault::KilledBefore) => return self.die().await.map(|_| unreachable!()),
            Some(Fault::KilledAfter) => {
                answer();
                return self.die().await.map(|_| unreachable!());
            }
            Some(Fault::Panicked) => panic_quietly(),
            Some(other) => panic!("{operation} cannot meet {other:?}"),
        };
        tokio::time::sleep(late).await;
        let mut response = HttpResponse::new(said.status.try_into().unwrap(), SdkBody::from(said.body));
        for (name, value) in said.headers {
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }

    async fn die(&self) -> Result<Answer, ConnectorError> {
        ACTOR.with(|actor| actor.killed.notify_one());
        std::future::pending().await
    }

    fn serve(&self, operation: &str, body: &Value, refused: &[usize]) -> Answer {
        if operation == "PutEvents" {
            return Answer { status: 200, body: self.put_events(body, refused).to_string() };
        }
        if operation == PUT_OBJECT {
            let field = |name: &str| body[name].as_str().unwrap().to_owned();
            leaks::assert_none("a file", &field("text"));
            self.state().files.insert(field("key"), field("text"));
            return Answer { status: 200, body: String::new() };
        }
        if operation == "SendMessage" {
            let text = |name: &str| body[name].as_str().unwrap();
            let queue = text("QueueUrl").rsplit('/').next().unwrap().to_owned();
            leaks::assert_none("a queue", text("MessageBody"));
            let mut state = self.state();
            state.sent.push((queue, text("MessageBody").to_owned()));
            return Answer { status: 200, body: json!({"MessageId": format!("sqs-{}", state.sent.len())}).to_string() };
        }
        let answer = self.engine.answer(operation, body);
        if body.get("IndexName").is_some() {
            self.state().nominated.insert(body.to_string(), answer.body.clone());
        } else if is_write(operation) && answer.status == 200 {
            golden::assert_known(operation, body);
            let witness = self.state().witness.take();
            if let Some(mut witness) = witness {
                witness(&self.engine, operation, body);
                self.state().witness = Some(witness);
            }
        }
        answer
    }

    /// What an index that lags says: the same as to the same question before, or nothing.
    fn nominate_as_before(&self, body: &Value) -> Answer {
        let before = self.state().nominated.get(&body.to_string()).cloned();
        let nothing = || json!({"Items": [], "Count": 0, "ScannedCount": 0}).to_string();
        Answer { status: 200, body: before.unwrap_or_else(nothing) }
    }

    fn put_events(&self, body: &Value, refused: &[usize]) -> Value {
        let entries = body["Entries"].as_array().unwrap();
        assert!(entries.len() <= 10, "EventBridge takes ten entries");
        let mut state = self.state();
        let results = entries.iter().enumerate().map(|(place, entry)| {
            if refused.contains(&place) {
                return json!({"ErrorCode": "InternalFailure", "ErrorMessage": "try again"});
            }
            let text = |name: &str| entry[name].as_str().unwrap();
            leaks::assert_none("an event", text("Detail"));
            let detail = serde_json::from_str(text("Detail")).unwrap();
            let (source, detail_type) = (text("Source").to_owned(), text("DetailType").to_owned());
            state.published.push(Published { source, detail_type, detail });
            json!({"EventId": format!("bus-{}", state.published.len())})
        });
        let results: Vec<Value> = results.collect();
        let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
        json!({"FailedEntryCount": failed, "Entries": results})
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.exchange(request).await })
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A panic that nobody has to read about.
fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("a panic that was injected"))
}

fn incoming(request: &HttpRequest) -> Incoming {
    let headers = request.headers().iter().map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    // `http://host/path`
    let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
    Incoming {
        path: format!("/{path}"),
        headers: headers.collect(),
        body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
    }
}

fn refused(status: u16, code: &str) -> Answer {
    let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "try again"});
    Answer { status, body: body.to_string() }
}

/// The object that a put brings. S3 looks at the same things: the bucket's path, the signature, the hash of the body.
fn object(request: &HttpRequest, text: String, region: &str) -> Value {
    let path = request.uri().strip_prefix("http://aws.test/files/").expect("an address in the bucket");
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = header("authorization");
    assert_eq!((request.method(), header("x-amz-content-sha256")), ("PUT", hash));
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=id/")
            && signature.contains(&format!("/{region}/s3/aws4_request"))
    );
    assert!(!path.contains('='), "S3 signs an encoded key: {path}");
    json!({"key": path.replace("%3D", "="), "text": text})
}

/// The tables that a request names, one for each item of a transaction.
fn tables_of(body: &Value) -> Vec<String> {
    let name = |value: &Value| value["TableName"].as_str().map(str::to_owned);
    if let Some(items) = body["TransactItems"].as_array() {
        return items.iter().filter_map(|item| name(item.as_object()?.values().next()?)).collect();
    }
    if let Some(tables) = body["RequestItems"].as_object() {
        return tables.keys().cloned().collect();
    }
    name(body).into_iter().collect()
}

/// The longest chain of calls of which each was sent after the one before was answered.
pub fn longest_chain(calls: &[Call]) -> usize {
    let mut depths: Vec<usize> = Vec::new();
    for (place, call) in calls.iter().enumerate() {
        let before = calls[..place].iter().zip(&depths).filter(|(other, _)| other.ended <= call.began);
        depths.push(1 + before.map(|(_, depth)| *depth).max().unwrap_or_default());
    }
    depths.into_iter().max().unwrap_or_default()
}
