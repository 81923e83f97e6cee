//! What the functions' roles allow, and what their use cases really do.
//!
//! The wire asks here before it serves a use case, and answers as IAM does when the role leaves out what is asked for. Where
//! `MILLRUN_DEEDS` names a file, everything that was asked for is written down there: once all scenarios have run, the house
//! compares (tests/tests/house/roles.rs), so that a role has neither more nor less than its use case needs.

use crate::bank;
use crate::template::{self, resources, snake_case};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names the file of all deeds, each with the test in which it was done.
pub const DEEDS: &str = "MILLRUN_DEEDS";
/// Names a deed that its role does not allow this time: `place_order dynamodb:PutItem Orders`.
pub const WITHOUT: &str = "MILLRUN_WITHOUT";

/// One action on one resource: `dynamodb:Query` on `Orders/index/by_number`.
pub type Deed = (String, String);

/// What a role lets its use case do.
pub type Grant = (String, Deed);

/// What the roles of the root template allow: use case, action, resource.
pub fn granted() -> &'static BTreeSet<Grant> {
    static GRANTED: OnceLock<BTreeSet<Grant>> = OnceLock::new();
    GRANTED.get_or_init(|| {
        let mut granted = BTreeSet::new();
        for (name, function) in resources(template::root(), "AWS::Serverless::Function") {
            let statements = each(&function["Policies"]).flat_map(|policy| each(&policy["Statement"]));
            // Text messages are allowed where the shop sends any.
            for statement in statements.filter(|statement| statement["Effect"] != "Deny") {
                for action in each(&statement["Action"]) {
                    for place in each(&statement["Resource"]) {
                        let deed = (action.as_str().unwrap().to_owned(), place_of(place));
                        granted.insert((snake_case(name), deed));
                    }
                }
            }
        }
        if let Ok(without) = std::env::var(WITHOUT) {
            assert!(granted.remove(&read_grant(&without)), "no role has {without}");
        }
        granted
    })
}

/// Lambda feeds a function from its queue or stream in the name of its role. Panics when it may not: nothing would ever come.
pub(crate) fn assert_fed(use_case: &str) {
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
    for (_, mapping) in resources(template::root(), "AWS::Lambda::EventSourceMapping") {
        let use_case = snake_case(mapping["FunctionName"]["!Ref"].as_str().unwrap());
        let source = place_of(&mapping["EventSourceArn"]);
        let actions: &[&str] = if source.ends_with("Queue") { &QUEUE } else { &STREAM };
        done.extend(actions.iter().map(|action| (use_case.clone(), ((*action).to_owned(), source.clone()))));
        // Where a stream's batch goes that failed too often.
        let aside = &mapping["DestinationConfig"]["OnFailure"]["Destination"];
        if !aside.is_null() {
            done.insert((use_case, ("sqs:SendMessage".to_owned(), place_of(aside))));
        }
    }
    done
}

/// A resource by a short name: `Orders/index/by_number`, `EcpaySecret`, `Bus`, `*`.
fn place_of(resource: &Value) -> String {
    let text = ["!GetAtt", "!Ref", "!Sub"].iter().find_map(|tag| resource[*tag].as_str()).or(resource.as_str());
    let text = text.unwrap_or_else(|| panic!("no resource: {resource}")).replace(['$', '{', '}'], "");
    let (name, rest) =
        text.split_once('/').map_or((text.as_str(), String::new()), |(name, rest)| (name, format!("/{rest}")));
    // What a nested stack made has the name of its output; what is in the root template its own.
    let name = name.split_once(".Outputs.").map_or(name, |(_, output)| output);
    let name = name.split('.').next().unwrap_or_default();
    format!("{}{rest}", name.strip_suffix("Arn").unwrap_or(name))
}

fn each(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Null => Box::new(std::iter::empty()),
        one => Box::new(std::iter::once(one)),
    }
}

/// What a request of the wire has to be allowed: a transaction is allowed by its parts.
pub fn deeds_of(operation: &str, body: &Value) -> Vec<Deed> {
    let deed = |service: &str, action: &str, place: &str| (format!("{service}:{action}"), place.to_owned());
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    match operation {
        "PutEvents" => vec![deed("events", operation, "Bus")],
        "SendMessage" => {
            let queue = text("QueueUrl").rsplit('/').next().unwrap_or_default();
            vec![deed("sqs", operation, &format!("{}Queue", pascal_case(queue)))]
        }
        "PutObject" => {
            let folder = text("key").split('/').next().unwrap_or_default();
            vec![deed("s3", operation, &format!("Bucket/{folder}/*"))]
        }
        "GetSecretValue" => vec![deed("secretsmanager", operation, secret(text("SecretId")))],
        "SendEmail" => vec![deed("ses", operation, "*")],
        "Publish" => vec![deed("sns", operation, "*")],
        // To third parties, who know no roles.
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
    let place = bank::SECRETS.iter().position(|known| *known == id);
    place.map_or("MessengerSecret", |place| ["EcpaySecret", "NewebpaySecret", "LinePaySecret"][place])
}

fn pascal_case(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// Writes down what a use case asks for; answers as IAM does when its role leaves some of it out.
pub(crate) fn refused(use_case: &str, operation: &str, body: &Value) -> Option<HttpResponse> {
    let mut deeds = deeds_of(operation, body).into_iter().map(|deed| (use_case.to_owned(), deed));
    let (_, (action, place)) = deeds.find(|deed| {
        note(deed);
        !granted().contains(deed)
    })?;
    let code = "com.amazonaws.dynamodb.v20120810#AccessDeniedException";
    let said = json!({"__type": code, "message": format!("the role has no {action} on {place}")});
    let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(said.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Some(response)
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
    // The thread has the test's name.
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("nobody");
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if notes.known.insert((done.clone(), test.to_owned())) {
        let (use_case, (action, place)) = done;
        // One write for each line: other processes write into the same file.
        notes.file.write_all(format!("{use_case} {action} {place} {test}\n").as_bytes()).unwrap();
    }
}

fn read_grant(text: &str) -> Grant {
    let [use_case, action, place] = text.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("no deed: {text}") };
    (use_case.to_owned(), (action.to_owned(), place.to_owned()))
}

/// What was written down in a file of deeds.
pub fn written(path: &str) -> BTreeSet<Grant> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| read_grant(line.rsplit_once(' ').unwrap().0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_resource_has_its_own_name_wherever_it_is_made() {
        for (resource, name) in [
            (json!({"!GetAtt": "Tables.Outputs.OrdersArn"}), "Orders"),
            (json!({"!Sub": "${Tables.Outputs.OrdersArn}/index/by_number"}), "Orders/index/by_number"),
            (json!({"!Sub": "${Data.Outputs.BucketArn}/orders/*"}), "Bucket/orders/*"),
            (json!({"!GetAtt": "Bus.Outputs.BusArn"}), "Bus"),
            (json!({"!GetAtt": "CountSalesQueue.Arn"}), "CountSalesQueue"),
            (json!({"!GetAtt": "EcpaySecret.Id"}), "EcpaySecret"),
            (json!("*"), "*"),
        ] {
            assert_eq!(place_of(&resource), name);
        }
    }

    #[test]
    fn a_transaction_is_what_its_parts_are() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "Orders"}}, {"ConditionCheck": {"TableName": "Catalog"}}, {"Update": {"TableName": "Orders"}},
        ]});
        let deeds = deeds_of("TransactWriteItems", &body);
        let words: Vec<String> = deeds.iter().map(|(action, place)| format!("{action} {place}")).collect();
        assert_eq!(
            words,
            ["dynamodb:PutItem Orders", "dynamodb:ConditionCheckItem Catalog", "dynamodb:UpdateItem Orders"]
        );
    }

    #[test]
    fn a_role_is_what_the_template_says() {
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
