//! Shipping: methods and their fees, scheduling, which an external system may do, and parcels.

pub mod list_all_shipping_methods;
pub mod list_shipping_methods;
pub mod schedule_shipping;
pub mod set_shipping_method;
pub mod ship_order;
pub mod ship_orders;
