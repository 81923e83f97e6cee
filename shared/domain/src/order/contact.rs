//! The contact data of an order: its correction, and its end.

use super::{Actor, Order, OrderStatus};
use crate::contact::ContactChange;
use crate::shipping_method::{OrderShipping, ShippingKind};
use crate::{Moment, Refusal};

impl Order {
    /// The order with corrected contact data, whose hashes are not computed yet. A customer can correct it until the order
    /// waits to be shipped, an admin until it is shipped.
    ///
    /// # Errors
    /// [`Refusal::ContactNotChangeable`] when it is shipped, has ended, or is out of the customer's hands.
    pub fn change_contact(self, by: &Actor, change: ContactChange, now: Moment) -> Result<Self, Refusal> {
        use OrderStatus::{Created, Paid, PendingPayment, Reserved, ShippingScheduled};
        let may = match self.status {
            Created | Reserved | PendingPayment | Paid => true,
            ShippingScheduled => *by != Actor::Customer,
            _ => false,
        };
        if !may || self.shipment.is_some() {
            return Err(Refusal::ContactNotChangeable);
        }
        let contact = self.contact.as_ref().ok_or(Refusal::ContactNotChangeable)?.changed(change);
        Ok(Self { contact: Some(contact), contact_hashes: None, version: self.version + 1, updated_at: now, ..self })
    }

    /// The shipping whose fee has to cover the new address when a customer changes it. `None` if no fee depends on the
    /// address. An admin may choose any address, and settles the difference with the customer.
    pub fn shipping_to_check(&self, by: &Actor, change: &ContactChange) -> Option<&OrderShipping> {
        let moves = self.contact.as_ref().is_some_and(|contact| change.moves(contact));
        let shipping = self.shipping.as_ref().filter(|shipping| shipping.kind != ShippingKind::Pickup);
        shipping.filter(|_| moves && *by == Actor::Customer)
    }

    /// Whether the order is open: it has not ended, or a refund is pending.
    pub fn is_open(&self) -> bool {
        match self.status {
            OrderStatus::Expired | OrderStatus::Completed | OrderStatus::Refunded => false,
            OrderStatus::Canceled | OrderStatus::Failed => self.payment.is_some() && self.refunded < self.total(),
            _ => true,
        }
    }

    /// The ended order without its contact data.
    ///
    /// # Errors
    /// [`Refusal::CustomerHasOpenOrders`] while it is open.
    pub fn erase_contact(self, now: Moment) -> Result<Self, Refusal> {
        if self.is_open() {
            return Err(Refusal::CustomerHasOpenOrders);
        }
        Ok(Self { contact: None, contact_hashes: None, version: self.version + 1, updated_at: now, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::place::tests::{placed, placement};
    use crate::order::tests::{admin, later, pay};
    use crate::shipment::{Shipment, Way};
    use crate::text::Line;

    fn new_address() -> ContactChange {
        let raw = crate::contact::RawContactChange { shipping_address: Some("2 Main St"), ..Default::default() };
        ContactChange::parse(raw).unwrap()
    }

    #[test]
    fn a_customer_corrects_the_address_until_the_order_waits_to_be_shipped_and_an_admin_until_it_is() {
        let paid = pay(placed(), placement().now).unwrap();
        let scheduled = paid.clone().schedule_shipping(later()).unwrap();
        for order in [placed(), paid] {
            let version = order.version;
            let changed = order.change_contact(&Actor::Customer, new_address(), later()).unwrap();
            assert_eq!(changed.contact.as_ref().unwrap().shipping_address.as_str(), "2 Main St");
            assert_eq!(
                (changed.contact.as_ref().unwrap().phone.as_str(), changed.version),
                (placed().contact.unwrap().phone.as_str(), version + 1)
            );
        }
        let refused = Err(Refusal::ContactNotChangeable);
        assert_eq!(scheduled.clone().change_contact(&Actor::Customer, new_address(), later()), refused);
        assert!(scheduled.clone().change_contact(&admin(), new_address(), later()).is_ok());
        let way = Way::Pickup { pickup_info: Line::parse("pickup_info", "At the shop").unwrap() };
        let shipped = scheduled.ship(Shipment { way, shipped_at: later() }, later()).unwrap();
        assert_eq!(shipped.change_contact(&admin(), new_address(), later()), refused);
        let canceled = placed().cancel(&Actor::Customer, None, later()).unwrap();
        assert_eq!(canceled.change_contact(&admin(), new_address(), later()), refused);
    }

    #[test]
    fn contact_data_is_erased_once_nothing_is_left_to_happen() {
        let now = placement().now;
        assert_eq!(placed().erase_contact(now), Err(Refusal::CustomerHasOpenOrders));
        let paid = pay(placed(), now).unwrap();
        assert!(paid.is_open());
        let canceled = paid.cancel(&admin(), None, now).unwrap();
        assert!(canceled.is_open(), "its money is still to go back");
        let refunded = canceled.clone().give_back(canceled.total(), now);
        let erased = refunded.clone().erase_contact(now).unwrap();
        assert_eq!((erased.contact, erased.version), (None, refunded.version + 1));
        assert!(placed().cancel(&Actor::Customer, None, now).unwrap().erase_contact(now).is_ok());
    }
}
