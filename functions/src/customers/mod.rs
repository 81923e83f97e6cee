//! What the shop keeps about a customer.

pub mod export_my_data;
