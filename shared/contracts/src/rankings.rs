//! Bodies of the ranking routes.

use crate::images::ImageView;
use domain::daily_sales::DailySale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /products/best-sellers`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BestSellersView {
    /// The first shop day that is counted.
    pub from: jiff::civil::Date,
    /// The last shop day that is counted.
    pub to: jiff::civil::Date,
    /// The time of the count.
    pub as_of: Timestamp,
    /// In order of rank.
    pub items: Vec<BestSellerView>,
}

/// One best seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BestSellerView {
    /// The rank, from 1.
    pub rank: usize,
    /// The product.
    pub product_id: String,
    /// The name.
    pub name: String,
    /// The product's first image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageView>,
    /// The price of the cheapest variant on sale, in the currency's minor unit.
    pub price_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
    /// Pieces sold, net of refunds.
    pub sold_qty: i64,
}

/// `GET /admin/daily-sales`: the sales of a product on one shop day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailySaleView {
    /// The shop day.
    pub day: jiff::civil::Date,
    /// The product.
    pub product_id: String,
    /// Pieces sold, net of refunds.
    pub sold_qty: i64,
    /// The time at which the record was written or last corrected.
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
