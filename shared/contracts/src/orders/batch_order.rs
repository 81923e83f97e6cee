//! A row of a batch's list, and of orders as CSV.

use super::ContactView;
use domain::order::{Order, OrderStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An order of a batch, as it is packed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchOrderView {
    /// The order id.
    pub order_id: String,
    /// The order number: short, for reading aloud.
    pub order_no: String,
    /// The customer, by the `sub` claim of the user pool.
    pub customer_id: String,
    /// The contact data and delivery address; absent after they were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    /// The pieces in all lines.
    pub quantity: u32,
    /// The order's status.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OrderStatus))]
    pub status: String,
    /// The time of the payment; absent while the order is unpaid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
}

impl From<&Order> for BatchOrderView {
    fn from(order: &Order) -> Self {
        let paid = order.history.iter().rev().find(|step| step.status == OrderStatus::Paid);
        Self {
            order_id: order.id.to_string(),
            order_no: order.number.to_string(),
            customer_id: order.customer.to_string(),
            contact: order.contact.as_ref().map(ContactView::from),
            quantity: order.quantity(),
            status: order.status.as_str().to_owned(),
            paid_at: paid.map(|step| step.at),
        }
    }
}
