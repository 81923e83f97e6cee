//! What a customer has saved: addresses for the next order, and the language.

use crate::contact::Contact;
use crate::notification::Language;
use crate::{Invalid, text};
use serde::{Deserialize, Serialize};

/// The maximum number of saved addresses.
pub const ADDRESSES_MAX: usize = 5;

/// The customer's name for an address, for example `home`: 1 to 32 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressId(String);

impl AddressId {
    /// `None` when the text is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        text::is_slug(text).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Contact data that an order can use by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAddress {
    pub id: AddressId,
    pub contact: Contact,
}

/// A customer's saved addresses and language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub language: Option<Language>,
    addresses: Vec<SavedAddress>,
}

impl Profile {
    /// # Errors
    /// [`Invalid`] for `addresses` when there are more than [`ADDRESSES_MAX`], or two of the same name.
    pub fn new(language: Option<Language>, addresses: Vec<SavedAddress>) -> Result<Self, Invalid> {
        if addresses.len() > ADDRESSES_MAX {
            return Err(Invalid::field("addresses", format!("must have at most {ADDRESSES_MAX} addresses")));
        }
        let is_known = |(place, address): (usize, &SavedAddress)| {
            addresses.iter().take(place).any(|other| other.id == address.id).then_some(place)
        };
        if let Some(place) = addresses.iter().enumerate().find_map(is_known) {
            return Err(Invalid::field(format!("addresses[{place}].address_id"), "is the name of another address"));
        }
        Ok(Self { language, addresses })
    }

    /// In the order that the customer chose.
    pub fn addresses(&self) -> &[SavedAddress] {
        &self.addresses
    }

    /// The contact data saved under this name.
    pub fn contact(&self, id: &AddressId) -> Option<&Contact> {
        self.addresses.iter().find(|address| address.id == *id).map(|address| &address.contact)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cart::tests::contact;

    pub(crate) fn address_id(text: &str) -> AddressId {
        AddressId::parse(text).unwrap()
    }

    pub(crate) fn saved(id: &str) -> SavedAddress {
        SavedAddress { id: address_id(id), contact: contact() }
    }

    #[test]
    fn a_profile_has_at_most_five_addresses_each_with_a_name_of_its_own() {
        let profile = |ids: &[&str]| Profile::new(None, ids.iter().map(|id| saved(id)).collect());
        let five = profile(&["a", "b", "c", "d", "e"]).unwrap();
        assert_eq!((five.addresses().len(), five.contact(&address_id("c"))), (5, Some(&contact())));
        assert_eq!(five.contact(&address_id("f")), None);
        let field = |ids: &[&str]| profile(ids).unwrap_err().errors()[0].field.clone();
        assert_eq!(field(&["a", "b", "c", "d", "e", "f"]), "addresses");
        assert_eq!(field(&["a", "b", "a"]), "addresses[2].address_id");
        assert!(profile(&[]).is_ok());
    }

    #[test]
    fn names_have_a_form_and_contact_data_is_not_printed() {
        for bad in ["", "a b", "家", &"a".repeat(33)] {
            assert_eq!(AddressId::parse(bad), None, "{bad}");
        }
        let printed = format!("{:?}", Profile::new(None, vec![saved("home")]).unwrap());
        assert!(printed.contains("redacted") && !printed.contains("Ada"), "{printed}");
    }
}
