//! Orders from cart to end.

pub mod cancel_order;
pub mod complete_order;
pub mod expire_orders;
pub mod get_order;
mod goods;
pub mod list_orders;
pub mod place_order;
pub mod reserve_order;
pub mod search_orders;
