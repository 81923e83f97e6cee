//! Reads CloudFormation's YAML as JSON: `!Ref X` becomes `{"Ref": "X"}`, `!GetAtt A.B` becomes `{"Fn::GetAtt": "A.B"}`.

use saphyr::{LoadableYamlNode, ScalarOwned, YamlOwned};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository as text.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of the files in a folder of the repository, sorted.
pub(crate) fn files_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// One template.
pub(crate) struct Template {
    /// All of it.
    pub(crate) value: Value,
    /// The names of its resources, as they come.
    pub(crate) order: Vec<String>,
}

impl Template {
    /// The root stack.
    pub(crate) fn main() -> Self {
        Self::load("template.yaml")
    }

    /// Every template, with its path.
    pub(crate) fn all() -> Vec<(String, Self)> {
        let nested = files_in("infra").into_iter().filter(|name| name.ends_with(".yaml"));
        let paths = std::iter::once("template.yaml".to_owned()).chain(nested.map(|name| format!("infra/{name}")));
        paths.map(|path| (path.clone(), Self::load(&path))).collect()
    }

    /// The template at this path.
    pub(crate) fn load(path: &str) -> Self {
        let documents = YamlOwned::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let document = &documents[0];
        let resources = document.as_mapping_get("Resources").and_then(YamlOwned::as_mapping);
        let order = resources.into_iter().flatten().filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect();
        Self { value: to_json(document), order }
    }

    /// The resources of a type, as they come.
    pub(crate) fn of_type<'t>(&'t self, kind: &'t str) -> impl Iterator<Item = (&'t str, &'t Value)> {
        let resources = &self.value["Resources"];
        let all = self.order.iter().map(move |name| (name.as_str(), &resources[name.as_str()]));
        all.filter(move |(_, resource)| resource["Type"] == kind)
    }

    /// The functions, as they come, each with its properties.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.of_type("AWS::Serverless::Function").map(|(name, function)| (name, &function["Properties"]))
    }

    /// A function's time-out in seconds.
    pub(crate) fn timeout(&self, function: &str) -> i64 {
        let own = self.value["Resources"][function]["Properties"]["Timeout"].as_i64();
        own.or(self.value["Globals"]["Function"]["Timeout"].as_i64()).expect("a time-out in Globals")
    }
}

fn to_json(node: &YamlOwned) -> Value {
    match node {
        YamlOwned::Mapping(fields) => {
            let field = |(name, value): (&YamlOwned, &YamlOwned)| {
                let name = to_json(name);
                (name.as_str().map_or_else(|| name.to_string(), str::to_owned), to_json(value))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        YamlOwned::Sequence(items) => items.iter().map(to_json).collect(),
        YamlOwned::Tagged(tag, inner) => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            Value::Object(Map::from_iter([(name, to_json(inner))]))
        }
        YamlOwned::Value(ScalarOwned::Boolean(yes)) => json!(yes),
        YamlOwned::Value(ScalarOwned::Integer(number)) => json!(number),
        YamlOwned::Value(ScalarOwned::FloatingPoint(number)) => json!(number.into_inner()),
        YamlOwned::Value(ScalarOwned::String(text)) => json!(text),
        YamlOwned::Value(ScalarOwned::Null) => Value::Null,
        other => panic!("no YAML that a template has: {other:?}"),
    }
}

/// `Resource` of `!GetAtt Resource.attribute`, or of `!Ref Resource`.
pub(crate) fn target(value: &Value) -> Option<&str> {
    let attribute = value["Fn::GetAtt"].as_str().and_then(|path| path.split('.').next());
    attribute.or(value["Ref"].as_str())
}

/// What is one or several, as several.
pub(crate) fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

/// `place_order` as `PlaceOrder`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn the_tags_of_cloudformation_are_understood() {
    let documents =
        YamlOwned::load_from_str("a: !Ref X\nb: [!GetAtt Y.Arn, !Sub \"${Z}-z\"]\nc: !If [P, 1, no]").unwrap();
    let wanted = json!({
        "a": {"Ref": "X"},
        "b": [{"Fn::GetAtt": "Y.Arn"}, {"Fn::Sub": "${Z}-z"}],
        "c": {"Fn::If": ["P", 1, "no"]},
    });
    assert_eq!(to_json(&documents[0]), wanted);
}
