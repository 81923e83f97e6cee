//! The caller: claims of the token that API Gateway's JWT authorizer has verified.

use serde_json::Value;

/// The claims that the shop reads. Others are ignored whatever their type, because an identity provider may add claims, and
/// a number or a list among them must not fail the request.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    subject: Option<String>,
    groups: Vec<String>,
}

impl Claims {
    /// Removes the claims from an event of payload version 2.0.
    pub(crate) fn take(event: &mut Value) -> Self {
        let authorizer = event.pointer_mut("/requestContext/authorizer").map(Value::take).unwrap_or_default();
        let claim = |name: &str| authorizer.pointer("/jwt/claims").and_then(|claims| claims.get(name));
        Self {
            subject: claim("sub").and_then(Value::as_str).map(str::to_owned),
            groups: groups(claim("cognito:groups")),
        }
    }

    /// The subject, `sub`.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Whether the caller is in the group with exactly this name.
    pub(crate) fn is_in_group(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group == name)
    }
}

/// The names in `cognito:groups`. API Gateway writes a list as `[admin fulfilment]`, separated by single spaces.
/// Cognito allows no space in a group's name, but allows a comma: `[trainee,admin]` is one group.
fn groups(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => {
            let names = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or_default();
            names.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(claims: &Value) -> Claims {
        Claims::take(&mut json!({"requestContext": {"authorizer": {"jwt": {"claims": claims, "scopes": null}}}}))
    }

    #[test]
    fn a_group_matches_whole_and_exactly() {
        for admin in [json!("[admin]"), json!("[staff admin]"), json!("[admin fulfilment]"), json!(["staff", "admin"])]
        {
            assert!(claims(&json!({"cognito:groups": admin})).is_in_group("admin"), "{admin}");
        }
        for other in ["", "admin", "[notadmin]", "[admin", "admin]", "[administrators staff]", "[]", "[Admin]"] {
            assert!(!claims(&json!({"cognito:groups": other})).is_in_group("admin"), "{other}");
        }
        for other in
            [json!("[trainee,admin]"), json!("[admin,trainee staff]"), json!(["trainee,admin"]), json!(["[admin]"])]
        {
            assert!(!claims(&json!({"cognito:groups": other})).is_in_group("admin"), "{other}");
        }
    }

    #[test]
    fn a_claim_of_another_type_is_no_claim() {
        for odd in [json!(null), json!(1), json!(true), json!({"a": 1}), json!([1, null, ["admin"]])] {
            let claims = claims(&json!({"sub": odd, "cognito:groups": odd}));
            assert_eq!(claims.subject(), None, "{odd}");
            assert!(!claims.is_in_group("admin"), "{odd}");
        }
    }

    #[test]
    fn an_event_without_an_authorizer_has_no_claims() {
        for mut event in [json!({}), json!(null), json!([]), json!({"requestContext": {"authorizer": null}})] {
            assert_eq!(Claims::take(&mut event).subject(), None);
        }
    }
}
