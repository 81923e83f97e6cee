//! `set_profile`: PUT /api/v1/me. The customer saves addresses and the language. Orders copy an address, so that a later
//! change never touches them.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::profile::{ProfileView, SetProfile};
use domain::id::CustomerId;
use domain::profile::Profile;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "The customer saves addresses and the language.")
    .routes(&[HttpRoute::put("/api/v1/me", Customer)])
    .grants(&[Grant::Table(Orders, &[UpdateItem])]);

/// Reads the caller and the body.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let profile = request.json::<SetProfile>()?.parse()?;
    Response::ok(&set_profile(app, &customer, &profile).await?)
}

/// Replaces what the customer has saved.
pub async fn set_profile(app: &App, customer: &CustomerId, profile: &Profile) -> Result<ProfileView, Failure> {
    let mut tx = app.tx()?;
    tx.save_profile(customer, profile)?;
    tx.commit().await?;
    Ok(ProfileView::new(customer, profile))
}
