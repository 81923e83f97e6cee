//! The environment's variables, read once at the start. A wrong one stops the function before it serves anything.
//!
//! What all functions share is one variable, `SETTINGS`, with a line `NAME=value` for each of them: plain CloudFormation has no
//! place for what functions share, and fifty lines in each of them would hide the rest.

use std::sync::OnceLock;

/// The variable with the shared ones in it.
const SETTINGS: &str = "SETTINGS";

/// A variable that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {why}")]
pub struct WrongVariable {
    name: String,
    why: String,
}

impl WrongVariable {
    /// This variable is wrong because of this.
    pub fn new(name: &str, why: impl Into<String>) -> Self {
        Self { name: name.to_owned(), why: why.into() }
    }
}

/// A variable, the function's own or a shared one; none if it is not set or empty.
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

/// A variable that must be there.
///
/// # Errors
/// Names the variable when it is not.
pub fn required(name: &str) -> Result<String, WrongVariable> {
    optional(name).ok_or_else(|| WrongVariable::new(name, "is not set"))
}

/// A variable read by `parse`, or `default` when it is not set.
///
/// # Errors
/// Names the variable when `parse` does not know its value.
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
