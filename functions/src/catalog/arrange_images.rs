//! `arrange_images`: PUT `/api/v1/admin/products/{product_id}/images`. An admin orders, describes and removes the images of
//! a product.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{ProductView, VariantView};
use contracts::images::ArrangeImages;
use domain::Refusal;
use domain::catalog::Product;
use domain::id::ProductId;
use domain::image::{self, ImagePlace, UnlistedImage};
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin orders, describes and removes the images of a product.")
        .routes(&[HttpRoute::put("/api/v1/admin/products/{product_id}/images", Admin)])
        .grants(&[Grant::Table(Catalog, &[PutItem, Query, UpdateItem]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the product and its images.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let places = request.json::<ArrangeImages>()?.parse()?;
    Response::ok(&retry_on_stale_read(|| arrange_images(app, product, &places)).await?)
}

/// Writes the images. The files of removed images stay for a day, because pages and caches still show them.
pub async fn arrange_images(app: &App, id: ProductId, places: &[ImagePlace]) -> Result<ProductView, Rejected> {
    let (product, variants) = app.store.find_product(id).await?.ok_or(Refusal::ProductNotFound)?;
    let (images, now) = (image::arrange(&product.images, places)?, app.now());
    let mut tx = app.tx()?;
    tx.save_images(&product, &images)?;
    let is_kept = |image_id| places.iter().any(|place| place.image_id == image_id);
    for removed in product.images.iter().filter(|image| !is_kept(image.image_id)) {
        tx.insert_unlisted_image(&UnlistedImage::removed(id, removed, now))?;
    }
    let listing = (Product { images, updated_at: now, ..product }, variants);
    let view = super::view(app, &[listing], VariantView::for_admins).await?.pop().ok_or(Refusal::ProductNotFound)?;
    tx.commit().await?;
    Ok(view)
}
