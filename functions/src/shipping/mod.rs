//! Shipping: scheduling, which an external system may do, and parcels.

pub mod schedule_shipping;
pub mod ship_order;
pub mod ship_orders;
