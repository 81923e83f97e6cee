//! The templates as JSON, so that the tests run on the very tables, rules and queues that are deployed.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::OnceLock;

/// The root template.
pub fn root() -> &'static Value {
    static ROOT: OnceLock<Value> = OnceLock::new();
    ROOT.get_or_init(|| read("template.yaml"))
}

/// The tables' template.
pub fn tables() -> &'static Value {
    static TABLES: OnceLock<Value> = OnceLock::new();
    TABLES.get_or_init(|| read("infra/tables.yaml"))
}

/// A YAML file of the repository as JSON. A tag becomes an object: `!Ref Bus` is `{"!Ref": "Bus"}`.
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

/// The resources of a type, with their names.
pub fn resources<'t>(template: &'t Value, kind: &str) -> Vec<(&'t str, &'t Value)> {
    let resources = template["Resources"].as_object().unwrap();
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect()
}

/// A route of the API, as the gateway serves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpRoute {
    /// The path, with `{parameters}`.
    pub path: String,
    /// The HTTP method.
    pub method: String,
    /// The use case that answers.
    pub use_case: String,
    /// Whether the gateway wants a token.
    pub wants_token: bool,
}

/// Every route that a function of the root template answers.
pub fn routes() -> Vec<HttpRoute> {
    let functions = resources(root(), "AWS::Serverless::Function");
    let events = functions.iter().flat_map(|(name, function)| {
        let events = function["Events"].as_object().into_iter().flat_map(Map::values);
        events.filter(|event| event["Type"] == "HttpApi").map(|event| (*name, &event["Properties"]))
    });
    let route = |(name, http): (&str, &Value)| HttpRoute {
        path: http["Path"].as_str().unwrap().to_owned(),
        method: http["Method"].as_str().unwrap().to_owned(),
        use_case: snake_case(name),
        wants_token: http["Auth"]["Authorizer"] != "NONE",
    };
    let mut routes: Vec<_> = events.map(route).collect();
    routes.sort();
    routes
}

/// What one process models of a consumer that has no limit of its own.
const CONCURRENCY_DEFAULT: u64 = 5;

/// A queue that a use case consumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The use case.
    pub use_case: String,
    /// The rules that feed its queue, each with its name and pattern.
    pub rules: Vec<(String, Value)>,
    /// How long a message waits before it can be received, in seconds.
    pub delay_seconds: i64,
    /// How often a message is received before it is set aside.
    pub tries_max: u64,
    /// Messages of one batch.
    pub batch_max: usize,
    /// Batches that are consumed at the same time.
    pub concurrency_max: u64,
}

/// Every queue that rules feed, as the template wires it.
pub fn consumers() -> &'static [Consumer] {
    static CONSUMERS: OnceLock<Vec<Consumer>> = OnceLock::new();
    CONSUMERS.get_or_init(|| {
        let queues = resources(root(), "AWS::SQS::Queue");
        let mappings = resources(root(), "AWS::Lambda::EventSourceMapping");
        let mut consumers: Vec<Consumer> = Vec::new();
        for (queue, properties) in queues.iter().filter(|(name, _)| name.ends_with("Queue")) {
            let arn = format!("{queue}.Arn");
            let feeds = |rule: &Value| {
                rule["Targets"].as_array().unwrap().iter().any(|target| target["Arn"]["!GetAtt"] == arn.as_str())
            };
            let rules = resources(root(), "AWS::Events::Rule");
            let feeding = rules.iter().filter(|(_, rule)| feeds(rule));
            let (_, mapping) =
                mappings.iter().find(|(_, mapping)| mapping["EventSourceArn"]["!GetAtt"] == arn.as_str()).unwrap();
            consumers.push(Consumer {
                use_case: snake_case(mapping["FunctionName"]["!Ref"].as_str().unwrap()),
                rules: feeding.map(|(name, rule)| ((*name).to_owned(), rule["EventPattern"].clone())).collect(),
                delay_seconds: properties["DelaySeconds"].as_i64().unwrap_or_default(),
                tries_max: properties["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap(),
                batch_max: usize::try_from(mapping["BatchSize"].as_u64().unwrap()).unwrap(),
                concurrency_max: mapping["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap_or(CONCURRENCY_DEFAULT),
            });
        }
        consumers
    })
}

/// `CountSales` as `count_sales`.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `count_sales` as `CountSales`.
pub fn pascal_case(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
