//! EventBridge patterns, as far as our rules use them: lists of values, `anything-but`, and `exists`.

use serde_json::Value;

/// Whether an event has one of the listed values in every field of the pattern.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, inner)| matches(inner, &event[name])),
        Value::Array(options) => !event.is_null() && options.iter().any(|option| is_one(option, event)),
        other => panic!("a pattern must list values, and {other} is not a list"),
    }
}

fn is_one(option: &Value, value: &Value) -> bool {
    let Value::Object(operator) = option else { return option == value };
    // A missing field matches no option.
    if operator.get("exists") == Some(&Value::Bool(true)) {
        return true;
    }
    let banned = operator.get("anything-but").unwrap_or_else(|| panic!("implement {option} in tests::event_pattern"));
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
    fn every_field_must_match_one_of_its_values() {
        let event = json!({"source": "shop", "detail": {"data": {"work": "SHIP", "n": 1}}});
        for pattern in [
            json!({"source": ["other", "shop"]}),
            json!({"source": [{"anything-but": "other"}]}),
            json!({"detail": {"data": {"n": [{"exists": true}]}}}),
            json!({"source": [{"anything-but": ["other", "more"]}], "detail": {"data": {"work": ["SHIP"]}}}),
        ] {
            assert!(matches(&pattern, &event), "{pattern}");
        }
        for pattern in [
            json!({"source": ["other"]}),
            json!({"source": [{"anything-but": ["shop"]}]}),
            json!({"detail": {"data": {"m": [{"exists": true}]}}}),
            json!({"source": ["shop"], "detail": {"data": {"work": ["PACK"]}}}),
            json!({"detail": {"data": {"missing": [{"anything-but": "x"}]}}}),
        ] {
            assert!(!matches(&pattern, &event), "{pattern}");
        }
    }
}
