//! The channels over real sockets: LINE and Slack as implemented in tools/fakes/messengers.py, a program in another
//! language; SES, SNS and Secrets Manager as in the fake messengers. One test per class of response.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use domain::notification::{Channel, SendResult};
use jiff::SignedDuration;
use providers::notify::{ChannelSettings, Message, Messengers};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tests::data_leaks::LINE_ID;
use tests::fake_messengers::{FakeMessengers, FakeResponse, serve};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

/// The response time-out in these tests.
const PATIENCE: Duration = Duration::from_millis(400);
const LATE_SECONDS: u32 = 2;

/// The channels and the two fakes that receive their messages.
struct Town {
    messengers: Messengers,
    office: FakeMessengers,
    stand_in: String,
    _process: Child,
}

impl Town {
    async fn open() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/fakes/messengers.py");
        let mut process =
            Command::new("python3").arg(program).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("python3");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let stand_in = lines.next_line().await.unwrap().expect("its address");
        let office = FakeMessengers::default();
        office.set_secret("local-line-token", &format!("{stand_in}/services/T00000000/B00000000/local"));
        let endpoint = serve(office.clone()).await;
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "tests")))
            .endpoint_url(endpoint)
            .http_client(aws::Client::new(PATIENCE))
            .build();
        let settings = ChannelSettings {
            line_api_url: stand_in.clone(),
            answer_timeout: PATIENCE,
            ..tests::shop::channel_settings()
        };
        Self { messengers: Messengers::new(config, settings), office, stand_in, _process: process }
    }

    async fn send(&self, channel: Channel, message: &Message) -> SendResult {
        self.messengers.send(channel, message).await
    }

    /// The messages that LINE or Slack received.
    async fn sent(&self, channel: &str) -> Vec<Value> {
        let all: Value = reqwest::get(format!("{}/_sent", self.stand_in)).await.unwrap().json().await.unwrap();
        all[channel].as_array().unwrap().clone()
    }

    /// Sets the fault of the next message to LINE or Slack.
    async fn next(&self, response: Value) {
        let said =
            reqwest::Client::new().post(format!("{}/_next", self.stand_in)).json(&response).send().await.unwrap();
        assert_eq!(said.status().as_u16(), 200);
    }
}

fn message(to: &str) -> Message {
    Message {
        key: Uuid::new_v4(),
        to: to.to_owned(),
        subject: "Order M-1 was canceled".to_owned(),
        text: "訂單 M-1 已取消 & <b>".to_owned(),
        html: Some("<p>訂單</p>".to_owned()),
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
    }
}

fn permanent(word: &str) -> SendResult {
    SendResult::permanent(word)
}

#[tokio::test]
async fn a_message_arrives_unchanged_on_each_channel() {
    let town = Town::open().await;
    for (channel, to) in [
        (Channel::Email, "ada@example.com"),
        (Channel::Sms, "+886912345678"),
        (Channel::Line, LINE_ID),
        (Channel::Slack, ""),
    ] {
        assert_eq!(town.send(channel, &message(to)).await, SendResult::Sent, "{channel:?}");
    }
    let taken = town.office.accepted();
    assert_eq!((taken[0].to.as_str(), taken[0].subject.as_str()), ("ada@example.com", "Order M-1 was canceled"));
    assert_eq!((taken[0].html.as_str(), taken[1].to.as_str()), ("<p>訂單</p>", "+886912345678"));
    assert!(taken.iter().all(|taken| taken.text == message("").text));
    let line = town.sent("LINE").await;
    assert_eq!((&line[0]["to"], &line[0]["texts"]), (&json!(LINE_ID), &json!([message("").text])));
    assert_eq!(town.sent("SLACK").await[0]["text"], message("").text);
}

#[tokio::test]
async fn line_sends_once_per_retry_key_even_when_its_first_response_was_late() {
    let town = Town::open().await;
    town.next(json!({"channel": "LINE", "do": "late", "seconds": LATE_SECONDS})).await;
    let push = message(LINE_ID);
    assert_eq!(town.send(Channel::Line, &push).await, SendResult::Unknown { why: "timeout".to_owned() });
    // 409, because a message with this retry key was accepted before.
    assert_eq!(town.send(Channel::Line, &push).await, SendResult::Sent);
    assert_eq!(town.send(Channel::Line, &push).await, SendResult::Sent);
    assert_eq!(town.sent("LINE").await.len(), 1);
    assert_eq!(town.sent("LINE").await[0]["key"], push.key.to_string());
}

#[tokio::test]
async fn line_responses_are_classified() {
    let town = Town::open().await;
    let answer = |status: u16, body: &str| json!({"channel": "LINE", "do": "answer", "status": status, "body": body});
    let retry = |seconds: Option<i64>, status: u16| SendResult::Retry {
        after: seconds.map(SignedDuration::from_secs),
        why: format!("status_{status}"),
    };
    let mut limited = answer(429, r#"{"message":"The API rate limit has been exceeded"}"#);
    limited["headers"] = json!({"Retry-After": "7"});
    for (response, outcome) in [
        (limited, retry(Some(7), 429)),
        (answer(500, ""), retry(None, 500)),
        (answer(503, ""), retry(None, 503)),
        (answer(429, r#"{"message":"You have reached your monthly limit."}"#), permanent("monthly_limit")),
        (answer(403, "{}"), permanent("status_403")),
        (answer(413, "{}"), permanent("status_413")),
    ] {
        town.next(response.clone()).await;
        assert_eq!(town.send(Channel::Line, &message(LINE_ID)).await, outcome, "{response}");
    }
    assert_eq!(town.send(Channel::Line, &message("U-somebody")).await, permanent("status_400"));
    town.office.set_secret("a-wrong-token", "");
    assert_eq!(town.send(Channel::Line, &message(LINE_ID)).await, SendResult::Sent, "it caches the valid token");
    let elsewhere = Town::open().await;
    elsewhere.office.set_secret("a-wrong-token", "");
    assert_eq!(elsewhere.send(Channel::Line, &message(LINE_ID)).await, permanent("unauthorized"));
}

#[tokio::test]
async fn slack_responses_are_classified() {
    let town = Town::open().await;
    let answer = |status: u16, body: &str| json!({"channel": "SLACK", "do": "answer", "status": status, "body": body});
    town.next(json!({
        "channel": "SLACK", "do": "answer", "status": 429, "body": "rate_limited", "headers": {"Retry-After": "30"}
    }))
    .await;
    let wanted = SendResult::Retry { after: Some(SignedDuration::from_secs(30)), why: "status_429".to_owned() };
    assert_eq!(town.send(Channel::Slack, &message("")).await, wanted);
    town.next(answer(500, "rollup_error")).await;
    assert!(matches!(town.send(Channel::Slack, &message("")).await, SendResult::Retry { .. }));
    for (status, word) in [
        (400, "invalid_payload"),
        (400, "no_text"),
        (400, "too_many_attachments"),
        (403, "action_prohibited"),
        (403, "invalid_token"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
    ] {
        town.next(answer(status, word)).await;
        assert_eq!(town.send(Channel::Slack, &message("")).await, permanent(word));
    }
    town.next(json!({"channel": "SLACK", "do": "late", "seconds": LATE_SECONDS})).await;
    assert_eq!(town.send(Channel::Slack, &message("")).await, SendResult::Unknown { why: "timeout".to_owned() });
    assert_eq!(town.send(Channel::Slack, &Message { text: String::new(), ..message("") }).await, permanent("no_text"));
}

#[tokio::test]
async fn ses_and_sns_responses_are_classified() {
    let town = Town::open().await;
    let mail = |status: u16, kind: &str| {
        let body = json!({"message": "about ada@example.com"}).to_string();
        ("SendEmail", Channel::Email, FakeResponse::new(status, body).with("x-amzn-errortype", kind))
    };
    let sms = |status: u16, code: &str| {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>+886912345678</Message></Error></ErrorResponse>"
        );
        ("Publish", Channel::Sms, FakeResponse::new(status, body))
    };
    for (case, word) in [
        (mail(429, "TooManyRequestsException"), "TooManyRequestsException"),
        (mail(400, "LimitExceededException"), "LimitExceededException"),
        (mail(400, "SendingPausedException"), "SendingPausedException"),
        (mail(500, "InternalServiceErrorException"), "InternalServiceErrorException"),
        (sms(400, "Throttling"), "Throttling"),
        (sms(400, "Throttled"), "Throttled"),
        (sms(400, "KMSThrottling"), "KMSThrottling"),
        (sms(500, "InternalError"), "InternalError"),
    ] {
        let (operation, channel, said) = case;
        town.office.refuse(operation, said);
        match town.send(channel, &message("+886912345678")).await {
            SendResult::Retry { why, .. } => assert_eq!(why, word),
            other => panic!("{word}: {other:?}"),
        }
    }
    for (case, word) in [
        (mail(400, "MessageRejected"), "MessageRejected"),
        (mail(400, "MailFromDomainNotVerifiedException"), "MailFromDomainNotVerifiedException"),
        (mail(404, "NotFoundException"), "NotFoundException"),
        (mail(400, "BadRequestException"), "BadRequestException"),
        (mail(400, "AccountSuspendedException"), "AccountSuspendedException"),
        (mail(403, "AccessDeniedException"), "AccessDeniedException"),
        (sms(400, "InvalidParameter"), "InvalidParameter"),
        (sms(400, "ParameterValueInvalid"), "ParameterValueInvalid"),
        (sms(403, "AuthorizationError"), "AuthorizationError"),
        (sms(403, "InvalidSecurity"), "InvalidSecurity"),
        (sms(400, "EndpointDisabled"), "EndpointDisabled"),
        (sms(400, "ValidationException"), "ValidationException"),
    ] {
        let (operation, channel, said) = case;
        town.office.refuse(operation, said);
        assert_eq!(town.send(channel, &message("+886912345678")).await, permanent(word));
    }
    for (operation, channel) in [("SendEmail", Channel::Email), ("Publish", Channel::Sms)] {
        town.office.answer_late(operation, Duration::from_secs(u64::from(LATE_SECONDS)));
        let outcome = town.send(channel, &message("+886912345678")).await;
        assert_eq!(outcome, SendResult::Unknown { why: "timeout".to_owned() }, "{operation}");
    }
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let mut town = Town::open().await;
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "tests")))
        // The discard port refuses connections.
        .endpoint_url("http://127.0.0.1:9")
        .http_client(aws::Client::new(PATIENCE))
        .build();
    town.messengers =
        Messengers::new(config, ChannelSettings { answer_timeout: PATIENCE, ..tests::shop::channel_settings() });
    for channel in [Channel::Email, Channel::Sms] {
        assert_eq!(
            town.send(channel, &message("+886912345678")).await,
            SendResult::retry("unreachable"),
            "{channel:?}"
        );
    }
    assert_eq!(town.send(Channel::Line, &message(LINE_ID)).await, SendResult::retry("secret_unreadable"));
}
