//! Patterns of rules, matched as EventBridge matches them, as far as our rules go: listed values, and `anything-but`.

use serde_json::Value;

/// Whether an event has, for every field of the pattern, one of its values.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, inner)| matches(inner, &event[name])),
        Value::Array(options) => !event.is_null() && options.iter().any(|option| is_one(option, event)),
        other => panic!("a pattern lists values, and {other} is no list"),
    }
}

fn is_one(option: &Value, value: &Value) -> bool {
    let Value::Object(operator) = option else { return option == value };
    let banned = operator.get("anything-but").unwrap_or_else(|| panic!("teach tests::pattern what {option} means"));
    match banned {
        Value::Array(banned) => !banned.contains(value),
        banned => banned != value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_field_must_match_and_one_value_is_enough() {
        let event = json!({"source": "shop", "detail": {"data": {"work": "SHIP", "n": 1}}});
        for pattern in [
            json!({"source": ["other", "shop"]}),
            json!({"source": [{"anything-but": "other"}]}),
            json!({"source": [{"anything-but": ["other", "more"]}], "detail": {"data": {"work": ["SHIP"]}}}),
        ] {
            assert!(matches(&pattern, &event), "{pattern}");
        }
        for pattern in [
            json!({"source": ["other"]}),
            json!({"source": [{"anything-but": ["shop"]}]}),
            json!({"source": ["shop"], "detail": {"data": {"work": ["PACK"]}}}),
            json!({"detail": {"data": {"missing": [{"anything-but": "x"}]}}}),
        ] {
            assert!(!matches(&pattern, &event), "{pattern}");
        }
    }
}
