//! `get_work_order`: GET `/api/v1/admin/work-orders/{work_order_id}`. One work order, with the names of its product and
//! window.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::production::{NamedWorkOrderView, WorkOrderView};
use domain::id::WorkOrderId;
use futures_util::future::try_join3;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns a work order with the names of its product and sell window.")
        .routes(&[HttpRoute::get("/api/v1/admin/work-orders/{work_order_id}", Admin)])
        .grants(&[Grant::Table(Production, &[GetItem]), Grant::Table(Catalog, &[BatchGetItem, Query])]);

/// Reads the work order's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = super::named(&request)?;
    Response::ok(&get_work_order(app, id).await?)
}

/// The work order, its product and its window.
pub async fn get_work_order(app: &App, id: WorkOrderId) -> Result<NamedWorkOrderView, Failure> {
    let offer = id.offer();
    let order = app.store.load_work_order(id);
    let products = app.store.product_heads([offer.product]);
    let window = async {
        match app.store.load_window(offer.window).await {
            Ok((window, _)) => Ok(Some(window)),
            Err(Failure::Refused(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    };
    let (order, products, window) = try_join3(order, products, window).await?;
    Ok(NamedWorkOrderView {
        work_order: WorkOrderView::from(&order),
        product_name: products.first().map(|product| product.name.to_string()).unwrap_or_default(),
        window_name: window.map(|window| window.name.to_string()).unwrap_or_default(),
    })
}
