//! `list_shipping_methods`: GET /api/v1/shipping-methods. The shipping methods that customers can choose, from a cache that
//! is a few seconds old.

use crate::App;
use crate::manifest::prelude::*;
use contracts::page::PageQuery;
use contracts::shipping_methods::ShippingMethodView;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};
use store::shipping_methods::page_of;

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Lists the shipping methods that customers can choose.")
    .routes(&[HttpRoute::get("/api/v1/shipping-methods", Public).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Catalog, &[GetItem])]);

/// Reads the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    Response::page(&page, list_shipping_methods(app, &page).await?)
}

/// A page of the enabled methods.
pub async fn list_shipping_methods(app: &App, page: &PageQuery) -> Result<Page<ShippingMethodView>, Failure> {
    let methods = app.store.shown_shipping_methods(app.now()).await?;
    Ok(page_of(methods.enabled(), page)?.map(|method| ShippingMethodView::from(&method)))
}
