//! Money: paying an order, and giving it back.

pub mod get_payment;
pub mod pay_order;
pub mod refund_payment;
