//! JSON objects, strictly: serde alone would also accept an array of a struct's values in field order, which the
//! contract does not have and in which unknown fields cannot be detected.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// A `T` that is a JSON object.
#[derive(Debug, Clone, Copy)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Deserializes a field that is an object.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// Deserializes a field that is an object or absent.
pub(crate) fn optional_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(value)| value))
}

/// Deserializes a field that is a list of objects.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Object<T>>::deserialize(deserializer)?.into_iter().map(|Object(value)| value).collect())
}

/// Deserializes an optional field whose `null` says something: absent is `None`, `null` is `Some(None)`.
#[expect(clippy::option_option, reason = "a field that is absent, null or a value")]
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::coupons::DiscountBody;
    use crate::object::Object;
    use crate::orders::PlaceOrder;

    #[test]
    fn a_list_of_values_is_not_an_object() {
        assert!(serde_json::from_str::<Object<DiscountBody>>(r#"{"type":"PERCENT","value":10}"#).is_ok());
        let error = serde_json::from_str::<Object<DiscountBody>>(r#"["PERCENT",10]"#).unwrap_err();
        assert!(error.to_string().contains("expected an object"), "{error}");
        let contact = r#"{"name":"A","phone":"0912345678","email":"a@b.co","shipping_address":"C"}"#;
        let cart = |line: &str, contact: &str| format!(r#"{{"lines":[{line}],"contact":{contact}}}"#);
        let line = r#"{"variant_id":"x","quantity":1}"#;
        assert!(serde_json::from_str::<Object<PlaceOrder>>(&cart(line, contact)).is_ok());
        for bad in [cart(r#"["x",1]"#, contact), cart(line, r#"["A","0912345678","a@b.co","C",null]"#)] {
            assert!(serde_json::from_str::<Object<PlaceOrder>>(&bad).is_err(), "{bad}");
        }
    }
}
