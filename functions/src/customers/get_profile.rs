//! `get_profile`: GET /api/v1/me. The customer's saved addresses and language.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::profile::ProfileView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns a customer's saved addresses and language.")
    .routes(&[HttpRoute::get("/api/v1/me", Customer)])
    .grants(&[Grant::Table(Orders, &[GetItem])]);

/// Reads the caller.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let profile = app.store.load_profile(&customer).await?;
    Response::ok(&ProfileView::new(&customer, &profile))
}
