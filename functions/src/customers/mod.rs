//! What customers save for their next orders.

pub mod get_profile;
pub mod set_profile;
