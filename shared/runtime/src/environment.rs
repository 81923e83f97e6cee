//! The environment's variables, read once at the start. A wrong one stops the function before it serves anything.

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

/// A variable that must be there.
///
/// # Errors
/// Names the variable when it is not.
pub fn required(name: &str) -> Result<String, WrongVariable> {
    std::env::var(name).map_err(|error| WrongVariable::new(name, error.to_string()))
}

/// A variable read by `parse`, or `default` when it is not set.
///
/// # Errors
/// Names the variable when `parse` does not know its value.
pub fn parsed<T>(name: &str, default: T, parse: impl Fn(&str) -> Option<T>, must_be: &str) -> Result<T, WrongVariable> {
    match std::env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => parse(&text).ok_or_else(|| WrongVariable::new(name, format!("must be {must_be}"))),
    }
}
