//! The text of the OpenAPI document.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The media type of API Gateway's own responses, besides that of the functions' problem documents.
const GATEWAY: &str = "application/json";

/// The document as indented JSON. Of several media types of a response the one of the functions comes first: client
/// generators take the first one.
pub(crate) fn text(document: &Value) -> String {
    serde_json::to_string_pretty(&Ordered(document)).map_or_else(|_| String::new(), |text| text + "\n")
}

struct Ordered<'v>(&'v Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                let is_last = |name: &str| name == GATEWAY && fields.contains_key("application/problem+json");
                let (last, first): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| is_last(name.as_str()));
                for (name, value) in first.into_iter().chain(last) {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Ordered(item)))?;
                list.end()
            }
            other => other.serialize(serializer),
        }
    }
}
