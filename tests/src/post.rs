//! The third parties that carry messages, in one process: SES, SNS, LINE, Slack, and the secret that two of them need. They
//! speak their protocols to whatever carries the bytes: the wire of a scenario on paused time, or a socket ([`serve`]).

use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// LINE's token in the secret.
pub const LINE_TOKEN: &str = "line-token";
/// Slack's address in the secret.
pub const SLACK_PATH: &str = "/services/T0/B0/hook";

/// A request as it arrives.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The path, without host and query.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Incoming {
    /// A header by its name in lower case; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body, read; `null` when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Whether it asks for a secret.
    pub fn is_secret(&self) -> bool {
        self.header("x-amz-target") == "secretsmanager.GetSecretValue"
    }

    /// Which of the operations here it is, if it is one.
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

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Said {
    /// This status and body.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// With this header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A message that a channel took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The operation that handed it over.
    pub operation: &'static str,
    /// The address.
    pub to: String,
    /// The subject, of a mail.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same as HTML, of a mail.
    pub html: String,
    /// LINE's retry key.
    pub key: String,
}

#[derive(Debug, Default)]
struct State {
    taken: Vec<Taken>,
    /// How often each operation was called, whatever was answered.
    calls: Vec<&'static str>,
    keys: BTreeSet<String>,
    next: VecDeque<(&'static str, Said)>,
    /// After how long an answer comes, for so many requests that are taken all the same.
    late: VecDeque<(&'static str, Duration)>,
    hook: String,
    token: String,
}

/// The post office. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct PostOffice(Arc<Mutex<State>>);

impl Default for PostOffice {
    fn default() -> Self {
        let hook = format!("http://slack.test{SLACK_PATH}");
        Self(Arc::new(Mutex::new(State { hook, token: LINE_TOKEN.to_owned(), ..State::default() })))
    }
}

impl PostOffice {
    /// The messages that were taken.
    pub fn taken(&self) -> Vec<Taken> {
        self.state().taken.clone()
    }

    /// How often an operation was called, whatever was answered.
    pub fn calls(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|called| **called == operation).count()
    }

    /// The next request of this operation is not done, and answered so.
    pub fn refuse(&self, operation: &'static str, said: Said) {
        self.state().next.push_back((operation, said));
    }

    /// The next request of this operation is done, and answered so much later.
    pub fn answer_late(&self, operation: &'static str, after: Duration) {
        self.state().late.push_back((operation, after));
    }

    /// From now on the secret has this token and webhook.
    pub fn set_secret(&self, token: &str, hook: &str) {
        let mut state = self.state();
        (state.token, state.hook) = (token.to_owned(), hook.to_owned());
    }

    /// Answers a request, and says after how long.
    ///
    /// Panics when it is none of the operations here.
    pub fn answer(&self, request: &Incoming) -> (Said, Duration) {
        let operation = request.operation().unwrap_or_else(|| panic!("nobody here does {}", request.path));
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

fn send_email(state: &mut State, request: &Incoming) -> Said {
    assert!(request.header("authorization").contains("/ses/aws4_request"), "signed for SES");
    let mail: Value = serde_json::from_str(&request.body).unwrap();
    let simple = &mail["Content"]["Simple"];
    let text = |value: &Value| value["Data"].as_str().unwrap_or_default().to_owned();
    state.taken.push(Taken {
        operation: "SendEmail",
        to: mail["Destination"]["ToAddresses"][0].as_str().unwrap().to_owned(),
        subject: text(&simple["Subject"]),
        text: text(&simple["Body"]["Text"]),
        html: text(&simple["Body"]["Html"]),
        key: String::new(),
    });
    Said::new(200, json!({"MessageId": format!("mail-{}", state.taken.len())}).to_string())
}

fn publish(state: &mut State, request: &Incoming) -> Said {
    assert!(request.header("authorization").contains("/sns/aws4_request"), "signed for SNS");
    let fields: Vec<(String, String)> = request.body.split('&').filter_map(pair).collect();
    let field =
        |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let (to, text) = (field("PhoneNumber"), field("Message"));
    if !to.starts_with('+') || text.is_empty() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code></Error></ErrorResponse>";
        return Said::new(400, body);
    }
    state.taken.push(Taken {
        operation: "Publish",
        to,
        subject: String::new(),
        text,
        html: String::new(),
        key: String::new(),
    });
    Said::new(200, "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>")
}

/// One pair of a form, decoded.
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

fn push_message(state: &mut State, request: &Incoming) -> Said {
    if request.header("authorization") != format!("Bearer {}", state.token) {
        return Said::new(401, r#"{"message":"Authentication failed"}"#);
    }
    let key = request.header("x-line-retry-key").to_owned();
    assert!(uuid::Uuid::try_parse(&key).is_ok(), "a retry key is a UUID");
    if !state.keys.insert(key.clone()) {
        let said = Said::new(409, r#"{"message":"The retry key is already accepted"}"#);
        return said.with("x-line-accepted-request-id", "request-1");
    }
    let push: Value = serde_json::from_str(&request.body).unwrap();
    state.taken.push(Taken {
        operation: "PushMessage",
        to: push["to"].as_str().unwrap().to_owned(),
        subject: String::new(),
        text: push["messages"][0]["text"].as_str().unwrap().to_owned(),
        html: String::new(),
        key,
    });
    Said::new(200, r#"{"sentMessages":[{"id":"1","quoteToken":"q"}]}"#)
}

fn post_webhook(state: &mut State, request: &Incoming) -> Said {
    if !state.hook.ends_with(&request.path) {
        return Said::new(404, "no_service");
    }
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let text = body["text"].as_str().unwrap().to_owned();
    state.taken.push(Taken {
        operation: "PostWebhook",
        to: String::new(),
        subject: String::new(),
        text,
        html: String::new(),
        key: String::new(),
    });
    Said::new(200, "ok")
}

fn secret(state: &State) -> Said {
    let text = json!({"line_channel_access_token": state.token, "slack_webhook_url": state.hook}).to_string();
    let body = json!({"ARN": "arn", "Name": "messengers", "SecretString": text, "VersionId": "1"});
    Said::new(200, body.to_string()).with("content-type", "application/x-amz-json-1.1")
}

/// Serves a post office on a socket of this machine, until the test ends. Answers its address.
pub async fn serve(office: PostOffice) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(exchange(office.clone(), stream));
        }
    });
    address
}

/// One request and its answer; the connection is closed after it.
async fn exchange(office: PostOffice, mut stream: TcpStream) {
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
    // Whoever asked may have gone in the meantime.
    drop(stream.write_all(answer.as_bytes()).await);
}
