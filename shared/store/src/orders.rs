//! Orders. A customer's orders share a partition whose key is the token's `sub`, so that another customer's order
//! cannot be addressed. Its indexes may lag behind the table: the due index for admins and sweeps, `by_number` for
//! an order's number or id, `by_created` for all orders, newest first, and `by_phone` and `by_email` for keyed hashes of
//! the contact data.

mod customer_counts;
mod search;

use customer_counts::OFFER;
pub(crate) use customer_counts::read_customer_count;
pub use search::PlacedOrders;

use crate::db::{Item, Want, from_item, key, malformed_key, number, put, string, text};
use crate::due_index::{self, DueIndex};
use crate::profiles::{PROFILE, read_profile};
use crate::save::save;
use crate::shipping_methods::{SHIPPING_METHODS, read_methods};
use crate::{DueEntry, OrderKey, Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::contact::{Contact, ContactHashes};
use domain::id::{CouponId, CustomerId, OrderId, PaymentId, SellWindowId, VariantId};
use domain::money::{Cents, Currency};
use domain::notification::Language;
use domain::order::{
    Actor, OpenOffer, OpenOrdersLimit, Order, OrderKind, OrderLine, OrderNo, OrderStatus, PlacementInputs, Step,
};
use domain::payment::PaymentMethod;
use domain::points::Wallet;
use domain::quantity::Quantity;
use domain::shipment::{Shipment, Way};
use domain::shipping_method::{MethodCode, OrderShipping, ShippingChoice, ShippingKind, ShippingMethods};
use domain::stock::Allocation;
use domain::text::Line;
use domain::{Moment, Refusal, cart::Cart};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The number of months back that orders are listed.
const LIST_MONTHS: i32 = 12;
/// The number of orders that one page of a search reads.
const ORDERS_PER_PAGE_MAX: usize = 500;
const ORDER: &str = "ORDER#";

#[derive(Debug, Serialize, Deserialize)]
struct OrderItem {
    pk: String,
    sk: String,
    order_no: String,
    work_pk: String,
    work_sk: String,
    /// Absent from orders of earlier builds until they are saved again.
    #[serde(default)]
    created_pk: String,
    kind: OrderKind,
    status: OrderStatus,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sell_window_id: Option<SellWindowId>,
    lines: Vec<LineItem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<Allocation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coupon_id: Option<CouponId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    coupon_returned: bool,
    discount_cents: Cents,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shipping: Option<ShippingItem>,
    total_amount_cents: Cents,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt_id: Option<PaymentId>,
    #[serde(default, skip_serializing_if = "is_zero")]
    refunded_cents: Cents,
    contact: Contact,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    reserve_before: Option<Moment>,
    /// Stored under the name of release 0.1, which reads it too (docs/upgrade.md).
    #[serde(default, rename = "held_outside", skip_serializing_if = "std::ops::Not::not")]
    held_externally: bool,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    hold_expires_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    hold_extended: bool,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    pay_before: Option<Moment>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shipment: Option<ShipmentItem>,
    history: Vec<StepItem>,
    /// The actor of the last step, if its status does not determine the actor. It is a separate attribute, because each
    /// version rewrites the whole history in its own form (docs/upgrade.md).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canceled_by: Option<Actor>,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

/// The product is part of the variant's id; the subtotal is quantity times price.
#[derive(Debug, Serialize, Deserialize)]
struct LineItem {
    variant_id: VariantId,
    name: String,
    quantity: Quantity,
    unit_price_cents: Cents,
    discount_cents: Cents,
    /// Stored under the name of release 0.1, which reads it too (docs/upgrade.md).
    #[serde(default, rename = "takings", skip_serializing_if = "Vec::is_empty")]
    allocations: Vec<Allocation>,
}

/// The delivery method and its fee, as agreed.
#[derive(Debug, Serialize, Deserialize)]
struct ShippingItem {
    method_code: MethodCode,
    name: Line<60>,
    kind: ShippingKind,
    base_fee_cents: Cents,
    island_surcharge_cents: Cents,
}

#[derive(Debug, Serialize, Deserialize)]
struct ShipmentItem {
    way: Way,
    #[serde(with = "time")]
    shipped_at: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct StepItem {
    status: OrderStatus,
    #[serde(with = "time")]
    at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn is_zero(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

pub(crate) fn customer_pk(customer: &CustomerId) -> String {
    format!("CUSTOMER#{customer}")
}

fn order_sk(id: OrderId) -> String {
    format!("{ORDER}{id}")
}

/// The due-index list of preorders that wait for their batch. They are RESERVED without a deadline, and can be more than
/// one sweep of the due orders reads.
const WITHOUT_DEADLINE: &str = "RESERVED_WITHOUT_DEADLINE";

/// The order's list and position in the due index: by its deadline while it has one, by its last change otherwise.
fn work_key(order: &Order) -> (String, String) {
    let list = match (order.status, order.deadline()) {
        (OrderStatus::Reserved, None) => WITHOUT_DEADLINE,
        (status, _) => status.as_str(),
    };
    let at = order.deadline().unwrap_or(order.updated_at);
    due_index::place(list, at, spread(order.id), order.id)
}

/// The random end of an order's id, which spreads orders over the partitions of an index.
fn spread(id: OrderId) -> u8 {
    id.uuid().as_bytes()[15]
}

impl From<&Order> for OrderItem {
    fn from(order: &Order) -> Self {
        let (work_pk, work_sk) = work_key(order);
        Self {
            pk: customer_pk(&order.customer),
            sk: order_sk(order.id),
            order_no: order.number.to_string(),
            work_pk,
            work_sk,
            created_pk: search::created_pk(spread(order.id) % search::CREATED_SHARDS),
            kind: order.kind,
            status: order.status,
            version: order.version,
            sell_window_id: order.window,
            lines: order
                .lines
                .iter()
                .map(|line| LineItem {
                    variant_id: line.variant,
                    name: line.name.clone(),
                    quantity: line.quantity,
                    unit_price_cents: line.unit_price,
                    discount_cents: line.discount,
                    allocations: line.allocations.clone(),
                })
                .collect(),
            places: order.places.clone(),
            coupon_id: order.coupon,
            coupon_returned: order.coupon_returned,
            discount_cents: order.discount,
            shipping: order.shipping.as_ref().map(|shipping| ShippingItem {
                method_code: shipping.method.clone(),
                name: shipping.name.clone(),
                kind: shipping.kind,
                base_fee_cents: shipping.base_fee,
                island_surcharge_cents: shipping.island_surcharge,
            }),
            total_amount_cents: order.total(),
            currency: order.currency,
            payment_method: order.payment_method,
            payment_id: order.payment,
            attempt_id: order.attempt,
            refunded_cents: order.refunded,
            contact: order.contact.clone().unwrap_or_else(Contact::erased),
            phone_hash: order.contact_hashes.as_ref().map(|hashes| hashes.phone.clone()),
            email_hash: order.contact_hashes.as_ref().map(|hashes| hashes.email.clone()),
            language: order.language,
            reserve_before: order.reserve_before,
            held_externally: order.held_externally,
            hold_expires_at: order.hold_expires_at,
            hold_extended: order.hold_extended,
            pay_before: order.pay_before,
            late: order.late,
            shipment: order
                .shipment
                .as_ref()
                .map(|shipment| ShipmentItem { way: shipment.way.clone(), shipped_at: shipment.shipped_at }),
            history: order
                .history
                .iter()
                .map(|step| StepItem { status: step.status, at: step.at, reason: step.reason.clone() })
                .collect(),
            canceled_by: order.history.iter().rev().find_map(|step| step.by.clone()),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}

pub(crate) fn read_order(item: Item) -> Result<Order, Failure> {
    let item: OrderItem = from_item(item)?;
    let ids = item
        .pk
        .strip_prefix("CUSTOMER#")
        .and_then(CustomerId::parse)
        .zip(item.sk.strip_prefix(ORDER).and_then(OrderId::parse));
    let (customer, id) = ids.ok_or_else(|| malformed_key("order", &item.pk, &item.sk))?;
    let number = OrderNo::parse(&item.order_no)
        .ok_or_else(|| Failure::broken(format!("order {id} has the malformed number {:?}", item.order_no)))?;
    let mut history: Vec<Step> =
        item.history.into_iter().map(|step| Step::new(step.status, step.at, step.reason)).collect();
    if let Some(canceled) = history.iter_mut().rev().find(|step| step.status == OrderStatus::Canceled) {
        canceled.by = item.canceled_by;
    }
    Ok(Order {
        id,
        number,
        customer,
        kind: item.kind,
        status: item.status,
        version: item.version,
        window: item.sell_window_id,
        lines: item
            .lines
            .into_iter()
            .map(|line| OrderLine {
                variant: line.variant_id,
                name: line.name,
                quantity: line.quantity,
                unit_price: line.unit_price_cents,
                discount: line.discount_cents,
                allocations: line.allocations,
            })
            .collect(),
        places: item.places,
        coupon: item.coupon_id,
        coupon_returned: item.coupon_returned,
        discount: item.discount_cents,
        shipping: item.shipping.map(|shipping| OrderShipping {
            method: shipping.method_code,
            name: shipping.name,
            kind: shipping.kind,
            base_fee: shipping.base_fee_cents,
            island_surcharge: shipping.island_surcharge_cents,
        }),
        currency: item.currency,
        payment_method: item.payment_method,
        payment: item.payment_id,
        attempt: item.attempt_id,
        refunded: item.refunded_cents,
        contact: Some(item.contact).filter(|contact| !contact.is_erased()),
        contact_hashes: item.phone_hash.zip(item.email_hash).map(|(phone, email)| ContactHashes { phone, email }),
        language: item.language,
        reserve_before: item.reserve_before,
        held_externally: item.held_externally,
        hold_expires_at: item.hold_expires_at,
        hold_extended: item.hold_extended,
        pay_before: item.pay_before,
        late: item.late,
        shipment: item.shipment.map(|shipment| Shipment { way: shipment.way, shipped_at: shipment.shipped_at }),
        history,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

/// The consistency of a read. An eventually consistent read costs half. Writes that follow from it are conditional, so
/// it can only be wrong in a refusal; a refusal needs a strongly consistent read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// May lag.
    Eventual,
    /// Includes every completed write.
    Strong,
}

impl Reads {
    pub(crate) const fn consistent(self) -> bool {
        matches!(self, Self::Strong)
    }
}

impl Store {
    /// Everything that placing an order reads at `now`, in one call: the cart's listings, the customer's coupon,
    /// balance and saved addresses, the sell window and the offer, and the shop's shipping methods unless they are
    /// cached.
    pub async fn placement_inputs(
        &self,
        customer: &CustomerId,
        cart: &Cart,
        (reads, now): (Reads, Moment),
    ) -> Result<(Vec<domain::catalog::Listing>, PlacementInputs), Failure> {
        let variants: Vec<VariantId> = cart.lines().iter().map(|line| line.variant).collect();
        let mut wants = vec![self.want_listings(&variants, reads.consistent())];
        wants.extend(cart.coupon.map(|coupon| self.want_user_coupon(customer, coupon, reads.consistent())));
        wants.extend(cart.payment_method.map(|_| self.want_wallet(customer, reads.consistent())));
        if let Some(offer) = cart.offer() {
            wants.push(self.want_offer(offer, reads.consistent()));
            wants.push(self.want_counter(offer, reads.consistent()));
        }
        wants.extend(cart.address.as_ref().map(|_| self.want_profile(customer, reads.consistent())));
        let known = self.known_shipping_methods(now).filter(|_| reads == Reads::Eventual);
        let is_agreed = matches!(cart.shipping, ShippingChoice::Agreed(_));
        let reads_methods = known.is_none() && !is_agreed;
        if reads_methods {
            wants.push(self.want_shipping_methods(reads.consistent()));
        }
        let mut inputs = PlacementInputs::default();
        let mut methods = ShippingMethods::default();
        let mut catalog = Vec::new();
        let (mut window, mut offer, mut counter) = (None, None, None);
        for item in self.batch_get(wants).await? {
            match text(&item, "pk") {
                Some(pk) if pk.starts_with("PRODUCT#") => catalog.push(item),
                _ if text(&item, "sk") == Some(PROFILE) => inputs.profile = read_profile(item)?,
                Some(SHIPPING_METHODS) => methods = read_methods(item)?,
                Some(pk) if pk.starts_with("WINDOW#") && text(&item, "sk") == Some("META") => {
                    window = Some(crate::sell_windows::read_window(item)?);
                }
                Some(pk) if pk.starts_with("WINDOW#") => offer = Some(crate::sell_windows::read_offer(item)?),
                Some(pk) if pk.starts_with(OFFER) => counter = Some(crate::counters::read_counter(item)?),
                _ if item.contains_key("balance_cents") => inputs.balance = crate::wallets::read_wallet(item)?.balance,
                _ => inputs.coupon = Some(crate::coupons::read_user_coupon(item)?),
            }
        }
        inputs.shipping_methods = match known {
            Some(known) => known,
            None if reads_methods => self.remember_shipping_methods(methods, now),
            None => Arc::default(),
        };
        inputs.open_offer = window.map(|window| OpenOffer { window, offer: offer.zip(counter) });
        Ok((Self::read_listings(catalog)?, inputs))
    }

    /// The number of the customer's unpaid orders that count for this limit, at most the limit itself. An order's id begins
    /// with its time, so that older orders are not read.
    pub async fn count_open_orders(
        &self,
        customer: &CustomerId,
        limit: OpenOrdersLimit,
        reads: Reads,
    ) -> Result<u32, Failure> {
        let same_kind = match limit.window {
            None => "attribute_not_exists(sell_window_id)",
            Some(_) => "sell_window_id = :window",
        };
        let query = self
            .query_of(&self.tables.orders)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .filter_expression(format!("#status IN (:created, :reserved, :pending) AND {same_kind}"))
            .projection_expression("pk")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":pk", string(customer_pk(customer)))
            .expression_attribute_values(":first", string(order_sk(OrderId::first_at(limit.since))))
            // `~` sorts after every id.
            .expression_attribute_values(":last", string(format!("{ORDER}~")))
            .expression_attribute_values(":created", string(OrderStatus::Created.as_str()))
            .expression_attribute_values(":reserved", string(OrderStatus::Reserved.as_str()))
            .expression_attribute_values(":pending", string(OrderStatus::PendingPayment.as_str()))
            .consistent_read(reads.consistent());
        let query = match limit.window {
            None => query,
            Some(window) => query.expression_attribute_values(":window", string(window.to_string())),
        };
        let (mut open, mut last_key) = (0, None);
        loop {
            let page = self.query(query.clone().set_exclusive_start_key(last_key)).await?;
            open += u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            last_key = page.last_key;
            if last_key.is_none() || open >= limit.max {
                return Ok(open);
            }
        }
    }

    /// # Errors
    /// [`Refusal::OrderNotFound`], also for another customer's order.
    pub async fn load_order(&self, customer: &CustomerId, id: OrderId) -> Result<Order, Failure> {
        let item = self.get(&self.tables.orders, &customer_pk(customer), &order_sk(id), true).await?;
        read_order(item.ok_or(Refusal::OrderNotFound)?)
    }

    /// An order and its customer's wallet, in one call.
    ///
    /// # Errors
    /// [`Refusal::OrderNotFound`].
    pub async fn load_order_and_wallet(
        &self,
        customer: &CustomerId,
        id: OrderId,
        reads: Reads,
    ) -> Result<(Order, Wallet), Failure> {
        let keys = vec![(customer_pk(customer), order_sk(id))];
        let order = Want { table: self.tables.orders.clone(), keys, consistent: true };
        let (mut found, mut wallet) = (None, Wallet::default());
        for item in self.batch_get(vec![order, self.want_wallet(customer, reads.consistent())]).await? {
            if item.contains_key("balance_cents") {
                wallet = crate::wallets::read_wallet(item)?;
            } else {
                found = Some(read_order(item)?);
            }
        }
        Ok((found.ok_or(Refusal::OrderNotFound)?, wallet))
    }

    /// A page of a customer's orders, newest first.
    pub async fn list_orders(&self, customer: &CustomerId, page: &PageQuery) -> Result<Page<Order>, Failure> {
        let after =
            page.cursor.as_deref().map(|text| cursor::decode(text, |id| OrderId::parse(id).is_some())).transpose()?;
        let query = self
            .query_of(&self.tables.orders)
            .key_condition_expression("pk = :pk AND begins_with(sk, :order)")
            .expression_attribute_values(":pk", string(customer_pk(customer)))
            .expression_attribute_values(":order", string(ORDER))
            .set_exclusive_start_key(after.map(|id| key(&customer_pk(customer), &format!("{ORDER}{id}"))))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let items = found.items.into_iter().map(read_order).collect::<Result<Vec<_>, _>>()?;
        let next_cursor = found.last_key.and(items.last()).map(|last| cursor::encode(&last.id.to_string()));
        Ok(Page { items, next_cursor })
    }

    /// Every order of a customer.
    pub async fn all_orders_of(&self, customer: &CustomerId) -> Result<Vec<Order>, Failure> {
        let query = self
            .query_of(&self.tables.orders)
            .key_condition_expression("pk = :pk AND begins_with(sk, :order)")
            .expression_attribute_values(":pk", string(customer_pk(customer)))
            .expression_attribute_values(":order", string(ORDER))
            .consistent_read(true);
        self.query_all(query).await?.into_iter().map(read_order).collect()
    }

    /// The orders with these keys, in the same order.
    pub async fn load_orders(&self, keys: &[OrderKey]) -> Result<Vec<Order>, Failure> {
        self.read_orders(keys, Reads::Strong).await
    }

    /// As [`Store::load_orders`], with this consistency.
    pub async fn read_orders(&self, keys: &[OrderKey], reads: Reads) -> Result<Vec<Order>, Failure> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = keys.iter().map(|found| (customer_pk(&found.customer), order_sk(found.id))).collect();
        let want = Want { table: self.tables.orders.clone(), keys: wanted, consistent: reads.consistent() };
        let mut orders =
            self.batch_get(vec![want]).await?.into_iter().map(read_order).collect::<Result<Vec<_>, _>>()?;
        orders.sort_by_key(|order| keys.iter().position(|found| found.id == order.id));
        Ok(orders)
    }

    /// A page of the orders in these statuses whose deadline has passed at `now`, longest overdue first, after a position.
    pub async fn due_orders(
        &self,
        statuses: &[OrderStatus],
        now: Moment,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<DueEntry<OrderKey>>, Failure> {
        let lists = statuses.iter().map(|status| status.as_str()).collect();
        let due = self.orders_in(lists).due(now, after, most).await?;
        Ok(due.into_iter().filter_map(|due| due.and_then(OrderKey::read)).collect())
    }

    /// The number of orders in this status that changed since the previous month: exact up to `most`, and a lower bound
    /// beyond.
    pub async fn count_orders(&self, status: OrderStatus, now: Moment, most: usize) -> Result<usize, Failure> {
        self.orders_in(vec![status.as_str()]).count(now, most).await
    }

    fn orders_in(&self, lists: Vec<&'static str>) -> DueIndex<'_> {
        DueIndex { store: self, table: &self.tables.orders, lists }
    }
}

impl Tx<'_> {
    pub fn insert_order(&mut self, order: &Order) -> Result<(), Failure> {
        let table = self.tables().orders.clone();
        let put = put(&table, &OrderItem::from(order))?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.own();
        Ok(())
    }

    /// Saves a changed order, on condition of the version that was read.
    pub fn save_order(&mut self, order: &Order) -> Result<(), Failure> {
        let table = self.tables().orders.clone();
        let save = save(&table, &OrderItem::from(order))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(order.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Releases all holds that the order had before its change: stock or capacity, and the coupon.
    pub fn release_holds(&mut self, before: &Order) -> Result<(), Failure> {
        self.release_allocations(before)?;
        match before.coupon {
            Some(coupon) => self.release_coupon(&before.customer, coupon, before.id),
            None => Ok(()),
        }
    }
}
