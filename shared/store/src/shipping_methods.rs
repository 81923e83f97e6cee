//! Shipping methods: one item with all of them, which an order reads together with everything else that it needs, at most
//! every [`METHODS_USED_FOR`].

use crate::db::{Item, Want, from_item, number, put, to_item, update};
use crate::storefront::is_fresh;
use crate::{Store, Tx, cursor};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::money::Cents;
use domain::shipping_method::{MethodCode, ShippingKind, ShippingMethod, ShippingMethods, ShippingProvider};
use domain::text::Line;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The time for which an execution environment uses the methods that it has read, and thus the time until it notices a
/// change. The expected total of an order is compared anyway.
pub const METHODS_USED_FOR: SignedDuration = SignedDuration::from_secs(5);

pub(crate) const SHIPPING_METHODS: &str = "SHIPPING_METHODS";
const META: &str = "META";

#[derive(Debug, Serialize, Deserialize)]
struct MethodsItem {
    pk: String,
    sk: String,
    version: u64,
    /// By code. A change writes only its own method.
    methods: BTreeMap<MethodCode, MethodItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MethodItem {
    name: Line<60>,
    kind: ShippingKind,
    provider: ShippingProvider,
    fee_cents: Cents,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    free_from_cents: Option<Cents>,
    island_surcharge_cents: Cents,
    enabled: bool,
    sort: u16,
}

impl From<&ShippingMethod> for MethodItem {
    fn from(method: &ShippingMethod) -> Self {
        Self {
            name: method.name.clone(),
            kind: method.kind,
            provider: method.provider,
            fee_cents: method.fee,
            free_from_cents: method.free_from,
            island_surcharge_cents: method.island_surcharge,
            enabled: method.enabled,
            sort: method.sort,
        }
    }
}

fn read_method((code, item): (MethodCode, MethodItem)) -> ShippingMethod {
    ShippingMethod {
        code,
        name: item.name,
        kind: item.kind,
        provider: item.provider,
        fee: item.fee_cents,
        free_from: item.free_from_cents,
        island_surcharge: item.island_surcharge_cents,
        enabled: item.enabled,
        sort: item.sort,
    }
}

pub(crate) fn read_methods(item: Item) -> Result<ShippingMethods, Failure> {
    let item: MethodsItem = from_item(item)?;
    Ok(ShippingMethods::new(item.version, item.methods.into_iter().map(read_method).collect()))
}

/// A page of these methods, which are in their order.
///
/// # Errors
/// [`domain::Refusal::Invalid`] for a cursor of another list.
pub fn page_of<'m>(
    methods: impl Iterator<Item = &'m ShippingMethod>,
    page: &PageQuery,
) -> Result<Page<ShippingMethod>, Failure> {
    let position = |method: &ShippingMethod| format!("{:04}#{}", method.sort, method.code);
    let is_position = |text: &str| {
        text.split_once('#').is_some_and(|(sort, code)| {
            sort.len() == 4 && sort.bytes().all(|byte| byte.is_ascii_digit()) && MethodCode::parse(code).is_some()
        })
    };
    let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
    let rest = methods.filter(|method| after.as_ref().is_none_or(|after| position(method) > *after));
    let mut items: Vec<ShippingMethod> = rest.take(page.limit.get() + 1).cloned().collect();
    let has_more = items.len() > page.limit.get();
    items.truncate(page.limit.get());
    let next_cursor = items.last().filter(|_| has_more).map(|last| cursor::encode(&position(last)));
    Ok(Page { items, next_cursor })
}

impl Store {
    /// All methods, by a strongly consistent read.
    pub async fn load_shipping_methods(&self) -> Result<ShippingMethods, Failure> {
        let item = self.get(&self.tables.catalog, SHIPPING_METHODS, META, true).await?;
        item.map_or_else(|| Ok(ShippingMethods::default()), read_methods)
    }

    /// All methods, at most [`METHODS_USED_FOR`] old.
    pub async fn shown_shipping_methods(&self, now: Moment) -> Result<Arc<ShippingMethods>, Failure> {
        if let Some(known) = self.known_shipping_methods(now) {
            return Ok(known);
        }
        let item = self.get(&self.tables.catalog, SHIPPING_METHODS, META, false).await?;
        let methods = item.map_or_else(|| Ok(ShippingMethods::default()), read_methods)?;
        Ok(self.remember_shipping_methods(methods, now))
    }

    /// The methods from the cache, if they are not too old.
    pub(crate) fn known_shipping_methods(&self, now: Moment) -> Option<Arc<ShippingMethods>> {
        let (at, known) = self.shipping_methods.get(&())?;
        is_fresh(at, now, METHODS_USED_FOR).then_some(known)
    }

    pub(crate) fn remember_shipping_methods(&self, methods: ShippingMethods, now: Moment) -> Arc<ShippingMethods> {
        let methods = Arc::new(methods);
        self.shipping_methods.put((), (now, Arc::clone(&methods)));
        methods
    }

    pub(crate) fn want_shipping_methods(&self, consistent: bool) -> Want {
        let keys = vec![(SHIPPING_METHODS.to_owned(), META.to_owned())];
        Want { table: self.tables.catalog.clone(), keys, consistent }
    }
}

impl Tx<'_> {
    /// Writes one method, on condition of the version of all of them. `after` contains it.
    pub fn save_shipping_method(&mut self, method: &ShippingMethod, after: &ShippingMethods) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        let item = MethodItem::from(method);
        if after.version == 1 {
            let methods = BTreeMap::from([(method.code.clone(), item)]);
            let (pk, sk) = (SHIPPING_METHODS.to_owned(), META.to_owned());
            let first = put(&table, &MethodsItem { pk, sk, version: after.version, methods })?;
            self.put(first.condition_expression("attribute_not_exists(pk)"))?.or_stale();
            return Ok(());
        }
        let save = update(&table, SHIPPING_METHODS, META)
            .update_expression("SET methods.#code = :method, version = :next")
            .condition_expression("version = :before")
            .expression_attribute_names("#code", method.code.as_str())
            .expression_attribute_values(":method", AttributeValue::M(to_item(&item)?))
            .expression_attribute_values(":before", number(after.version - 1))
            .expression_attribute_values(":next", number(after.version));
        self.update(save)?.or_stale();
        Ok(())
    }
}
