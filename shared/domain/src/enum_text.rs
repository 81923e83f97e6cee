//! Enumerated values as text: one parser for all of them. Each enum derives its text with `strum`.

use crate::Invalid;
use strum::VariantArray;

/// Parses the text of one of the values of `T`.
///
/// # Errors
/// [`Invalid`] for `field`, with the list of the values.
pub fn parse<T>(field: &str, text: &str) -> Result<T, Invalid>
where
    T: VariantArray + Copy + Into<&'static str>,
{
    find(text).ok_or_else(|| {
        let values: Vec<&str> = T::VARIANTS.iter().map(|value| (*value).into()).collect();
        Invalid::field(field, format!("must be one of {}", values.join(", ")))
    })
}

/// The value with this text.
pub fn find<T>(text: &str) -> Option<T>
where
    T: VariantArray + Copy + Into<&'static str>,
{
    T::VARIANTS.iter().copied().find(|value| Into::<&'static str>::into(*value) == text)
}
