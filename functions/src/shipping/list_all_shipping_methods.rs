//! `list_all_shipping_methods`: GET /api/v1/admin/shipping-methods. Every shipping method, disabled ones included.

use crate::App;
use crate::manifest::prelude::*;
use contracts::page::PageQuery;
use contracts::shipping_methods::ShippingMethodView;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};
use store::shipping_methods::page_of;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists all shipping methods, disabled ones included.")
    .routes(&[HttpRoute::get("/api/v1/admin/shipping-methods", Admin).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Catalog, &[GetItem])]);

/// Reads the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    Response::page(&page, list_all_shipping_methods(app, &page).await?)
}

/// A page of all methods.
pub async fn list_all_shipping_methods(app: &App, page: &PageQuery) -> Result<Page<ShippingMethodView>, Failure> {
    let methods = app.store.load_shipping_methods().await?;
    Ok(page_of(methods.all().iter(), page)?.map(|method| ShippingMethodView::from(&method)))
}
