//! Searches of orders for admins.

use super::{LIST_MONTHS, ORDERS_PER_PAGE_MAX, WITHOUT_DEADLINE, order_sk};
use crate::db::{string, text};
use crate::due_index::PageRequest;
use crate::{OrderKey, Store, cursor};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::Refusal;
use domain::id::{CustomerId, OrderId};
use domain::order::{Order, OrderNo, OrderStatus};
use domain::shop::Shop;
use futures_util::future::try_join_all;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::ops::RangeInclusive;

const BY_NUMBER: &str = "by_number";
/// Partitions of `by_created`, so that no index partition is hot.
pub(super) const CREATED_SHARDS: u8 = 8;

/// A partition of `by_created`.
pub(super) fn created_pk(shard: u8) -> String {
    format!("CREATED#{shard}")
}

/// Partitions of an index that sorts orders by the time of placing.
#[derive(Debug)]
pub struct PlacedOrders {
    index: &'static str,
    /// The attribute that partitions the index.
    attribute: &'static str,
    partitions: Vec<String>,
}

impl PlacedOrders {
    /// All orders.
    pub fn all() -> Self {
        let partitions = (0..CREATED_SHARDS).map(created_pk).collect();
        Self { index: "by_created", attribute: "created_pk", partitions }
    }

    /// Orders whose phone number has one of these hashes.
    pub fn with_phone(hashes: Vec<String>) -> Self {
        Self { index: "by_phone", attribute: "phone_hash", partitions: hashes }
    }

    /// Orders whose e-mail address has one of these hashes.
    pub fn with_email(hashes: Vec<String>) -> Self {
        Self { index: "by_email", attribute: "email_hash", partitions: hashes }
    }
}

impl Store {
    /// The orders with this number: usually one; two after a rare collision.
    pub async fn find_orders_by_number(&self, order_no: &OrderNo) -> Result<Vec<OrderKey>, Failure> {
        let query = self
            .query_of(&self.tables.orders)
            .index_name(BY_NUMBER)
            .key_condition_expression("order_no = :no")
            .expression_attribute_values(":no", string(order_no.as_str()));
        Ok(self.query_all(query).await?.iter().filter_map(OrderKey::read).collect())
    }

    /// The key of an order by its id alone, for admins and consumers. The order number follows from the id, so the same
    /// index serves both.
    ///
    /// # Errors
    /// [`Refusal::OrderNotFound`].
    pub async fn locate_order(&self, id: OrderId, shop: &Shop) -> Result<OrderKey, Failure> {
        let number = shop.order_no(id);
        let number_of_release_0_1 = Some(OrderNo::of(id, &TimeZone::UTC)).filter(|other| *other != number);
        for number in [Some(number), number_of_release_0_1].into_iter().flatten() {
            let keys = self.find_orders_by_number(&number).await?;
            if let Some(found) = keys.into_iter().find(|found| found.id == id) {
                return Ok(found);
            }
        }
        Err(Refusal::OrderNotFound.into())
    }

    /// A page of the orders in this status that match the filter `keep`, latest first: by deadline while they wait, by last
    /// change afterwards. Rows of the index that lag behind the order's status are left out. A page reads at most
    /// [`ORDERS_PER_PAGE_MAX`] orders: it may be short, and the next one continues.
    pub async fn search_orders_in(
        &self,
        status: OrderStatus,
        page: &PageQuery,
        now: Moment,
        keep: impl Fn(&Order) -> bool,
    ) -> Result<Page<Order>, Failure> {
        let mut lists = vec![status.as_str()];
        if status == OrderStatus::Reserved {
            lists.push(WITHOUT_DEADLINE);
        }
        let index = self.orders_in(lists);
        let (mut after, mut items, mut looked_at) = (page.cursor.clone(), Vec::new(), 0);
        loop {
            let request = PageRequest { limit: page.limit, after: after.as_deref(), months: LIST_MONTHS, now };
            let found = index.page(request, |id| OrderId::parse(id).is_some()).await?;
            looked_at += found.items.len();
            let keys: Vec<OrderKey> = found.items.iter().filter_map(OrderKey::read).collect();
            for order in self.load_orders(&keys).await? {
                if order.status != status || !keep(&order) {
                    continue;
                }
                items.push(order);
                let kept = items.last().map(|last: &Order| last.id);
                if items.len() == page.limit.get() {
                    let here = found.items.iter().find(|item| OrderKey::read(item).map(|key| key.id) == kept);
                    let is_last = found.next_cursor.is_none() && keys.last().map(|key| key.id) == kept;
                    let position = here.and_then(|item| text(item, "work_sk")).filter(|_| !is_last);
                    return Ok(Page { items, next_cursor: position.map(cursor::encode) });
                }
            }
            after = found.next_cursor;
            if after.is_none() || looked_at >= ORDERS_PER_PAGE_MAX {
                return Ok(Page { items, next_cursor: after });
            }
        }
    }

    /// A page of these orders, placed within this time, that match the filter `keep`, newest first. A page reads at most
    /// [`ORDERS_PER_PAGE_MAX`] orders: it may be short, and the next one continues.
    pub async fn search_placed_orders(
        &self,
        orders: &PlacedOrders,
        placed: &RangeInclusive<Moment>,
        page: &PageQuery,
        keep: impl Fn(&Order) -> bool,
    ) -> Result<Page<Order>, Failure> {
        let is_id = |text: &str| OrderId::parse(text).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_id)).transpose()?;
        let mut after = after.as_deref().and_then(OrderId::parse);
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            let keys = self.placed_before(orders, after, placed, page.limit.get()).await?;
            let is_end = keys.len() < page.limit.get();
            looked_at += keys.len();
            let last = keys.last().map(|key| key.id);
            for order in self.load_orders(&keys).await?.into_iter().filter(&keep) {
                let id = order.id;
                items.push(order);
                if items.len() == page.limit.get() {
                    let more = !is_end || last != Some(id);
                    return Ok(Page { items, next_cursor: more.then(|| cursor::encode(&id.to_string())) });
                }
            }
            after = last;
            if is_end || looked_at >= ORDERS_PER_PAGE_MAX {
                let next_cursor = after.filter(|_| !is_end).map(|id| cursor::encode(&id.to_string()));
                return Ok(Page { items, next_cursor });
            }
        }
    }

    /// The newest `most` of these orders that were placed within this time and before `after`.
    async fn placed_before(
        &self,
        orders: &PlacedOrders,
        after: Option<OrderId>,
        placed: &RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<OrderKey>, Failure> {
        let first = order_sk(OrderId::first_at(*placed.start()));
        let last = order_sk(after.unwrap_or_else(|| OrderId::first_at(*placed.end())));
        if last < first {
            return Ok(Vec::new());
        }
        let queries = orders.partitions.iter().map(|partition| {
            let query = self
                .query_of(&self.tables.orders)
                .index_name(orders.index)
                .key_condition_expression(format!("{} = :partition AND sk BETWEEN :first AND :last", orders.attribute))
                .expression_attribute_values(":partition", string(partition))
                .expression_attribute_values(":first", string(&first))
                .expression_attribute_values(":last", string(&last))
                .scan_index_forward(false)
                // The range includes `after`.
                .limit(i32::try_from(most + 1).unwrap_or(i32::MAX));
            self.query(query)
        });
        let pages = try_join_all(queries).await?;
        let mut keys: Vec<OrderKey> = pages.iter().flat_map(|page| &page.items).filter_map(OrderKey::read).collect();
        keys.retain(|key| Some(key.id) != after);
        keys.sort_by_key(|key| Reverse(key.id));
        keys.truncate(most);
        Ok(keys)
    }

    /// A page of a customer's orders that match the filter `keep`, newest first; like [`Store::search_orders_in`] it may be
    /// short.
    pub async fn search_orders_of(
        &self,
        customer: &CustomerId,
        page: &PageQuery,
        keep: impl Fn(&Order) -> bool,
    ) -> Result<Page<Order>, Failure> {
        let (mut next, mut items, mut looked_at) = (page.cursor.clone(), Vec::new(), 0);
        loop {
            let found = self.list_orders(customer, &page.from(next)).await?;
            looked_at += found.items.len();
            let last = found.items.last().map(|order| order.id);
            for order in found.items {
                if !keep(&order) {
                    continue;
                }
                let id = order.id;
                items.push(order);
                if items.len() == page.limit.get() {
                    let is_last = found.next_cursor.is_none() && last == Some(id);
                    let next_cursor = (!is_last).then(|| cursor::encode(&id.to_string()));
                    return Ok(Page { items, next_cursor });
                }
            }
            next = found.next_cursor;
            if next.is_none() || looked_at >= ORDERS_PER_PAGE_MAX {
                return Ok(Page { items, next_cursor: next });
            }
        }
    }
}
