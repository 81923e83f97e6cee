//! Getting the goods to the customer: scheduling, which another system may take over, and shipping.

pub mod schedule_shipping;
pub mod ship_order;
