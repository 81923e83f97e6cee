//! The binary itself, between a Runtime API and a DynamoDB of a few lines each, which count connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const TABLES: [&str; 11] = [
    "CATALOG",
    "ORDERS",
    "WALLETS",
    "COUPONS",
    "COUNTERS",
    "PAYMENTS",
    "BATCHES",
    "PRODUCTION",
    "NOTIFICATIONS",
    "RANKINGS",
    "OUTBOX",
];
const REQUIRED: [&str; 12] = [
    "EVENT_BUS",
    "COUPON_REQUESTS_QUEUE",
    "MAIL_FROM",
    "MESSENGER_SECRET_ARN",
    "ECPAY_HOST",
    "ECPAY_SECRET_ARN",
    "NEWEBPAY_HOST",
    "NEWEBPAY_SECRET_ARN",
    "LINE_PAY_HOST",
    "LINE_PAY_SECRET_ARN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
];

/// A server that counts its connections and answers each request, head and body, as `answer` says.
fn serve(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, opened) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let (counted, answer) = (Arc::clone(&opened), Arc::new(answer));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = Arc::clone(&answer);
            thread::spawn(move || converse(stream, &*answer));
        }
    });
    (port, opened)
}

fn converse(stream: TcpStream, answer: &(impl Fn(&str, &str) -> String + ?Sized)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
            head.push_str(&line.to_ascii_lowercase());
            line.clear();
        }
        if head.is_empty() {
            return;
        }
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let body = answer(&head, &String::from_utf8(body).unwrap());
        let headers = "lambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: 4102444800000\r\n";
        let text = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs one invocation of a use case. Answers how many connections to DynamoDB there were when it asked for the event, how
/// many when it had answered, and what it answered.
fn invoke(use_case: &str, event: String) -> (usize, usize, String) {
    let (tables, opened) = serve(|_, _| "{}".to_owned());
    let (answered, answers) = channel();
    let (answered, before) = (Mutex::new(answered), Arc::new(AtomicUsize::new(usize::MAX)));
    let (seen, counted) = (Arc::clone(&opened), Arc::clone(&before));
    let (api, _) = serve(move |head, body| {
        runtime_api(head, body, &event, &answered, || {
            // The first question alone: a connection that is opened while it is answered comes too late.
            let _ =
                counted.compare_exchange(usize::MAX, seen.load(Ordering::SeqCst), Ordering::SeqCst, Ordering::SeqCst);
        })
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_millrun"));
    command.env_clear().stdout(Stdio::null());
    command.envs(TABLES.map(|table| (format!("{table}_TABLE"), table)));
    command.envs(REQUIRED.map(|name| (name, "x")));
    command.env("EXPORT_BUCKET_DOMAIN", "files.s3.eu-central-1.amazonaws.com");
    command.env("AWS_REGION", "eu-central-1").env("_HANDLER", use_case);
    for name in ["NAME", "VERSION", "MEMORY_SIZE"] {
        command.env(format!("AWS_LAMBDA_FUNCTION_{name}"), "1");
    }
    command.env("AWS_LAMBDA_LOG_GROUP_NAME", "x").env("AWS_LAMBDA_LOG_STREAM_NAME", "x");
    command.env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{api}"));
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{tables}"));
    let running = Running(command.spawn().unwrap());
    let answer = answers.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(running);
    (before.load(Ordering::SeqCst), opened.load(Ordering::SeqCst), answer)
}

fn runtime_api(head: &str, body: &str, event: &str, answered: &Mutex<Sender<String>>, first: impl Fn()) -> String {
    if head.starts_with("post") {
        drop(answered.lock().unwrap().send(body.to_owned()));
        return String::new();
    }
    first();
    event.to_owned()
}

fn sample(use_case: &str) -> String {
    let path = format!("{}/../events/{use_case}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_connection_to_the_tables_is_open_before_the_first_invocation_and_serves_it() {
    for use_case in ["get_best_sellers", "get_points"] {
        let (before, after, answer) = invoke(use_case, sample(use_case));
        assert!(answer.contains(r#""statusCode":200"#), "{use_case}: {answer}");
        assert_eq!((before, after), (1, 1), "{use_case}");
    }
}

#[test]
fn who_has_no_business_with_the_tables_opens_nothing() {
    let (before, after, answer) = invoke("get_openapi", sample("get_openapi"));
    assert!(answer.contains(r#""statusCode":200"#), "{answer:.200}");
    assert_eq!((before, after), (0, 0));
}
