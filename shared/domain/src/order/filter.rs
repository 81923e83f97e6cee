//! The filter of the admins' search for orders.

use super::{Order, OrderKind, OrderNo, OrderStatus};
use crate::Moment;
use crate::id::{CustomerId, OrderId, ProductId, SellWindowId};
use crate::shop::Shop;
use jiff::civil::Date;
use std::ops::RangeInclusive;

/// A filter for orders. An order matches if it meets every condition that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub id: Option<OrderId>,
    pub number: Option<OrderNo>,
    pub status: Option<OrderStatus>,
    pub kind: Option<OrderKind>,
    /// The sell window of a preorder.
    pub window: Option<SellWindowId>,
    /// A product in one of its lines.
    pub product: Option<ProductId>,
    pub customer: Option<CustomerId>,
    /// A phone number, E.164.
    pub phone: Option<String>,
    /// An e-mail address; its case does not matter.
    pub email: Option<String>,
    /// The first of the shop's days on which it was placed.
    pub created_from: Option<Date>,
    /// The last of these days.
    pub created_to: Option<Date>,
}

impl OrderFilter {
    /// The range of time in which matching orders were placed.
    pub fn placed(&self, shop: &Shop) -> RangeInclusive<Moment> {
        let start = self.created_from.map_or(Moment::UNIX_EPOCH, |first| shop.day_start(first));
        let next_day = self.created_to.and_then(|last| last.tomorrow().ok());
        start..=next_day.map_or(Moment::MAX, |day| shop.day_start(day))
    }

    /// Whether the order meets the filter.
    pub fn matches(&self, order: &Order, shop: &Shop) -> bool {
        let day = shop.day(order.created_at);
        self.id.is_none_or(|id| order.id == id)
            && self.number.as_ref().is_none_or(|number| order.number == *number)
            && self.status.is_none_or(|status| order.status == status)
            && self.kind.is_none_or(|kind| order.kind == kind)
            && self.window.is_none_or(|window| order.window == Some(window))
            && self.product.is_none_or(|product| order.lines.iter().any(|line| line.variant.product() == product))
            && self.customer.as_ref().is_none_or(|customer| order.customer == *customer)
            && self
                .phone
                .as_ref()
                .is_none_or(|phone| order.contact.as_ref().is_some_and(|contact| contact.phone == *phone))
            && self.email.as_ref().is_none_or(|email| {
                order.contact.as_ref().is_some_and(|contact| contact.email.eq_ignore_ascii_case(email))
            })
            && self.created_from.is_none_or(|first| day >= first)
            && self.created_to.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::place::tests::placed;
    use crate::shop::tests::shop;

    #[test]
    fn an_order_must_be_everything_that_is_said() {
        let order = placed();
        let day = shop().day(order.created_at);
        let (before, after) = (day.yesterday().unwrap(), day.tomorrow().unwrap());
        let all = OrderFilter {
            id: Some(order.id),
            number: Some(order.number.clone()),
            status: Some(order.status),
            kind: Some(order.kind),
            window: order.window,
            product: Some(order.lines[0].variant.product()),
            customer: Some(order.customer.clone()),
            phone: order.contact.as_ref().map(|contact| contact.phone.clone()),
            email: order.contact.as_ref().map(|contact| contact.email.to_uppercase()),
            created_from: Some(day),
            created_to: Some(day),
        };
        assert!(OrderFilter::default().matches(&order, &shop()) && all.matches(&order, &shop()));
        let others = [
            OrderFilter { id: Some(OrderId::new(uuid::Uuid::max())), ..all.clone() },
            OrderFilter { number: Some(shop().order_no(OrderId::new(uuid::Uuid::max()))), ..all.clone() },
            OrderFilter { status: Some(OrderStatus::Failed), ..all.clone() },
            OrderFilter { kind: Some(OrderKind::Preorder), ..all.clone() },
            OrderFilter { window: Some(SellWindowId::new(uuid::Uuid::max())), ..all.clone() },
            OrderFilter { product: Some(ProductId::new(uuid::Uuid::max())), ..all.clone() },
            OrderFilter { customer: CustomerId::parse("somebody-else"), ..all.clone() },
            OrderFilter { phone: Some("+886912000999".to_owned()), ..all.clone() },
            OrderFilter { email: Some("other@example.com".to_owned()), ..all.clone() },
            OrderFilter { created_from: Some(after), ..all.clone() },
            OrderFilter { created_to: Some(before), ..all },
        ];
        for other in others {
            assert!(!other.matches(&order, &shop()), "{other:?}");
        }
    }
}
