//! Environment variables, read once at the start. An invalid one stops the function before it serves anything.
//!
//! Settings that all functions share are in one variable, `SETTINGS`, with a line `NAME=value` for each: CloudFormation
//! without SAM has no place for shared variables, and fifty lines in each function would hide the rest.

use std::sync::OnceLock;

/// The variable with the shared settings.
const SETTINGS: &str = "SETTINGS";

/// A variable that is missing or invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {why}")]
pub struct WrongVariable {
    name: String,
    why: String,
}

impl WrongVariable {
    /// This variable is invalid for this reason.
    pub fn new(name: &str, why: impl Into<String>) -> Self {
        Self { name: name.to_owned(), why: why.into() }
    }
}

/// A variable, the function's own or a shared one; none if it is unset or empty.
pub fn optional(name: &str) -> Option<String> {
    static SHARED: OnceLock<String> = OnceLock::new();
    let own = std::env::var(name).ok();
    let shared = || find(SHARED.get_or_init(|| std::env::var(SETTINGS).unwrap_or_default()), name);
    own.or_else(shared).filter(|value| !value.is_empty())
}

fn find(settings: &str, name: &str) -> Option<String> {
    let mut lines = settings.lines().filter_map(|line| line.split_once('='));
    lines.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// A required variable.
///
/// # Errors
/// When it is not set: names the variable.
pub fn required(name: &str) -> Result<String, WrongVariable> {
    optional(name).ok_or_else(|| {
        WrongVariable::new(name, "is not set: set it in the function's template, or in the parameter Settings")
    })
}

/// A variable parsed by `parse`, or `default` when it is not set.
///
/// # Errors
/// When `parse` rejects the value: names the variable.
pub fn parsed<T>(name: &str, default: T, parse: impl Fn(&str) -> Option<T>, must_be: &str) -> Result<T, WrongVariable> {
    match optional(name) {
        None => Ok(default),
        Some(text) => parse(&text).ok_or_else(|| WrongVariable::new(name, format!("must be {must_be}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_setting_is_the_rest_of_its_line() {
        let settings = "SHOP_NAME=Mill = run\nPUBLIC_URL=\nSHOP_URL=https://shop.example/?a=b";
        assert_eq!(find(settings, "SHOP_NAME").as_deref(), Some("Mill = run"));
        assert_eq!(find(settings, "SHOP_URL").as_deref(), Some("https://shop.example/?a=b"));
        assert_eq!(find(settings, "PUBLIC_URL").as_deref(), Some(""));
        assert_eq!(find(settings, "URL"), None);
    }
}
