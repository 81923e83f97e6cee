//! Customers: their accounts, and what the shop keeps about them.

pub mod erase_customer;
pub mod export_my_data;
pub mod get_profile;
pub mod inspect_customer;
pub mod list_customers;
pub mod set_profile;
