//! Searches of orders for admins.

use super::{LIST_MONTHS, ORDERS_PER_PAGE_MAX, WITHOUT_DEADLINE};
use crate::db::text;
use crate::due_index::PageRequest;
use crate::{OrderKey, Store, cursor};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::order::{Order, OrderStatus};

impl Store {
    /// A page of the orders in one of these statuses that `keep` keeps, latest first: by deadline while they wait, by last change
    /// afterwards. What the index still lists under a status that the order has left is left out. A page looks at
    /// [`ORDERS_PER_PAGE_MAX`] orders at the most: it may be short, and the next one goes on.
    pub async fn search_orders(
        &self,
        statuses: &[OrderStatus],
        page: &PageQuery,
        now: Moment,
        keep: impl Fn(&Order) -> bool,
    ) -> Result<Page<Order>, Failure> {
        let mut lists: Vec<&'static str> = statuses.iter().map(|status| status.as_str()).collect();
        if statuses.contains(&OrderStatus::Reserved) {
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
                if !statuses.contains(&order.status) || !keep(&order) {
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

    /// A page of a customer's orders that `keep` keeps, newest first; like [`Store::search_orders`] it may be short.
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
