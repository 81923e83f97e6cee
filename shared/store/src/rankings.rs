//! Best sellers, written down hourly so that everyone who looks reads one item.

use crate::Store;
use crate::db::{number, string, text, update};
use contracts::Failure;
use contracts::rankings::BestSellersView;

const PK: &str = "BEST_SELLERS";
const SK: &str = "CURRENT";

impl Store {
    /// The best sellers as they were last written down.
    pub async fn find_best_sellers(&self) -> Result<Option<BestSellersView>, Failure> {
        let Some(item) = self.get(&self.tables.rankings, PK, SK, false).await? else { return Ok(None) };
        // JSON, as it is shown.
        let view = text(&item, "view").ok_or_else(|| Failure::broken("best sellers without a view"))?;
        serde_json::from_str(view).map(Some).map_err(Failure::broken)
    }

    /// Writes the best sellers down, unless later ones are: a tick that comes again late must not bring back yesterday's.
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
