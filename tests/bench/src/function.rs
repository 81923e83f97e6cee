//! A function's process, with a Runtime API that records when it polled and when it responded.

use crate::server::{Request, Response, Server};
use crate::share::Share;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The time-out for any response.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command that starts a function.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    pub(crate) command: Vec<String>,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A running function. Stops when dropped.
pub(crate) struct Function {
    child: Child,
    events: Sender<String>,
    said: Receiver<FunctionEvent>,
    /// Time from the start of the process to its first `GET /next`.
    pub(crate) to_next: Duration,
}

enum FunctionEvent {
    Next(Instant),
    Answer(Instant, String),
}

impl Function {
    /// Starts the process and waits until it polls for its first event.
    pub(crate) fn start(recipe: &Recipe) -> Result<Self, Box<dyn std::error::Error>> {
        let (events, waiting) = channel::<String>();
        let (say, said) = channel();
        let (waiting, say) = (Mutex::new(waiting), Mutex::new(say));
        let server = Server::start(None, Arc::new(move |request: Request| runtime_api(&request, &waiting, &say)))?;
        let program = recipe.command.first().ok_or("a recipe without a command")?;
        let began = Instant::now();
        let child = Command::new(program)
            .args(recipe.command.iter().skip(1))
            .env_clear()
            .envs(&recipe.variables)
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", server.port))
            .stdout(Stdio::null())
            .spawn()?;
        let mut function = Self { child, events, said, to_next: Duration::ZERO };
        match function.said.recv_timeout(PATIENCE)? {
            FunctionEvent::Next(at) => function.to_next = at - began,
            FunctionEvent::Answer(_, text) => return Err(format!("{} failed at its start: {text}", recipe.name).into()),
        }
        Ok(function)
    }

    /// Limits the process to this share of a processor.
    pub(crate) fn squeeze(&self, share: &Share) -> std::io::Result<()> {
        share.add(self.child.id())
    }

    /// Sends an event and waits for the response. Returns the duration and the response.
    pub(crate) fn invoke(&self, event: String) -> Result<(Duration, String), Box<dyn std::error::Error>> {
        let began = Instant::now();
        self.events.send(event)?;
        loop {
            match self.said.recv_timeout(PATIENCE)? {
                FunctionEvent::Next(_) => {}
                FunctionEvent::Answer(at, text) => return Ok((at - began, text)),
            }
        }
    }

    /// The processor time of its threads so far.
    pub(crate) fn processor_time(&self) -> std::io::Result<Duration> {
        let mut nanos = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let used = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += used.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Current and peak resident memory in kilobytes.
    pub(crate) fn memory_kb(&self) -> std::io::Result<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        Ok((field("VmRSS:"), field("VmHWM:")))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn runtime_api(request: &Request, waiting: &Mutex<Receiver<String>>, say: &Mutex<Sender<FunctionEvent>>) -> Response {
    let now = Instant::now();
    let tell = |said| drop(say.lock().unwrap_or_else(std::sync::PoisonError::into_inner).send(said));
    if request.method == "GET" {
        tell(FunctionEvent::Next(now));
        let event = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
            ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:000000000000:function:bench".to_owned()),
        ];
        return Response { status: 200, headers, body: event.unwrap_or_default() };
    }
    tell(FunctionEvent::Answer(now, request.body.clone()));
    Response { status: 202, headers: Vec::new(), body: String::new() }
}
