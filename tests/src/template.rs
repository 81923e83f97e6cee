//! The templates as JSON and the manifests that most of them are generated from, so that the tests run on the very
//! tables, rules and queues that are deployed.

use functions::USE_CASES;
use functions::manifest::{Rule, pascal_case};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::OnceLock;

/// Every template of the repository by its path: the root's, those by hand, and the generated ones of the functions.
pub fn all() -> &'static [(String, Value)] {
    static ALL: OnceLock<Vec<(String, Value)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut paths = vec!["template.yaml".to_owned()];
        for folder in ["infra", "infra/functions"] {
            let names = files_in(folder).into_iter().filter(|name| name.ends_with(".yaml"));
            paths.extend(names.map(|name| format!("{folder}/{name}")));
        }
        paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
    })
}

/// The names of the files in a folder of the repository, sorted.
pub fn files_in(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub fn tables() -> &'static Value {
    static TABLES: OnceLock<Value> = OnceLock::new();
    TABLES.get_or_init(|| read("infra/tables.yaml"))
}

/// Reads a YAML file of the repository as JSON. A tag becomes an object: `!Ref Bus` is `{"!Ref": "Bus"}`.
pub fn read(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    to_json(&Yaml::load_from_str(&text).unwrap()[0])
}

fn to_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.0),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), to_json(value)))
                .collect::<Map<_, _>>(),
        ),
        Yaml::Tagged(tag, node) => {
            let name = format!("!{}", tag.suffix);
            Value::Object(Map::from_iter([(name, to_json(node))]))
        }
        other => panic!("a template has no {other:?}"),
    }
}

/// The resources of a type with their logical ids.
pub fn resources<'t>(template: &'t Value, kind: &str) -> Vec<(&'t str, &'t Value)> {
    let resources = template["Resources"].as_object().unwrap();
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect()
}

/// The concurrency of a consumer without a configured limit.
const CONCURRENCY_DEFAULT: u64 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    pub use_case: String,
    /// The rules that send to its queue: name and pattern.
    pub rules: Vec<(String, Value)>,
    /// The delivery delay in seconds.
    pub delay_seconds: i64,
    /// The receives before a message is moved to the dead-letter queue (`maxReceiveCount`).
    pub tries_max: u64,
    /// The batch size.
    pub batch_max: usize,
    /// The number of concurrent batches.
    pub concurrency_max: u64,
}

/// Every queue that a use case consumes, as its manifest says.
pub fn consumers() -> &'static [Consumer] {
    static CONSUMERS: OnceLock<Vec<Consumer>> = OnceLock::new();
    CONSUMERS.get_or_init(|| {
        let queues =
            USE_CASES.iter().flat_map(|use_case| use_case.manifest.queues.iter().map(move |queue| (use_case, queue)));
        queues
            .map(|(use_case, queue)| Consumer {
                use_case: use_case.name.to_owned(),
                rules: queue.rules.iter().map(|rule| (named(use_case.name, rule), pattern(rule))).collect(),
                delay_seconds: queue.delay.map_or(0, |delay| i64::from(delay.value)),
                tries_max: u64::from(queue.receives_max()),
                batch_max: usize::try_from(queue.batch.value).unwrap(),
                concurrency_max: queue.concurrency.map_or(CONCURRENCY_DEFAULT, |most| u64::from(most.value)),
            })
            .collect()
    })
}

fn named(use_case: &str, rule: &Rule) -> String {
    format!("{}{}", pascal_case(use_case), rule.suffix)
}

/// A rule's pattern as EventBridge has it.
fn pattern(rule: &Rule) -> Value {
    let mut pattern = json!({ "detail-type": rule.types });
    if let Some(source) = rule.from {
        pattern["source"] = json!([source]);
    }
    if let Some(source) = rule.not_from {
        pattern["source"] = json!([{ "anything-but": source }]);
    }
    if let Some((field, value)) = rule.with {
        pattern["detail"] = json!({ "data": { field: [value] } });
    }
    if let Some(field) = rule.with_field {
        pattern["detail"] = json!({ "data": { field: [{ "exists": true }] } });
    }
    pattern
}
