//! A fake AWS transport: the SDKs' HTTP client, which passes each request to the embedded engine or to the fake services,
//! injects faults, and records the calls.

mod third_parties;

use crate::aws_error::{self, Kind};
use crate::consumed_capacity::consumed;
use crate::data_leaks;
use crate::engine::{Answer, Engine};
use crate::fake_buckets::{self, Object, Objects};
use crate::fake_messengers::{FakeMessengers, Incoming};
use crate::fake_providers::FakeProviders;
use crate::fake_users::FakeUsers;
use crate::faults::{Fault, FaultSource, Faults, Rule, SentRequest, canceled, leave_last_key_out, partitions_of};
use crate::partitions::{Load, Partitions};
use crate::roles;
use crate::rolling_deployment::{self, Address};
use crate::upgrade_fixtures;
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
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

tokio::task_local! {
    /// The current invocation.
    pub(crate) static ACTOR: Actor;
}

/// The invocation that sends a request.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) use_case: String,
    /// Whether the next version handles it (see [`rolling_deployment`]).
    pub(crate) is_next: bool,
    /// Whether a client sent a GET.
    pub(crate) is_get: bool,
    /// Notified when a fault kills the environment.
    pub(crate) killed: Arc<Notify>,
}

/// The use case of the current invocation.
fn actor() -> Option<String> {
    ACTOR.try_with(|actor| actor.use_case.clone()).ok()
}

/// A separate region for each transport: the SDK keeps one retry budget per region in a process.
fn region() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    format!("local-{}", OPENED.fetch_add(1, Ordering::Relaxed))
}

/// The operations of S3. They have no `x-amz-target` header.
const OF_S3: [&str; 3] = ["PutObject", "GetObject", "DeleteObject"];

/// The secret of the contact keys.
pub(crate) const CONTACT_KEYS: &str = "contact-keys";

/// The default latency of a request.
const LATENCY: Duration = Duration::from_millis(4);

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Call {
    pub actor: Option<String>,
    pub operation: String,
    pub tables: Vec<String>,
    pub began: Instant,
    pub ended: Instant,
    /// The response; empty if there was none.
    answer: String,
}

impl Call {
    /// The consumed capacity in thousandths of a unit per table.
    pub fn milliunits(&self) -> BTreeMap<String, u64> {
        consumed(&self.answer)
    }

    pub fn is_write(&self) -> bool {
        is_write(&self.operation)
    }
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem")
}

#[derive(Debug, Clone)]
pub struct Published {
    pub source: String,
    pub detail_type: String,
    pub detail: Value,
}

impl Published {
    pub fn event_id(&self) -> &str {
        self.detail["event_id"].as_str().unwrap()
    }
}

struct State {
    faults: Faults,
    calls: Vec<Call>,
    published: Vec<Published>,
    objects: Objects,
    sent: Vec<(String, String)>,
    partitions: Option<Partitions>,
    jitter: Option<fastrand::Rng>,
    forgets_tokens: bool,
    /// The last response to each index query, whatever its time was.
    nominated: HashMap<String, String>,
    write_observer: Option<WriteObserver>,
    /// Items that the next version has written.
    written_by_next: BTreeSet<Address>,
}

/// Called after each committed write with the engine, the operation and its body.
type WriteObserver = Box<dyn FnMut(&Engine, &str, &Value) + Send>;

/// The transport between the use cases and AWS. Cheap to clone.
#[derive(Clone)]
pub struct FakeAws {
    engine: Engine,
    messengers: FakeMessengers,
    providers: FakeProviders,
    users: FakeUsers,
    contact_keys: Arc<Mutex<String>>,
    region: String,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for FakeAws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeAws")
    }
}

impl FakeAws {
    pub fn new(engine: Engine) -> Self {
        let state = State {
            faults: Faults::default(),
            calls: Vec::new(),
            published: Vec::new(),
            objects: Objects::new(),
            sent: Vec::new(),
            partitions: None,
            jitter: None,
            forgets_tokens: false,
            nominated: HashMap::new(),
            write_observer: None,
            written_by_next: BTreeSet::new(),
        };
        Self {
            engine,
            messengers: FakeMessengers::default(),
            providers: FakeProviders::default(),
            users: FakeUsers::default(),
            contact_keys: Arc::new(Mutex::new(json!({"current": "first".repeat(8)}).to_string())),
            region: region(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn messengers(&self) -> &FakeMessengers {
        &self.messengers
    }

    pub fn providers(&self) -> &FakeProviders {
        &self.providers
    }

    pub fn users(&self) -> &FakeUsers {
        &self.users
    }

    /// Replaces the keys that contact data is hashed under.
    pub fn set_contact_keys(&self, keys: &Value) {
        *self.contact_keys.lock().unwrap() = keys.to_string();
    }

    /// The SDK configuration with this transport and the retries and time-outs of the functions.
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
            // The responses are complete and cannot stall.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self.clone())
            .endpoint_url("http://aws.test")
            .build()
    }

    /// Injects a fault.
    pub fn inject(&self, rule: Rule) {
        self.state().faults.add(rule);
    }

    /// Adds a source of random faults to the injected ones.
    pub fn inject_faults(&self, chance: FaultSource) {
        self.state().faults.inject_faults(chance);
    }

    /// Calls this observer after every committed write.
    pub fn observe_writes(&self, write_observer: impl FnMut(&Engine, &str, &Value) + Send + 'static) {
        self.state().write_observer = Some(Box::new(write_observer));
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Panics unless every injected fault has hit a request: a test whose fault never occurred proves nothing.
    pub fn assert_faults_hit(&self) {
        assert_eq!(self.state().faults.left(), 0, "an injected fault never occurred");
    }

    /// Gives requests a random latency of 0 to 20 ms, so that concurrent ones interleave. The same seed gives the same
    /// order.
    pub fn shuffle(&self, seed: u64) {
        fastrand::seed(seed);
        self.state().jitter = Some(fastrand::Rng::with_seed(seed));
    }

    /// DynamoDB no longer knows the tokens of transactions, as after ten minutes.
    pub fn forget_tokens(&self) {
        self.state().forgets_tokens = true;
    }

    /// The requests since the last call.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    /// The events published since the last call.
    pub fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut self.state().published)
    }

    /// The data platform's files, as text.
    pub fn files(&self) -> BTreeMap<String, String> {
        let objects = self.objects().into_iter().filter(|((bucket, _), _)| bucket == fake_buckets::FILES);
        objects.map(|((_, key), Object { bytes, .. })| (key, String::from_utf8(bytes).unwrap())).collect()
    }

    pub(crate) fn objects(&self) -> Objects {
        self.state().objects.clone()
    }

    pub(crate) fn with_objects<T>(&self, work: impl FnOnce(&mut Objects) -> T) -> T {
        work(&mut self.state().objects)
    }

    /// The messages sent directly to queues since the last call: queue name and body.
    pub fn take_sent(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.state().sent)
    }

    /// Enables throttling of hot keys and transaction conflicts, as in DynamoDB.
    pub fn feel_load(&self) {
        self.state().partitions = Some(Partitions::default());
    }

    /// The load on the keys.
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
        if let Some(response) = self.ask_third_party(request.uri(), &incoming, actor.as_deref()).await {
            return response;
        }
        let text = incoming.body;
        let (operation, mut body, tables) = match request.headers().get("x-amz-target") {
            Some(target) => {
                let body: Value = serde_json::from_str(&text).unwrap();
                let tables = tables_of(&body);
                (target.rsplit('.').next().unwrap_or_default().to_owned(), body, tables)
            }
            None => {
                let (bucket, operation, body) = fake_buckets::read(&request, &self.region);
                (operation.to_owned(), body, vec![bucket])
            }
        };
        if let Some(refused) = actor.as_deref().and_then(|actor| roles::refused(actor, &operation, &body)) {
            return Ok(refused);
        }
        let by_next = match ACTOR.try_with(|actor| actor.is_next) {
            Ok(true) => rolling_deployment::send_as_next(&operation, &mut body),
            _ => Vec::new(),
        };
        let (fault, latency) = {
            let mut state = self.state();
            if state.forgets_tokens {
                body.as_object_mut().unwrap().remove("ClientRequestToken");
            }
            let is_index = body.get("IndexName").is_some();
            let sent = SentRequest { actor: actor.as_deref(), operation: &operation, tables: &tables, is_index };
            let fault = state.faults.next_fault(&sent);
            let latency = state.jitter.as_mut().map_or(LATENCY, |random| Duration::from_micros(random.u64(0..=20_000)));
            (fault, latency)
        };
        let began = Instant::now();
        let refused = self.state().partitions.as_mut().and_then(|keys| keys.enter(&operation, &body).err());
        tokio::time::sleep(latency).await;
        let answer = match refused {
            Some(refused) => Ok(refused),
            None => {
                let answer = self.apply_fault(fault, &operation, &tables, &body).await;
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
        let operation_is_read = operation == "GetObject";
        self.state().calls.push(Call { actor, operation, tables, began, ended, answer: text });
        let answer = answer?;
        let is_object = operation_is_read && answer.status == 200;
        let content = if is_object { fake_buckets::content(&answer) } else { answer.body.into_bytes() };
        let (status, length) = (answer.status, content.len().to_string());
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(content));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        response.headers_mut().insert("content-length", length);
        Ok(response)
    }

    async fn apply_fault(
        &self,
        fault: Option<Fault>,
        operation: &str,
        tables: &[String],
        body: &Value,
    ) -> Result<Answer, ConnectorError> {
        let Some(fault) = fault else { return Ok(self.serve(operation, body)) };
        match fault {
            Fault::Delayed(time) => {
                tokio::time::sleep(time).await;
                Ok(self.serve(operation, body))
            }
            Fault::Throttled => Ok(aws_error::answer(operation, Kind::Throttled, "try again")),
            Fault::Broken => Ok(aws_error::answer(operation, Kind::Fault, "try again")),
            Fault::Undelivered => Err(ConnectorError::io("the connection broke".into())),
            Fault::AnswerLost => {
                self.serve(operation, body);
                Err(ConnectorError::io("the connection broke".into()))
            }
            Fault::InProgress => {
                self.serve(operation, body);
                Ok(aws_error::json(400, "TransactionInProgressException", "try again"))
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
                    return Ok(self.serve(operation, body));
                }
                let code_of =
                    |place: usize, _: &str| if keys[place].ends_with(end) { "TransactionConflict" } else { "None" };
                Ok(Answer { status: 400, body: canceled(tables, code_of).to_string() })
            }
            Fault::Unprocessed => {
                let mut body = body.clone();
                let left = leave_last_key_out(&mut body);
                let mut answer: Value = serde_json::from_str(&self.serve(operation, &body).body).unwrap();
                answer["UnprocessedKeys"] = left;
                Ok(Answer { status: 200, body: answer.to_string() })
            }
            Fault::Lagging => Ok(self.nominate_as_before(body, None)),
            Fault::ListedTwice => {
                let current = self.engine.answer(operation, body);
                Ok(self.nominate_as_before(body, Some(&current)))
            }
            Fault::EntriesRefused(places) => Ok(answered(self.put_events(body, &places, "InternalFailure"))),
            Fault::EntriesInvalid(places) => Ok(answered(self.put_events(body, &places, "MalformedDetail"))),
            Fault::KilledBefore => self.die().await,
            Fault::KilledAfter => {
                self.serve(operation, body);
                self.die().await
            }
            Fault::Panicked => panic_quietly(),
        }
    }

    async fn die(&self) -> Result<Answer, ConnectorError> {
        ACTOR.with(|actor| actor.killed.notify_one());
        std::future::pending().await
    }

    fn serve(&self, operation: &str, body: &Value) -> Answer {
        if operation == "PutEvents" {
            return answered(self.put_events(body, &[], ""));
        }
        if OF_S3.contains(&operation) {
            return self.with_objects(|objects| fake_buckets::serve(objects, operation, body));
        }
        if operation == "SendMessage" {
            let text = |name: &str| body[name].as_str().unwrap();
            let queue = text("QueueUrl").rsplit('/').next().unwrap().to_owned();
            data_leaks::assert_none("a queue", text("MessageBody"));
            let mut state = self.state();
            state.sent.push((queue, text("MessageBody").to_owned()));
            return Answer { status: 200, body: json!({"MessageId": format!("sqs-{}", state.sent.len())}).to_string() };
        }
        let answer = self.engine.answer(operation, body);
        if body.get("IndexName").is_some() {
            self.state().nominated.insert(index_partition(body), answer.body.clone());
        } else if is_write(operation) && answer.status == 200 {
            upgrade_fixtures::assert_known(operation, body);
            // A browser comes back from LINE Pay with a GET. No other GET changes anything: robots open every link.
            let is_fetch = ACTOR.try_with(|actor| actor.is_get && actor.use_case != "return_from_line_pay");
            assert!(is_fetch != Ok(true), "a GET has written: {operation} {body}");
            let write_observer = self.state().write_observer.take();
            if let Some(mut write_observer) = write_observer {
                write_observer(&self.engine, operation, body);
                self.state().write_observer = Some(write_observer);
            }
        }
        answer
    }

    /// The response of a lagging index: the previous items of the same partition, if there are any, and then these.
    fn nominate_as_before(&self, body: &Value, current: Option<&Answer>) -> Answer {
        let before = self.state().nominated.get(&index_partition(body)).cloned();
        let answers = before.iter().chain(current.map(|answer| &answer.body));
        let mut merged = json!({"Items": [], "Count": 0, "ScannedCount": 0});
        let mut items = Vec::new();
        for answer in answers {
            merged = serde_json::from_str(answer).unwrap();
            items.append(merged["Items"].as_array_mut().unwrap());
        }
        // The condition on the position holds for outdated items, too.
        let end = body["ExpressionAttributeValues"][":end"]["S"].as_str();
        let place = |item: &Value| item["work_sk"]["S"].as_str().or(item["look_sk"]["S"].as_str()).map(str::to_owned);
        items.retain(|item| end.zip(place(item)).is_none_or(|(end, place)| place.as_str() < end));
        merged["Items"] = json!(items);
        Answer { status: 200, body: merged.to_string() }
    }

    fn put_events(&self, body: &Value, refused: &[usize], code: &str) -> Value {
        let entries = body["Entries"].as_array().unwrap();
        assert!(entries.len() <= 10, "EventBridge takes ten entries");
        let mut state = self.state();
        let results = entries.iter().enumerate().map(|(place, entry)| {
            if refused.contains(&place) {
                return json!({"ErrorCode": code, "ErrorMessage": "rejected by a fault"});
            }
            let text = |name: &str| entry[name].as_str().unwrap();
            data_leaks::assert_none("an event", text("Detail"));
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

/// An index query without the position where it ends: what is due is asked for with another time in each run.
fn index_partition(body: &Value) -> String {
    let mut query = body.clone();
    if let Some(values) = query["ExpressionAttributeValues"].as_object_mut() {
        values.remove(":end");
    }
    query.to_string()
}

fn answered(body: Value) -> Answer {
    Answer { status: 200, body: body.to_string() }
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move { aws.exchange(request).await })
    }
}

impl HttpClient for FakeAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Panics without a message on standard error.
fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("an injected panic"))
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

/// The tables of a request, one entry per item of a transaction.
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

/// The length of the longest chain of sequential calls.
pub fn longest_chain(calls: &[Call]) -> usize {
    let mut depths: Vec<usize> = Vec::new();
    for (place, call) in calls.iter().enumerate() {
        let before = calls[..place].iter().zip(&depths).filter(|(other, _)| other.ended <= call.began);
        depths.push(1 + before.map(|(_, depth)| *depth).max().unwrap_or_default());
    }
    depths.into_iter().max().unwrap_or_default()
}
