//! The number of orders of a batch at each stage.

use super::{Order, OrderStatus};

/// A number of orders, and of the pieces in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stage {
    /// Orders.
    pub orders: u64,
    /// The pieces in all lines of these orders.
    pub pieces: u64,
}

/// The number of orders that reached each stage. Stages are not exclusive: a shipped order was also reserved, asked to pay
/// and paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Orders that were ever reserved.
    pub reserved: Stage,
    /// Orders for which payment was requested.
    pub asked: Stage,
    /// Orders that were ever paid, also if they were refunded.
    pub paid: Stage,
    /// Orders that expired unpaid.
    pub expired: Stage,
    /// Orders that were canceled or could not be fulfilled.
    pub canceled: Stage,
    /// Orders that are shipped.
    pub shipped: Stage,
}

impl Stage {
    fn add(&mut self, order: &Order) {
        self.orders += 1;
        self.pieces += u64::from(order.quantity());
    }
}

impl Funnel {
    /// Counts an order at every stage that it reached.
    pub fn count(&mut self, order: &Order) {
        let reached = |status| order.history.iter().any(|step| step.status == status);
        let stages = [
            (true, &mut self.reserved),
            (reached(OrderStatus::PendingPayment), &mut self.asked),
            (reached(OrderStatus::Paid), &mut self.paid),
            (order.status == OrderStatus::Expired, &mut self.expired),
            (reached(OrderStatus::Failed) || has_been_canceled(order), &mut self.canceled),
            (order.shipment.is_some(), &mut self.shipped),
        ];
        for (_, stage) in stages.into_iter().filter(|(is_reached, _)| *is_reached) {
            stage.add(order);
        }
    }
}

/// Whether it was canceled, and not paid by late money afterwards.
fn has_been_canceled(order: &Order) -> bool {
    let last = |status| order.history.iter().rposition(|step| step.status == status);
    last(OrderStatus::Canceled).is_some_and(|canceled| last(OrderStatus::Paid).is_none_or(|paid| paid < canceled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Step;
    use crate::order::place::tests::placed;

    fn with(statuses: &[OrderStatus]) -> Order {
        let mut order = placed();
        order.history.extend(statuses.iter().map(|status| Step::new(*status, order.created_at, None)));
        order.status = statuses.last().copied().unwrap_or(order.status);
        order
    }

    #[test]
    fn an_order_is_counted_at_every_stage_that_it_reached() {
        use OrderStatus::{Canceled, Expired, Paid, PendingPayment, Refunded};
        let mut funnel = Funnel::default();
        for statuses in [
            &[][..],
            &[PendingPayment],
            &[PendingPayment, Paid],
            &[PendingPayment, Expired],
            &[PendingPayment, Paid, Canceled, Refunded],
            // Paid by late money.
            &[PendingPayment, Canceled, Paid],
        ] {
            funnel.count(&with(statuses));
        }
        let orders = [funnel.reserved, funnel.asked, funnel.paid, funnel.expired, funnel.canceled, funnel.shipped]
            .map(|stage| stage.orders);
        assert_eq!(orders, [6, 5, 3, 1, 1, 0]);
        assert_eq!(funnel.reserved.pieces, 6 * u64::from(placed().quantity()));
    }
}
