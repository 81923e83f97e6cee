//! Starts tools/fakes/payment_providers, a program in another language that was written from the protocols' documentation,
//! and receives its callbacks as a shop would.

use domain::money::{Cents, Currency};
use jiff::Timestamp;
use providers::http::{Http, Request};
use providers::payment::{Charge, Start, Trade};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// The amount of every payment here.
pub(crate) const AMOUNT: Cents = Cents::new(35_000);
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Fakes {
    pub(crate) url: String,
    pub(crate) http: Http,
    ear: String,
    heard: mpsc::UnboundedReceiver<Vec<u8>>,
    _process: Child,
}

impl Fakes {
    /// `None` where no Python has the needed package; `make test` installs one that has.
    #[expect(clippy::print_stdout, reason = "a test reports that it was skipped")]
    pub(crate) async fn open() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let own = root.join(".venv/bin/python");
        let python = if own.exists() { own } else { "python3".into() };
        let knows = Command::new(&python).args(["-c", "import cryptography"]).stderr(Stdio::null()).status().await;
        if !knows.is_ok_and(|status| status.success()) {
            println!("skipped: {} has no `cryptography` (make tools installs one that has)", python.display());
            return None;
        }
        let mut process = Command::new(python)
            .args(["-m", "tools.fakes.payment_providers"])
            .current_dir(root)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().expect("its address");
        let (ear, heard) = listen().await;
        Some(Self { url, http: Http::new(), ear, heard, _process: process })
    }

    pub(crate) fn charge(&self, trade_no: &str) -> Charge {
        Charge {
            trade_no: trade_no.to_owned(),
            amount: AMOUNT,
            currency: Currency::parse("TWD").unwrap(),
            item: "Tea & \"Tom's\" <Cake> 茶".to_owned(),
            notify_url: format!("{}/notify", self.ear),
            back_url: format!("{}/back", self.ear),
            return_url: format!("{}/returned", self.ear),
            now: now(),
            pay_before: now().checked_add(jiff::SignedDuration::from_mins(15)).unwrap(),
        }
    }

    /// A trade for a lookup, with the numbers in the provider's books.
    pub(crate) async fn trade(&self, trade_no: &str, authorization: Option<&str>) -> Trade {
        let books = self.books(trade_no).await;
        Trade {
            trade_no: trade_no.to_owned(),
            provider_no: books["provider_no"].as_str().map(str::to_owned),
            authorization: authorization.map(str::to_owned),
            way: books["way"].as_str().map(str::to_owned),
            amount: AMOUNT,
            currency: Currency::parse("TWD").unwrap(),
            now: now(),
        }
    }

    /// Posts the shop's form as a browser would, or opens its redirect; returns the page.
    pub(crate) async fn go(&self, start: &Start) -> String {
        match start {
            Start::Form { action, fields } => self.post(action, fields).await.1,
            Start::Redirect { url, .. } => self.send("GET", url, Vec::new(), "text/html").await.1,
        }
    }

    /// Presses one of the buttons.
    pub(crate) async fn press(&self, trade_no: &str, button: &str) {
        let key = self.books(trade_no).await["key"].as_str().unwrap().to_owned();
        let fields = [("trade".to_owned(), key), ("do".to_owned(), button.to_owned())];
        let (status, page) = self.post(&format!("{}/decide", self.url), &fields).await;
        assert!(matches!(status, 200 | 302), "{page}");
    }

    /// Sets the faults of a trade.
    pub(crate) async fn turn(&self, provider: &str, trade_no: &str, faults: Value) {
        let mut wanted = json!({"provider": provider, "trade_no": trade_no});
        wanted.as_object_mut().unwrap().extend(faults.as_object().unwrap().clone());
        self.control("/_faults", &wanted).await;
    }

    /// The nightly capture.
    pub(crate) async fn settle(&self, provider: &str, trade_no: &str) {
        self.control("/_settle", &json!({"provider": provider, "trade_no": trade_no})).await;
    }

    /// A trade in the provider's books.
    pub(crate) async fn books(&self, trade_no: &str) -> Value {
        let url = format!("{}/_trades?trade_no={trade_no}", self.url);
        let (_, text) = self.send("GET", &url, Vec::new(), "application/json").await;
        serde_json::from_str::<Value>(&text).unwrap().get(0).cloned().unwrap_or_default()
    }

    /// The body of the next callback.
    pub(crate) async fn hear(&mut self) -> Vec<u8> {
        tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("a result").unwrap()
    }

    async fn control(&self, path: &str, wanted: &Value) {
        let body = wanted.to_string().into_bytes();
        let (status, text) = self.send("POST", &format!("{}{path}", self.url), body, "application/json").await;
        assert_eq!(status, 200, "{text}");
    }

    async fn post(&self, url: &str, fields: &[(String, String)]) -> (u16, String) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", url, form.into_bytes(), "application/x-www-form-urlencoded").await
    }

    async fn send(&self, method: &'static str, url: &str, body: Vec<u8>, kind: &str) -> (u16, String) {
        let headers = vec![("content-type", kind.to_owned())];
        let request = Request { method, url: url.to_owned(), headers, body, timeout: PATIENCE };
        let answer = self.http.send(request).await.unwrap();
        (answer.status, String::from_utf8(answer.body).unwrap())
    }
}

/// Receives every request and acknowledges it.
async fn listen() -> (String, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (say, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let (start, length) = loop {
                assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
                let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                break (end + 4, length.unwrap());
            };
            while bytes.len() < start + length {
                assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
            }
            say.send(bytes[start..start + length].to_vec()).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n1|OK";
            stream.write_all(answer).await.unwrap();
        }
    });
    (url, heard)
}

/// The fake has a real clock.
#[expect(clippy::disallowed_methods, reason = "this is the caller of a program with a real clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
