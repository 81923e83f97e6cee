//! Deserializes request bodies, and describes their errors.

use contracts::object::Object;
use domain::Refusal;
use serde::de::DeserializeOwned;

/// The body as `T`.
///
/// # Errors
/// [`Refusal::MalformedRequest`] when it is not JSON, [`Refusal::Invalid`] when it is not a `T`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(body) = serde_path_to_error::deserialize(&mut reader).map_err(|error| unreadable(&error))?;
    reader.end().map_err(|_| Refusal::MalformedRequest("there is text after the end of the JSON body".to_owned()))?;
    Ok(body)
}

/// The refusal of a body that cannot be deserialized: 400 when it is not JSON, 422 for JSON of another form.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    use serde_json::error::Category;
    match error.inner().classify() {
        Category::Data => {
            let (field, message) = describe(&error.path().to_string(), error.inner());
            domain::Invalid::field(field, message).into()
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let (line, column) = (error.inner().line(), error.inner().column());
            Refusal::MalformedRequest(format!("the body is not JSON: line {line}, column {column}"))
        }
    }
}

/// The longest field name of a caller that an error repeats, in bytes.
const UNKNOWN_FIELD_BYTES_MAX: usize = 64;

/// The field and the expected format, in the shop's words. serde's text names Rust types and repeats input, which may be
/// personal: only the kind of error and the expected type are taken from it.
fn describe(path: &str, error: &serde_json::Error) -> (String, String) {
    let path = if path == "." { "" } else { path };
    let text = error.to_string();
    // The expected type comes last: the caller's text may contain the same words.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let ours = |kind: &str| text.strip_prefix(kind).and_then(|rest| rest.strip_prefix(" `")?.strip_suffix('`'));
    if let Some(name) = ours("missing field") {
        return (below(path, name), "is missing".to_owned());
    }
    if let Some(name) = ours("duplicate field") {
        return (below(path, name), "must be given once".to_owned());
    }
    if text.starts_with("unknown field") {
        // The last part of the path is the caller's own text.
        return (shown_path(path), "is not a field of this request".to_owned());
    }
    let expected = text.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    (path.to_owned(), wanted(expected))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() || path.ends_with(name) { name.to_owned() } else { format!("{path}.{name}") }
}

/// The path without a last part that is not a plain name.
fn shown_path(path: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'[' | b']');
    if path.len() <= UNKNOWN_FIELD_BYTES_MAX && path.bytes().all(is_plain) { path.to_owned() } else { String::new() }
}

/// The expected format, from serde's description of our type.
fn wanted(expected: &str) -> String {
    const INTEGERS: [&str; 10] = ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];
    match expected {
        number if INTEGERS.contains(&number) => {
            "must be a whole number, written without quotation marks, a point or an exponent, such as 1".to_owned()
        }
        "f32" | "f64" => "must be a number, such as 1".to_owned(),
        "a string" | "str" | "a borrowed string" | "string" => {
            "must be a text in quotation marks, such as \"abc\"".to_owned()
        }
        "a boolean" => "must be true or false".to_owned(),
        "a sequence" => "must be a list, such as []".to_owned(),
        "an object" | "a map" => "must be an object, such as {}".to_owned(),
        object if object.starts_with("struct ") => "must be an object, such as {}".to_owned(),
        choice if choice.starts_with("one of `") || choice.starts_with('`') => format!("must be {choice}"),
        time if time.starts_with("a time") || time.starts_with("a date") => format!("must be {time}"),
        _ => "does not have the format that the API's contract describes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Body {
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Line {
        quantity: i64,
    }

    fn refusal(body: &[u8]) -> Refusal {
        let mut reader = serde_json::Deserializer::from_slice(body);
        unreadable(&serde_path_to_error::deserialize::<_, Body>(&mut reader).unwrap_err())
    }

    fn field_of(body: &[u8]) -> (String, String) {
        let Refusal::Invalid(wrong) = refusal(body) else { panic!("must be a wrong field") };
        (wrong.errors()[0].field.clone(), wrong.errors()[0].message.clone())
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for bad in [&b"{"[..], b"", b"{]", b"\xff\xfe", b"{\"lines\": [}"] {
            assert!(matches!(refusal(bad), Refusal::MalformedRequest(_)), "{bad:?}");
        }
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path_and_its_value_is_not_repeated() {
        let number = "must be a whole number, written without quotation marks, a point or an exponent, such as 1";
        for value in ["\"secret\"", "1.0", "1e0", "1.5", "null", "true", "[]", "18446744073709551615", "1e308"] {
            let (field, message) = field_of(format!(r#"{{"lines": [{{"quantity": {value}}}]}}"#).as_bytes());
            assert_eq!((field.as_str(), message.as_str()), ("lines[0].quantity", number), "{value}");
        }
        let told = |body: &str| {
            let (field, message) = field_of(body.as_bytes());
            format!("{field}: {message}")
        };
        assert_eq!(told(r#"{"lines": [], "card_number": "4311"}"#), "card_number: is not a field of this request");
        assert_eq!(told("null"), ": must be an object, such as {}");
        assert_eq!(told("{}"), "lines: is missing");
        assert_eq!(told(r#"{"lines": [{}]}"#), "lines[0].quantity: is missing");
        assert_eq!(told(r#"{"lines": [], "lines": []}"#), "lines: must be given once");
        assert_eq!(told(r#"{"lines": 1}"#), "lines: must be a list, such as []");
    }

    #[test]
    fn nothing_that_the_caller_wrote_comes_back() {
        for secret in ["4311 9522", "x, expected 4311", "x` at line 4311", "茶4311", &"4311".repeat(1_000)] {
            let secret_json = serde_json::to_string(secret).unwrap();
            for body in [
                format!(r#"{{"lines": [], {secret_json}: 1}}"#),
                format!(r#"{{"lines": {secret_json}}}"#),
                format!(r#"{{"lines": [{{"quantity": {secret_json}}}]}}"#),
                format!(r#"{{"lines": [{{"quantity": 1, {secret_json}: 1}}]}}"#),
                secret_json.clone(),
            ] {
                let (field, message) = field_of(body.as_bytes());
                assert!(!field.contains("4311") && !message.contains("4311"), "{body}: {field} {message}");
            }
        }
    }
}
