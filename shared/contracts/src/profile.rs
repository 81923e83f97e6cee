//! Bodies of a customer's profile.

use crate::orders::ContactView;
use domain::Invalid;
use domain::contact::{Contact, RawContact};
use domain::id::CustomerId;
use domain::notification::Language;
use domain::profile::{ADDRESSES_MAX, AddressId, Profile, SavedAddress};
use serde::{Deserialize, Serialize};

/// `PUT /me`: replaces everything that the customer has saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetProfile {
    /// The language of the pages and of messages; by default the shop's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::Language>))]
    pub language: Option<String>,
    /// At most 5 addresses, each with a name of its own.
    #[cfg_attr(feature = "openapi", schema(max_items = 5))]
    #[serde(deserialize_with = "crate::object::objects")]
    pub addresses: Vec<AddressBody>,
}

/// Contact data to save.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressBody {
    /// The customer's name for it, for example `home`: 1 to 32 letters, digits, underscores or hyphens.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 32))]
    pub address_id: String,
    /// 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// E.164 or of Taiwan, without an extension, at most 20 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 20))]
    pub phone: String,
    /// An e-mail address, at most 254 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: String,
    /// 1 to 300 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub shipping_address: String,
    /// `U` and 32 lower-case hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_user_id: Option<String>,
}

impl std::fmt::Debug for AddressBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressBody(redacted)")
    }
}

impl SetProfile {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<Profile, Invalid> {
        let mut wrong = Invalid::default();
        let language = self.language.as_deref().and_then(|text| wrong.check(Language::parse("language", text)));
        let bodies = self.addresses.iter().take(ADDRESSES_MAX + 1);
        let addresses: Vec<SavedAddress> =
            bodies.enumerate().filter_map(|(n, body)| wrong.check(body.parse(&format!("addresses[{n}]")))).collect();
        if self.addresses.len() == addresses.len() || self.addresses.len() > ADDRESSES_MAX {
            let profile = wrong.check(Profile::new(language, addresses));
            return wrong.into_result(profile);
        }
        Err(wrong)
    }
}

impl AddressBody {
    fn parse(&self, place: &str) -> Result<SavedAddress, Invalid> {
        let mut wrong = Invalid::default();
        let id = wrong.check(AddressId::parse(&self.address_id).ok_or_else(|| {
            Invalid::field(format!("{place}.address_id"), "must be 1 to 32 letters, digits, underscores or hyphens")
        }));
        let raw = RawContact {
            name: &self.name,
            phone: &self.phone,
            email: &self.email,
            shipping_address: &self.shipping_address,
            line_user_id: self.line_user_id.as_deref(),
        };
        let contact = wrong.check(Contact::parse_at(place, raw));
        let address = id.zip(contact).map(|(id, contact)| SavedAddress { id, contact });
        wrong.into_result(address)
    }
}

/// A customer's saved addresses and language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileView {
    /// The customer, by the `sub` claim of the user pool.
    pub customer_id: String,
    /// The language of the pages and of messages; absent: the shop's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::Language>))]
    pub language: Option<String>,
    /// The saved addresses, in the customer's order.
    pub addresses: Vec<AddressView>,
}

/// Saved contact data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressView {
    /// The customer's name for it, by which an order can name it.
    pub address_id: String,
    /// The contact data.
    #[serde(flatten)]
    pub contact: ContactView,
}

impl ProfileView {
    /// Builds the view of a customer's saved data.
    pub fn new(customer: &CustomerId, profile: &Profile) -> Self {
        let addresses = profile.addresses().iter().map(|address| AddressView {
            address_id: address.id.as_str().to_owned(),
            contact: ContactView::from(&address.contact),
        });
        Self {
            customer_id: customer.to_string(),
            language: profile.language.map(|language| language.as_str().to_owned()),
            addresses: addresses.collect(),
        }
    }
}
