//! What is wrong with an input, field by field.

/// The wrong fields of one input. Empty while nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invalid {
    errors: Vec<FieldError>,
}

/// One wrong field and what it should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field in the request, e.g. `lines[2].quantity`.
    pub field: String,
    /// What the field must be, for the caller's developer to read. Never repeats the value that was sent.
    pub message: String,
}

impl Invalid {
    /// One wrong field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Invalid { errors: vec![FieldError { field: field.into(), message: message.into() }] }
    }

    /// Keeps the value, or notes its error and goes on, so that an answer can name every wrong field at once.
    pub fn check<T>(&mut self, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|mut wrong| self.errors.append(&mut wrong.errors)).ok()
    }

    /// Notes one more wrong field.
    pub fn note(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
    }

    /// The wrong fields, in the order in which they were found.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// `value` if nothing was wrong and it is there.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Invalid> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}
