//! Best sellers, written hourly so that every reader reads one item.

use crate::Store;
use crate::db::{number, string, text, update};
use contracts::Failure;
use contracts::rankings::BestSellersView;

const PK: &str = "BEST_SELLERS";
const SK: &str = "CURRENT";

impl Store {
    /// The best sellers as last written.
    pub async fn find_best_sellers(&self) -> Result<Option<BestSellersView>, Failure> {
        let Some(item) = self.get(&self.tables.rankings, PK, SK, false).await? else { return Ok(None) };
        // The JSON of the response.
        let view = text(&item, "view").ok_or_else(|| {
            Failure::broken("the best-sellers item has no attribute `view`; refresh_best_sellers writes it")
        })?;
        serde_json::from_str(view).map(Some).map_err(Failure::broken)
    }

    /// Writes the best sellers, unless later ones are there: a delayed tick must not restore older ones.
    pub async fn save_best_sellers(&self, view: &BestSellersView) -> Result<(), Failure> {
        let text = serde_json::to_string(view).map_err(Failure::broken)?;
        let save = update(&self.tables.rankings, PK, SK)
            .update_expression("SET #view = :view, as_of = :as_of")
            .condition_expression("attribute_not_exists(as_of) OR as_of <= :as_of")
            .expression_attribute_names("#view", "view")
            .expression_attribute_values(":view", string(text))
            .expression_attribute_values(":as_of", number(view.as_of.as_millisecond()));
        self.update_alone(save.build().map_err(Failure::broken)?).await.map(drop)
    }
}
