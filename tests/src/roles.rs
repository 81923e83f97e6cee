//! Which actions the functions' roles allow, and which ones their use cases use.
//!
//! The fake AWS transport checks each request here, and responds as IAM does when the role lacks a permission. If
//! `MILLRUN_DEEDS` names a file, every used action is recorded there. After all scenarios have run, an architecture test
//! compares roles and used actions (tests/tests/architecture/roles.rs), so that a role has exactly the permissions that its
//! use case needs.

use crate::aws_error::{self, Kind};
use crate::fake_aws::CONTACT_KEYS;
use crate::{fake_buckets, fake_providers};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use functions::USE_CASES;
use functions::manifest::pascal_case;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names the file that records every used action with the name of its test.
pub const DEEDS: &str = "MILLRUN_DEEDS";
/// Names a permission that is removed for this run: `place_order dynamodb:PutItem Orders`.
pub const WITHOUT: &str = "MILLRUN_WITHOUT";

/// An action on a resource: `dynamodb:Query` on `Orders/index/by_number`.
pub type Action = (String, String);

/// A use case and an action that its role allows.
pub type Grant = (String, Action);

/// The permissions of the manifests, and those that Lambda needs to poll: use case, action, resource.
pub fn granted() -> &'static BTreeSet<Grant> {
    static GRANTED: OnceLock<BTreeSet<Grant>> = OnceLock::new();
    GRANTED.get_or_init(|| {
        let mut granted = done_by_lambda();
        for use_case in USE_CASES {
            let grants = use_case.manifest.all_grants();
            let deeds = grants.iter().flat_map(functions::manifest::Grant::allows);
            granted.extend(deeds.map(|deed| (use_case.name.to_owned(), deed)));
        }
        if let Ok(without) = std::env::var(WITHOUT) {
            assert!(granted.remove(&read_grant(&without)), "no role has {without}");
        }
        granted
    })
}

/// Panics unless the role of a function lets Lambda poll its queue or stream: otherwise the function would never be
/// invoked.
pub(crate) fn assert_may_be_invoked(use_case: &str) {
    static FED: OnceLock<BTreeSet<Grant>> = OnceLock::new();
    for deed in FED.get_or_init(done_by_lambda).iter().filter(|(of, _)| of == use_case) {
        note(deed);
        let (_, (action, place)) = deed;
        assert!(granted().contains(deed), "Lambda cannot feed {use_case}: its role has no {action} on {place}");
    }
}

fn done_by_lambda() -> BTreeSet<Grant> {
    const QUEUE: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    const STREAM: [&str; 4] =
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
    let mut done = BTreeSet::new();
    for use_case in USE_CASES {
        let id = pascal_case(use_case.name);
        let mut do_on = |place: String, actions: &[&str]| {
            done.extend(actions.iter().map(|action| (use_case.name.to_owned(), ((*action).to_owned(), place.clone()))));
        };
        for queue in use_case.manifest.queues {
            do_on(format!("{id}{}Queue", queue.word), &QUEUE);
        }
        if let Some(stream) = use_case.manifest.stream {
            do_on(format!("{:?}Stream", stream.table), &STREAM);
            // The destination of a stream batch that failed too often.
            do_on(format!("{id}Dlq"), &["sqs:SendMessage"]);
        }
        if use_case.manifest.schedule.is_some() {
            // The dead-letter queue of failed ticks.
            do_on("SchedulesDlq".to_owned(), &["sqs:SendMessage"]);
        }
    }
    done
}

/// The actions that a request requires; a transaction requires the actions of its items.
pub fn actions_of(operation: &str, body: &Value) -> Vec<Action> {
    let deed = |service: &str, action: &str, place: &str| (format!("{service}:{action}"), place.to_owned());
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    match operation {
        "PutEvents" => vec![deed("events", operation, "Bus")],
        "SendMessage" => {
            let queue = text("QueueUrl").rsplit('/').next().unwrap_or_default();
            vec![deed("sqs", operation, &format!("{}Queue", pascal_case(queue)))]
        }
        "DeleteObject" | "GetObject" | "PutObject" => {
            let bucket = if text("bucket") == fake_buckets::MEDIA { "Media" } else { "Bucket" };
            let folder = text("key").split('/').next().unwrap_or_default();
            let object = deed("s3", operation, &format!("{bucket}/{folder}/*"));
            let missing = (operation == "GetObject").then(|| deed("s3", "ListBucket", bucket));
            [object].into_iter().chain(missing).collect()
        }
        "GetSecretValue" => vec![deed("secretsmanager", operation, secret(text("SecretId")))],
        "ListUsers" | "AdminGetUser" | "AdminDeleteUser" => vec![deed("cognito-idp", operation, "UserPool")],
        "SendEmail" => vec![deed("ses", operation, "*")],
        "Publish" => vec![deed("sns", operation, "*")],
        // Third parties do not use IAM.
        "PushMessage" | "PostWebhook" => Vec::new(),
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
            parts
                .map(|(kind, part)| {
                    let action =
                        if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                    deed("dynamodb", &action, part["TableName"].as_str().unwrap_or_default())
                })
                .collect()
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(|tables| tables.keys());
            tables.map(|table| deed("dynamodb", operation, table)).collect()
        }
        _ => match body["IndexName"].as_str() {
            Some(index) => vec![deed("dynamodb", operation, &format!("{}/index/{index}", text("TableName")))],
            None => vec![deed("dynamodb", operation, text("TableName"))],
        },
    }
}

fn secret(id: &str) -> &'static str {
    if id == CONTACT_KEYS {
        return "ContactKeysSecret";
    }
    let place = fake_providers::SECRETS.iter().position(|known| *known == id);
    place.map_or("MessengerSecret", |place| ["EcpaySecret", "NewebpaySecret", "LinePaySecret"][place])
}

/// Records the actions of a request. Returns IAM's error if the role lacks one of them.
pub(crate) fn refused(use_case: &str, operation: &str, body: &Value) -> Option<HttpResponse> {
    let mut deeds = actions_of(operation, body).into_iter().map(|deed| (use_case.to_owned(), deed));
    let (_, (action, place)) = deeds.find(|deed| {
        note(deed);
        !granted().contains(deed)
    })?;
    let answer = aws_error::answer(operation, Kind::AccessDenied, &format!("the role has no {action} on {place}"));
    Some(HttpResponse::new(answer.status.try_into().unwrap(), SdkBody::from(answer.body)))
}

struct Notes {
    known: BTreeSet<(Grant, String)>,
    file: File,
}

fn note(done: &Grant) {
    static NOTES: OnceLock<Option<Mutex<Notes>>> = OnceLock::new();
    let notes = NOTES.get_or_init(|| {
        let path = std::env::var_os(DEEDS).filter(|path| !path.is_empty())?;
        let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        Some(Mutex::new(Notes { known: BTreeSet::new(), file }))
    });
    let Some(notes) = notes else { return };
    // The thread is named after the test.
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("nobody");
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if notes.known.insert((done.clone(), test.to_owned())) {
        let (use_case, (action, place)) = done;
        // One write per line, because other processes append to the same file.
        notes.file.write_all(format!("{use_case} {action} {place} {test}\n").as_bytes()).unwrap();
    }
}

fn read_grant(text: &str) -> Grant {
    let [use_case, action, place] = text.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("no deed: {text}") };
    (use_case.to_owned(), (action.to_owned(), place.to_owned()))
}

/// The recorded actions in a file.
pub fn written(path: &str) -> BTreeSet<Grant> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| read_grant(line.rsplit_once(' ').unwrap().0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_transaction_needs_the_permissions_of_its_items() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "Orders"}}, {"ConditionCheck": {"TableName": "Catalog"}}, {"Update": {"TableName": "Orders"}},
        ]});
        let deeds = actions_of("TransactWriteItems", &body);
        let words: Vec<String> = deeds.iter().map(|(action, place)| format!("{action} {place}")).collect();
        assert_eq!(
            words,
            ["dynamodb:PutItem Orders", "dynamodb:ConditionCheckItem Catalog", "dynamodb:UpdateItem Orders"]
        );
    }

    #[test]
    fn a_role_is_what_the_manifest_says() {
        let may = |use_case: &str, action: &str, place: &str| {
            granted().contains(&(use_case.to_owned(), (action.to_owned(), place.to_owned())))
        };
        assert!(may("get_points", "dynamodb:GetItem", "Wallets") || may("get_points", "dynamodb:Query", "Wallets"));
        assert!(
            may("relay_outbox", "events:PutEvents", "Bus") && may("export_orders", "s3:PutObject", "Bucket/orders/*")
        );
        assert!(!may("get_points", "dynamodb:PutItem", "Wallets") && !may("get_points", "dynamodb:GetItem", "Orders"));
        assert!(done_by_lambda().is_subset(granted()));
    }
}
