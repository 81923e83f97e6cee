//! Sales counts, daily sales and best sellers.

pub mod count_sales;
pub mod get_best_sellers;
pub mod list_daily_sales;
pub mod record_daily_sales;
pub mod refresh_best_sellers;
