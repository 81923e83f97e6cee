//! What sells.

pub mod count_sales;
pub mod get_best_sellers;
pub mod refresh_best_sellers;
