//! `get_points`: GET /api/v1/points. A customer's balance.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::points::PointsView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns a customer's balance of points.")
    .routes(&[HttpRoute::get("/api/v1/points", Customer)])
    .grants(&[Grant::Table(Wallets, &[GetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let wallet = app.store.load_wallet(&request.customer()?).await?;
    Response::ok(&PointsView::new(&wallet, app.shop().currency))
}
