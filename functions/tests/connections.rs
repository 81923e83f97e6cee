//! The binary between a fake Runtime API and a fake DynamoDB, which count connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Required variables whose values do not matter here.
const NAMES: &str = "CATALOG_TABLE ORDERS_TABLE WALLETS_TABLE COUPONS_TABLE COUNTERS_TABLE PAYMENTS_TABLE BATCHES_TABLE \
    PRODUCTION_TABLE NOTIFICATIONS_TABLE RANKINGS_TABLE ACTIVITY_TABLE OUTBOX_TABLE EVENT_BUS COUPON_REQUESTS_QUEUE MAIL_FROM \
    USER_POOL_ID STACK_NAME ECPAY_HOST NEWEBPAY_HOST LINE_PAY_HOST \
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME \
    AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION";

/// A `GetItem` response with stored best sellers.
const BEST_SELLERS: &str = concat!(
    r#"{"Item": {"view": {"S": "{\"from\": \"2026-11-19\", \"to\": \"2026-11-21\", "#,
    r#"\"as_of\": \"2026-11-21T12:00:00Z\", \"items\": []}"}}}"#
);
/// A `GetItem` response without an item.
const NOTHING: &str = "{}";

/// A server that counts its connections, and responds to each request with the result of `answer`.
fn serve(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, opened) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let (counted, answer) = (Arc::clone(&opened), Arc::new(answer));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = Arc::clone(&answer);
            // A peer that closes the connection is a function that was stopped after its response.
            thread::spawn(move || drop(converse(stream, &*answer)));
        }
    });
    (port, opened)
}

fn converse(mut stream: TcpStream, answer: &impl Fn(&str, &str) -> String) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line)? > 2 {
            head.push_str(&line.to_ascii_lowercase());
            line.clear();
        }
        if head.is_empty() {
            return Ok(());
        }
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let body = answer(&head, &String::from_utf8_lossy(&body));
        let headers = "lambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: 4102444800000\r\n";
        write!(stream, "HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())?;
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a use case's sample invocation with tables that give this response. Returns the number of connections to them when
/// the use case asked for the invocation, and after its response.
fn connections(use_case: &str, found: &'static str) -> (usize, usize) {
    let event = std::fs::read_to_string(format!("{}/../events/{use_case}.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (tables, opened) = serve(move |_, _| found.to_owned());
    let (say, said) = channel();
    let (seen, say) = (Arc::clone(&opened), Mutex::new(say));
    let (api, _) = serve(move |head, body| {
        drop(say.lock().unwrap().send((seen.load(Ordering::SeqCst), body.to_owned())));
        if head.starts_with("get") { event.clone() } else { String::new() }
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.env_clear().stdout(Stdio::null());
    command.envs(NAMES.split_whitespace().map(|name| (name, "x")));
    command.env("EXPORT_BUCKET_DOMAIN", "files.s3.eu-central-1.amazonaws.com");
    command.env("MEDIA_BUCKET_DOMAIN", "media.s3.eu-central-1.amazonaws.com");
    command.env("AWS_REGION", "eu-central-1").env("_HANDLER", use_case).env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
    command.env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{api}"));
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{tables}"));
    let running = Running(command.spawn().unwrap());
    let next = || said.recv_timeout(Duration::from_secs(60)).unwrap();
    let ((before, _), (after, answer)) = (next(), next());
    drop(running);
    assert!(answer.contains(r#""statusCode":200"#), "{use_case}: {answer:.500}");
    (before, after)
}

#[test]
fn the_connection_to_the_tables_is_open_before_the_first_invocation_and_serves_it() {
    assert_eq!(connections("get_points", NOTHING), (1, 1));
    assert_eq!(connections("get_best_sellers", BEST_SELLERS), (1, 1));
}

#[test]
fn who_has_no_business_with_the_tables_opens_nothing() {
    assert_eq!(connections("get_openapi", NOTHING), (0, 0));
}
