//! What the shop keeps about its customers.

pub mod export_my_data;
pub mod get_profile;
pub mod set_profile;
