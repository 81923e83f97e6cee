//! Fake messengers in one process: SES, SNS, LINE, Slack, and the secret that two of them need. They implement the
//! protocols for any transport: the fake AWS transport of a scenario, or a socket ([`serve`]).

use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const LINE_TOKEN: &str = "line-token";
/// The path of Slack's webhook in the secret.
pub const SLACK_PATH: &str = "/services/T0/B0/hook";

/// A received request.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub path: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Incoming {
    /// The header with this lower-case name; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The parsed body; `null` if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Whether this is a `GetSecretValue` request.
    pub fn is_secret(&self) -> bool {
        self.header("x-amz-target") == "secretsmanager.GetSecretValue"
    }

    /// The operation of this request, if it is for a messenger.
    pub fn operation(&self) -> Option<&'static str> {
        match self.path.as_str() {
            "/v2/email/outbound-emails" => Some("SendEmail"),
            "/v2/bot/message/push" => Some("PushMessage"),
            path if path.starts_with("/services/") => Some("PostWebhook"),
            _ if self.is_secret() => Some("GetSecretValue"),
            _ if self.body.starts_with("Action=Publish&") => Some("Publish"),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl FakeResponse {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A message that a channel accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedMessage {
    pub operation: &'static str,
    /// The recipient's address.
    pub to: String,
    /// The subject of an e-mail.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML body of an e-mail.
    pub html: String,
    pub key: String,
}

#[derive(Debug, Default)]
struct State {
    taken: Vec<AcceptedMessage>,
    /// The number of calls of each operation, including failed ones.
    calls: Vec<&'static str>,
    keys: BTreeSet<String>,
    next: VecDeque<(&'static str, FakeResponse)>,
    /// Delays of the next responses; the requests are accepted anyway.
    late: VecDeque<(&'static str, Duration)>,
    hook: String,
    token: String,
}

/// The fake messengers. Cheap to clone; all clones share their state.
#[derive(Debug, Clone)]
pub struct FakeMessengers(Arc<Mutex<State>>);

impl Default for FakeMessengers {
    fn default() -> Self {
        let hook = format!("http://slack.test{SLACK_PATH}");
        Self(Arc::new(Mutex::new(State { hook, token: LINE_TOKEN.to_owned(), ..State::default() })))
    }
}

impl FakeMessengers {
    /// The accepted messages.
    pub fn accepted(&self) -> Vec<AcceptedMessage> {
        self.state().taken.clone()
    }

    /// The number of calls of an operation, including failed ones.
    pub fn calls(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|called| **called == operation).count()
    }

    /// Rejects the next request of this operation with this response.
    pub fn refuse(&self, operation: &'static str, said: FakeResponse) {
        self.state().next.push_back((operation, said));
    }

    /// Performs the next request of this operation and delays its response.
    pub fn answer_late(&self, operation: &'static str, after: Duration) {
        self.state().late.push_back((operation, after));
    }

    /// Changes the token and the webhook in the secret.
    pub fn set_secret(&self, token: &str, hook: &str) {
        let mut state = self.state();
        (state.token, state.hook) = (token.to_owned(), hook.to_owned());
    }

    /// Handles a request. Returns the response and its delay.
    ///
    /// Panics if the operation is unknown.
    pub fn answer(&self, request: &Incoming) -> (FakeResponse, Duration) {
        let operation = request.operation().unwrap_or_else(|| panic!("no fake implements {}", request.path));
        let mut state = self.state();
        state.calls.push(operation);
        if let Some(place) = state.next.iter().position(|(of, _)| *of == operation) {
            return (state.next.remove(place).unwrap().1, Duration::ZERO);
        }
        let late = state.late.iter().position(|(of, _)| *of == operation);
        let late = late.map_or(Duration::ZERO, |place| state.late.remove(place).unwrap().1);
        let said = match operation {
            "SendEmail" => send_email(&mut state, request),
            "Publish" => publish(&mut state, request),
            "PushMessage" => push_message(&mut state, request),
            "PostWebhook" => post_webhook(&mut state, request),
            _ => secret(&state),
        };
        (said, late)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn send_email(state: &mut State, request: &Incoming) -> FakeResponse {
    assert!(request.header("authorization").contains("/ses/aws4_request"), "signed for SES");
    let mail: Value = serde_json::from_str(&request.body).unwrap();
    let simple = &mail["Content"]["Simple"];
    let text = |value: &Value| value["Data"].as_str().unwrap_or_default().to_owned();
    state.taken.push(AcceptedMessage {
        operation: "SendEmail",
        to: mail["Destination"]["ToAddresses"][0].as_str().unwrap().to_owned(),
        subject: text(&simple["Subject"]),
        text: text(&simple["Body"]["Text"]),
        html: text(&simple["Body"]["Html"]),
        key: String::new(),
    });
    FakeResponse::new(200, json!({"MessageId": format!("mail-{}", state.taken.len())}).to_string())
}

fn publish(state: &mut State, request: &Incoming) -> FakeResponse {
    assert!(request.header("authorization").contains("/sns/aws4_request"), "signed for SNS");
    let fields: Vec<(String, String)> = request.body.split('&').filter_map(pair).collect();
    let field =
        |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let (to, text) = (field("PhoneNumber"), field("Message"));
    if !to.starts_with('+') || text.is_empty() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code></Error></ErrorResponse>";
        return FakeResponse::new(400, body);
    }
    state.taken.push(AcceptedMessage {
        operation: "Publish",
        to,
        subject: String::new(),
        text,
        html: String::new(),
        key: String::new(),
    });
    FakeResponse::new(200, "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>")
}

/// A decoded field of a form.
fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let decode = |text: &str| {
        let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
        while let Some((first, tail)) = rest.split_first() {
            let (byte, tail) = match first {
                b'+' => (b' ', tail),
                b'%' => (u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap(), &tail[2..]),
                other => (*other, tail),
            };
            bytes.push(byte);
            rest = tail;
        }
        String::from_utf8(bytes).unwrap()
    };
    Some((decode(name), decode(value)))
}

fn push_message(state: &mut State, request: &Incoming) -> FakeResponse {
    if request.header("authorization") != format!("Bearer {}", state.token) {
        return FakeResponse::new(401, r#"{"message":"Authentication failed"}"#);
    }
    let key = request.header("x-line-retry-key").to_owned();
    assert!(uuid::Uuid::try_parse(&key).is_ok(), "a retry key is a UUID");
    if !state.keys.insert(key.clone()) {
        let said = FakeResponse::new(409, r#"{"message":"The retry key is already accepted"}"#);
        return said.with("x-line-accepted-request-id", "request-1");
    }
    let push: Value = serde_json::from_str(&request.body).unwrap();
    state.taken.push(AcceptedMessage {
        operation: "PushMessage",
        to: push["to"].as_str().unwrap().to_owned(),
        subject: String::new(),
        text: push["messages"][0]["text"].as_str().unwrap().to_owned(),
        html: String::new(),
        key,
    });
    FakeResponse::new(200, r#"{"sentMessages":[{"id":"1","quoteToken":"q"}]}"#)
}

fn post_webhook(state: &mut State, request: &Incoming) -> FakeResponse {
    if !state.hook.ends_with(&request.path) {
        return FakeResponse::new(404, "no_service");
    }
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let text = body["text"].as_str().unwrap().to_owned();
    state.taken.push(AcceptedMessage {
        operation: "PostWebhook",
        to: String::new(),
        subject: String::new(),
        text,
        html: String::new(),
        key: String::new(),
    });
    FakeResponse::new(200, "ok")
}

fn secret(state: &State) -> FakeResponse {
    let text = json!({"line_channel_access_token": state.token, "slack_webhook_url": state.hook}).to_string();
    let body = json!({"ARN": "arn", "Name": "messengers", "SecretString": text, "VersionId": "1"});
    FakeResponse::new(200, body.to_string()).with("content-type", "application/x-amz-json-1.1")
}

/// Serves the fake messengers on a local socket until the test ends. Returns the address.
pub async fn serve(office: FakeMessengers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(exchange(office.clone(), stream));
        }
    });
    address
}

/// Handles one request and closes the connection.
async fn exchange(office: FakeMessengers, mut stream: TcpStream) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            break (head, end + 4 + length.unwrap_or(0));
        }
    };
    while bytes.len() < length {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut lines = head.lines();
    let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let start = head.len() + 4;
    let request =
        Incoming { path, headers: headers.collect(), body: String::from_utf8(bytes[start..length].to_vec()).unwrap() };
    let (said, late) = office.answer(&request);
    tokio::time::sleep(late).await;
    let mut answer =
        format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", said.status, said.body.len());
    for (name, value) in &said.headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str(&format!("\r\n{}", said.body));
    // The client may have disconnected.
    drop(stream.write_all(answer.as_bytes()).await);
}
