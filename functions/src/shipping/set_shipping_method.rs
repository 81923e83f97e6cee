//! `set_shipping_method`: PUT `/api/v1/admin/shipping-methods/{code}`. An admin adds or replaces a shipping method. Placed
//! orders keep its name and fee.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::shipping_methods::{SetShippingMethod, ShippingMethodView};
use domain::shipping_method::ShippingMethod;
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin adds or replaces a shipping method.")
    .routes(&[HttpRoute::put("/api/v1/admin/shipping-methods/{code}", Admin)])
    .grants(&[Grant::Table(Catalog, &[GetItem, PutItem, UpdateItem])]);

/// Reads the id and the body.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let method = request.json::<SetShippingMethod>()?.parse(request.path("code"), app.shop().charge_unit)?;
    Response::ok(&retry_on_stale_read(|| set_shipping_method(app, &method)).await?)
}

/// Writes the method. Environments that have cached the methods notice within seconds.
pub async fn set_shipping_method(app: &App, method: &ShippingMethod) -> Result<ShippingMethodView, Rejected> {
    let methods = app.store.load_shipping_methods().await?.set(method.clone())?;
    let mut tx = app.tx()?;
    tx.about("shipping_method", &method.code);
    tx.save_shipping_method(method, &methods)?;
    tx.commit().await?;
    Ok(ShippingMethodView::from(method))
}
