//! `set_profile`: PUT /api/v1/me. The customer replaces the saved addresses and the language. An order keeps a copy of its
//! address, so a later change does not affect it.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::profile::{ProfileView, SetProfile};
use domain::id::CustomerId;
use domain::profile::Profile;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer replaces the saved addresses and the language.")
    .routes(&[HttpRoute::put("/api/v1/me", Customer)])
    .grants(&[Grant::Table(Orders, &[UpdateItem])]);

/// Reads the caller and the body.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let profile = request.json::<SetProfile>()?.parse()?;
    Response::ok(&set_profile(app, &customer, &profile).await?)
}

/// Replaces the customer's saved data.
pub async fn set_profile(app: &App, customer: &CustomerId, profile: &Profile) -> Result<ProfileView, Failure> {
    let mut tx = app.tx()?;
    tx.save_profile(customer, profile)?;
    tx.commit().await?;
    Ok(ProfileView::new(customer, profile))
}
