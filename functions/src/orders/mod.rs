//! Orders, from the cart to the end.

pub(crate) mod allocation;
pub mod cancel_order;
pub mod change_contact;
pub mod complete_order;
pub mod expire_orders;
pub mod get_order;
pub mod inspect_order;
pub mod list_orders;
pub mod place_order;
pub mod quote_order;
pub mod reserve_order;
pub mod search_orders;
pub(crate) mod unfulfilled;
