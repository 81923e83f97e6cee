//! Validation errors, field by field.

/// The invalid fields of one input. Empty when the input is valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invalid {
    errors: Vec<FieldError>,
}

/// One invalid field and the rule that it violates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path in the request, for example `lines[2].quantity`.
    pub field: String,
    /// The rule that the field violates, for the developer of the client. Never contains the received value.
    pub message: String,
}

impl Invalid {
    /// An error about one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Invalid { errors: vec![FieldError { field: field.into(), message: message.into() }] }
    }

    /// Returns the value, or records its errors and returns `None`, so that one response lists every invalid field.
    pub fn check<T>(&mut self, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|mut wrong| self.errors.append(&mut wrong.errors)).ok()
    }

    /// Records one more invalid field.
    pub fn note(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
    }

    /// The invalid fields, in the order of validation.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Returns `value` if it is present and no error was recorded.
    ///
    /// # Errors
    /// All recorded errors.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Invalid> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}
