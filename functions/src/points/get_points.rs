//! `get_points`: GET /api/v1/points. What a customer has.

use crate::App;
use contracts::Failure;
use contracts::points::PointsView;
use runtime::http::{Request, Response};

/// Who.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let wallet = app.store.load_wallet(&request.customer()?).await?;
    Response::ok(&PointsView::new(&wallet, app.shop().currency))
}
