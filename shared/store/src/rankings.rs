//! Best sellers, written down hourly so that everyone who looks reads one item.

use crate::Store;
use crate::db::from_item;
use contracts::Failure;
use contracts::rankings::BestSellersView;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct BestSellersItem {
    pk: String,
    sk: String,
    /// JSON, as it is shown.
    view: String,
}

const PK: &str = "BEST_SELLERS";
const SK: &str = "CURRENT";

impl Store {
    /// The best sellers as they were last written down.
    pub async fn find_best_sellers(&self) -> Result<Option<BestSellersView>, Failure> {
        let Some(item) = self.get(&self.tables.rankings, PK, SK, false).await? else { return Ok(None) };
        let item: BestSellersItem = from_item(item)?;
        serde_json::from_str(&item.view).map(Some).map_err(Failure::broken)
    }

    /// Writes the best sellers down.
    pub async fn save_best_sellers(&self, view: &BestSellersView) -> Result<(), Failure> {
        let view = serde_json::to_string(view).map_err(Failure::broken)?;
        self.put_alone(&self.tables.rankings, &BestSellersItem { pk: PK.to_owned(), sk: SK.to_owned(), view }).await
    }
}
