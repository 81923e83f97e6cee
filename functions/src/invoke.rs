//! One invocation, from event to response: read, admit, call, log one line.

use crate::{App, ROUTES, Trigger, UseCase};
use contracts::Failure;
use contracts::events::Trace;
use domain::{Moment, Refusal};
use runtime::http::{Request, Response};
use runtime::telemetry::{self, Line, Metric, Outcome};
use runtime::{Failed, Invocation, problem, queue, schedule, stream};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use store::activity::{Command, Subject};

/// Whether the environment has handled an invocation before (warm start).
static WARM: AtomicBool = AtomicBool::new(false);

/// The outcome of an invocation, for its log line.
struct Ended {
    trace: Trace,
    correlation_ids: Vec<String>,
    failures: Vec<(String, String)>,
    outcome: Outcome,
    status: Option<u16>,
    answer: Result<Box<RawValue>, Failed>,
}

/// Handles one invocation of a use case and logs its line.
///
/// # Errors
/// When the invocation failed as a whole, so that the caller retries: never for HTTP.
pub async fn invoke(app: &App, use_case: &UseCase, invocation: Invocation) -> Result<Box<RawValue>, Failed> {
    let (answer, line) = observe(app, use_case, invocation).await;
    telemetry::write(&line);
    answer
}

/// As [`invoke`], without the log line, which the caller writes.
pub async fn observe(
    app: &App,
    use_case: &UseCase,
    invocation: Invocation,
) -> (Result<Box<RawValue>, Failed>, serde_json::Value) {
    let began = Instant::now();
    let began_at = app.now();
    let cold_start = !WARM.swap(true, Ordering::Relaxed);
    let trace = Trace { correlation_id: invocation.request_id.clone(), causation_id: invocation.request_id.clone() };
    let ended = match use_case.trigger {
        Trigger::Http(_) => http(app, use_case, &invocation).await,
        Trigger::HttpAndSchedule(..) if is_http(&invocation.event) => http(app, use_case, &invocation).await,
        Trigger::Schedule(handle) | Trigger::HttpAndSchedule(_, handle) => {
            let app = app.traced(trace.clone());
            let done = match schedule::read(&invocation.event) {
                Ok(tick) => handle(&app, tick).await,
                Err(error) => Err(Failure::broken(error)),
            };
            whole(trace, done)
        }
        Trigger::Queue(handle) => match queue::read(&invocation.event) {
            Ok(messages) => {
                let correlation_ids = queue::correlation_ids(&messages);
                let failures = handle(&app.traced(trace.clone()), messages).await;
                let ended = partial(app, trace, &failures.0, to_raw_value(&failures.response()));
                Ended { correlation_ids, ..ended }
            }
            Err(error) => whole(trace, Err(Failure::broken(error))),
        },
        Trigger::Stream(handle) => match stream::read(&invocation.event) {
            Ok(changes) => {
                let correlation_ids = stream::correlation_ids(&changes);
                let failures = handle(&app.traced(trace.clone()), changes).await;
                let failed = failures.iter().map(|(sequence_number, _)| sequence_number.clone());
                let ended = partial(app, trace, &failures, to_raw_value(&stream::Response::new(failed)));
                Ended { correlation_ids, ..ended }
            }
            Err(error) => whole(trace, Err(Failure::broken(error))),
        },
    };
    let line = line(app, use_case, &invocation.request_id, cold_start, began, began_at, &ended);
    (ended.answer, line)
}

async fn http(app: &App, use_case: &UseCase, invocation: &Invocation) -> Ended {
    let read = Request::read(&invocation.event, ROUTES);
    let request_id = read.as_ref().ok().and_then(Request::request_id).unwrap_or(&invocation.request_id).to_owned();
    let correlation_id = read.as_ref().ok().and_then(Request::correlation_id).unwrap_or(&request_id).to_owned();
    let trace = Trace { correlation_id, causation_id: request_id.clone() };
    let done = match (read, use_case.trigger) {
        (Ok(request), Trigger::Http(handle) | Trigger::HttpAndSchedule(handle, _)) => {
            match request.admit(use_case.name) {
                Ok(()) => match command(use_case.name, &request) {
                    Ok(command) => handle(&app.traced(trace.clone()).commanded(command), request).await,
                    Err(refusal) => Err(refusal.into()),
                },
                Err(refusal) => Err(refusal.into()),
            }
        }
        (Err(error), _) => Err(Failure::broken(error)),
        (Ok(_), _) => Err(Failure::broken(format!("{} received an HTTP request but has no route", use_case.name))),
    };
    let (response, outcome) = match done {
        Ok(response) => (response, Outcome::OK),
        Err(failure) => {
            if matches!(failure, Failure::Broken(_)) {
                app.count(Metric::Faults);
            }
            (problem::answer(&failure, &request_id), Outcome::of(&failure))
        }
    };
    let status = Some(response.status);
    let answer = write(response.with("x-correlation-id", &trace.correlation_id));
    Ended { trace, correlation_ids: Vec::new(), failures: Vec::new(), outcome, status, answer }
}

/// The command, if a member of the staff gives one: a request to an admin route that is not a GET.
fn command(action: &'static str, request: &Request) -> Result<Option<Command>, Refusal> {
    let Some((kind, id)) = request.commanded_subject() else { return Ok(None) };
    let subject = Subject { kind: kind.to_owned(), id: id.to_owned() };
    Ok(Some(Command { by: request.admin()?, action, subject }))
}

fn write(response: Response) -> Result<Box<RawValue>, Failed> {
    to_raw_value(&response.write()).map_err(|error| Failed(error.to_string()))
}

/// API Gateway's events have a request context, those of the Scheduler do not.
fn is_http(event: &RawValue) -> bool {
    serde_json::from_str::<serde_json::Value>(event.get()).is_ok_and(|event| event.get("requestContext").is_some())
}

/// The end of an invocation that succeeds or fails as a whole.
fn whole(trace: Trace, done: Result<(), Failure>) -> Ended {
    let (outcome, answer) = match done {
        Ok(()) => (Outcome::OK, Ok(null())),
        Err(failure) => {
            let outcome = Outcome::of(&failure);
            let code = outcome.code.unwrap_or_default().to_owned();
            (outcome, Err(Failed(code)))
        }
    };
    Ended { trace, correlation_ids: Vec::new(), failures: Vec::new(), outcome, status: None, answer }
}

/// The end of a batch, of which some records may have failed.
fn partial(
    app: &App,
    trace: Trace,
    failures: &[(String, Failure)],
    answer: Result<Box<RawValue>, serde_json::Error>,
) -> Ended {
    let outcome = match failures.first() {
        None => Outcome::OK,
        Some((_, first)) => {
            app.metrics.add(Metric::BatchItemFailures, u64::try_from(failures.len()).unwrap_or(u64::MAX));
            Outcome { word: "partial", ..Outcome::of(first) }
        }
    };
    Ended {
        trace,
        correlation_ids: Vec::new(),
        // Records of a batch can fail for different reasons, and a dead-letter message is looked up by its id.
        failures: failures.iter().map(|(id, failure)| (id.clone(), Outcome::of(failure).why().to_owned())).collect(),
        outcome,
        status: None,
        answer: answer.map_err(|error| Failed(error.to_string())),
    }
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

fn line(
    app: &App,
    use_case: &UseCase,
    request_id: &str,
    cold_start: bool,
    began: Instant,
    began_at: Moment,
    ended: &Ended,
) -> serde_json::Value {
    let usage = app.store.meter().take();
    if usage.conflict_retries > 0 {
        app.metrics.add(Metric::ConflictRetries, usage.conflict_retries);
    }
    Line {
        namespace: app.metrics_namespace(),
        use_case: use_case.name,
        request_id,
        correlation_id: &ended.trace.correlation_id,
        causation_id: &ended.trace.causation_id,
        correlation_ids: &ended.correlation_ids,
        failures: &ended.failures,
        outcome: &ended.outcome,
        status: ended.status,
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        cold_start,
        dynamodb_calls: usage.calls,
        read_milliunits: usage.read_milliunits,
        write_milliunits: usage.write_milliunits,
        timestamp_ms: began_at.as_millisecond(),
        metrics: &app.metrics.take(),
    }
    .to_json()
}
