//! Bodies of the rankings' routes.

use domain::daily_sales::DailySale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /products/best-sellers`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BestSellersView {
    /// The first shop day that is counted.
    pub from: jiff::civil::Date,
    /// The last one.
    pub to: jiff::civil::Date,
    /// When it was counted.
    pub as_of: Timestamp,
    /// The best sellers, first rank first.
    pub items: Vec<BestSellerView>,
}

/// One best seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BestSellerView {
    /// From 1.
    pub rank: usize,
    /// Which product.
    pub product_id: String,
    /// Its name.
    pub name: String,
    /// The price of its cheapest variant on sale, in the currency's minor unit.
    pub price_cents: i64,
    /// The currency.
    pub currency: String,
    /// Pieces sold, net of refunds.
    pub sold_qty: i64,
}

/// `GET /admin/daily-sales`: what was sold of a product on a shop day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailySaleView {
    /// The shop day.
    pub day: jiff::civil::Date,
    /// Which product.
    pub product_id: String,
    /// Pieces sold, net of refunds; 0 when all were given back.
    pub sold_qty: i64,
    /// When it was written down, or corrected last.
    pub recorded_at: Timestamp,
}

impl From<&DailySale> for DailySaleView {
    fn from(sale: &DailySale) -> Self {
        Self {
            day: sale.day,
            product_id: sale.sold.product.to_string(),
            sold_qty: sale.sold.quantity,
            recorded_at: sale.recorded_at,
        }
    }
}
