//! Updates of items that another version may have written.
//!
//! During a deployment, a function of the previous release saves items that the next release has written. A put of the
//! complete item would drop attributes that the function does not know; an update of its own attributes keeps them.

use crate::Store;
use crate::db::{to_item, update};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use contracts::Failure;
use serde::de::value::Error as Stopped;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::{Serialize, forward_to_deserialize_any};

/// An update that sets an item's attributes of `T` to those of `value`. Attributes that a later version has added stay.
pub(crate) fn save<T: Serialize + DeserializeOwned>(table: &str, value: &T) -> Result<UpdateBuilder, Failure> {
    let mut item = to_item(value)?;
    let (pk, sk) = (item.remove("pk").zip(item.remove("sk")))
        .ok_or_else(|| Failure::broken(format!("an item of table {table} has no pk or sk")))?;
    let (Ok(pk), Ok(sk)) = (pk.as_s(), sk.as_s()) else {
        return Err(Failure::broken(format!("an item of table {table} has a key that is not a string")));
    };
    let mut save = update(table, pk, sk);
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    for name in attributes::<T>().iter().filter(|name| !["pk", "sk"].contains(*name)) {
        save = save.expression_attribute_names(format!("#{name}"), *name);
        match item.remove(*name) {
            Some(value) => {
                save = save.expression_attribute_values(format!(":{name}"), value);
                set.push(format!("#{name} = :{name}"));
            }
            None => removed.push(format!("#{name}")),
        }
    }
    if let Some(name) = item.keys().next() {
        return Err(Failure::broken(format!(
            "attribute {name} of table {table} would not be saved: `save` does not support `serde(flatten)`"
        )));
    }
    let removed = if removed.is_empty() { String::new() } else { format!(" REMOVE {}", removed.join(", ")) };
    Ok(save.update_expression(format!("SET {}{removed}", set.join(", "))))
}

impl Store {
    /// [`save`], without a condition and outside a transaction.
    pub(crate) async fn save_alone<T: Serialize + DeserializeOwned>(
        &self,
        table: &str,
        value: &T,
    ) -> Result<(), Failure> {
        self.update_alone(save(table, value)?.build().map_err(Failure::broken)?).await.map(drop)
    }
}

/// The attribute names of `T`; none when some of them are flattened.
fn attributes<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The deserializer is asked for its fields, and aborted then.
    drop(T::deserialize(Fields(&mut names)));
    names
}

struct Fields<'n>(&'n mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Stopped;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stopped> {
        *self.0 = fields;
        Err(Stopped::custom("only the names are wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stopped> {
        Err(Stopped::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    struct Cup {
        pk: String,
        sk: String,
        color: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    struct Boxed {
        #[serde(flatten)]
        cup: Cup,
    }

    fn cup(owner: Option<&str>) -> Cup {
        let owned = str::to_owned;
        Cup { pk: owned("CUP#1"), sk: owned("CUP"), color: owned("blue"), owner: owner.map(owned) }
    }

    #[test]
    fn save_sets_present_attributes_and_removes_absent_ones() {
        let full = save("Cups", &cup(Some("ann"))).unwrap().build().unwrap();
        assert_eq!(full.update_expression(), "SET #color = :color, #owner = :owner");
        let bare = save("Cups", &cup(None)).unwrap().build().unwrap();
        assert_eq!(bare.update_expression(), "SET #color = :color REMOVE #owner");
        assert_eq!(bare.key().len(), 2);
        assert_eq!(bare.expression_attribute_values().unwrap().len(), 1);
    }

    #[test]
    fn an_item_whose_attributes_are_not_all_known_is_not_saved_in_part() {
        assert!(save("Cups", &Boxed { cup: cup(None) }).is_err());
    }
}
