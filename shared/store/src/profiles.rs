//! What customers have saved, each in one item beside their orders.

use crate::db::{Item, Want, from_item, key};
use crate::orders::customer_pk;
use crate::save::save;
use crate::{Store, Tx, time};
use contracts::Failure;
use domain::Moment;
use domain::contact::Contact;
use domain::id::CustomerId;
use domain::notification::Language;
use domain::profile::{AddressId, Profile, SavedAddress};
use serde::{Deserialize, Serialize};

pub(crate) const PROFILE: &str = "PROFILE";

#[derive(Debug, Serialize, Deserialize)]
struct ProfileItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    addresses: Vec<AddressItem>,
    #[serde(with = "time")]
    updated_at: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct AddressItem {
    address_id: AddressId,
    contact: Contact,
}

pub(crate) fn read_profile(item: Item) -> Result<Profile, Failure> {
    let item: ProfileItem = from_item(item)?;
    let addresses = item.addresses.into_iter();
    let addresses = addresses.map(|address| SavedAddress { id: address.address_id, contact: address.contact });
    Profile::new(item.language, addresses.collect()).map_err(|_| Failure::broken("a stored profile is not valid"))
}

impl Store {
    /// A customer's saved data; empty if there is none.
    pub async fn load_profile(&self, customer: &CustomerId) -> Result<Profile, Failure> {
        let item = self.get(&self.tables.orders, &customer_pk(customer), PROFILE, true).await?;
        item.map_or_else(|| Ok(Profile::default()), read_profile)
    }

    pub(crate) fn want_profile(&self, customer: &CustomerId, consistent: bool) -> Want {
        let keys = vec![(customer_pk(customer), PROFILE.to_owned())];
        Want { table: self.tables.orders.clone(), keys, consistent }
    }
}

impl Tx<'_> {
    /// Deletes a customer's saved data, if there is any.
    pub fn delete_profile(&mut self, customer: &CustomerId) -> Result<(), Failure> {
        let table = self.tables().orders.clone();
        self.delete(&table, key(&customer_pk(customer), PROFILE))?;
        Ok(())
    }

    /// Replaces a customer's saved data.
    pub fn save_profile(&mut self, customer: &CustomerId, profile: &Profile) -> Result<(), Failure> {
        let addresses = profile.addresses().iter();
        let item = ProfileItem {
            pk: customer_pk(customer),
            sk: PROFILE.to_owned(),
            language: profile.language,
            addresses: addresses
                .map(|address| AddressItem { address_id: address.id.clone(), contact: address.contact.clone() })
                .collect(),
            updated_at: self.now(),
        };
        let save = save(&self.tables().orders.clone(), &item)?;
        self.update(save)?;
        Ok(())
    }
}
