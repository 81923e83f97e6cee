//! `complete_image`: POST `/api/v1/admin/products/{product_id}/images/{image_id}/complete`. Checks an uploaded file and
//! adds it to its product.
//!
//! Safe to repeat: an image that the product already lists does not change.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{ProductView, VariantView};
use domain::catalog::Product;
use domain::id::{ImageId, ProductId};
use domain::image::{self, ProductImage};
use domain::{Moment, Refusal};
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Checks an uploaded image and adds it to its product.")
    .routes(&[HttpRoute::post("/api/v1/admin/products/{product_id}/images/{image_id}/complete", Admin)])
    .timeout_seconds(20, "two transfers of 5 MiB on a fifth of a vCPU")
    .grants(&[
        Grant::Table(Catalog, &[DeleteItem, GetItem, PutItem, Query, UpdateItem]),
        Grant::Table(Counters, &[BatchGetItem]),
        Grant::Media(MediaAction::GetObject, "uploads"),
        Grant::Media(MediaAction::PutObject, "media"),
    ]);

/// Reads product and image.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let image = ImageId::parse(request.path("image_id")).ok_or(Refusal::ImageNotFound)?;
    let now = app.now();
    let work = retry_on_stale_read(|| complete_image(app, idempotency.as_ref(), (product, image), now));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Copies exactly the bytes that were checked, because the signed request could replace the uploaded file meanwhile. If the
/// transaction is not committed, `delete_images` deletes the copy.
pub async fn complete_image(
    app: &App,
    idempotency: Option<&Idempotency>,
    (product, image): (ProductId, ImageId),
    now: Moment,
) -> Result<Answer, Rejected> {
    let (product, variants) = app.store.find_product(product).await?.ok_or(Refusal::ProductNotFound)?;
    let is_listed = product.images.iter().any(|listed| listed.image_id == image);
    if let Some(key) = idempotency.filter(|_| is_listed)
        && let Some(first) = app.store.find_answer(key, now).await?
    {
        return Ok(first);
    }
    let images = if is_listed { product.images.clone() } else { publish(app, &product, image, now).await? };
    let listing = (Product { images: images.clone(), updated_at: now, ..product.clone() }, variants);
    let view: ProductView =
        super::view(app, &[listing], VariantView::for_admins).await?.pop().ok_or(Refusal::ProductNotFound)?;
    let answer = Answer::new(200, &view)?;
    if is_listed {
        return Ok(answer);
    }
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_images(&product, &images)?;
    tx.remove_unlisted_image(image)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// Checks the file, writes it to the public folder, and returns the product's images including it.
async fn publish(app: &App, product: &Product, image: ImageId, now: Moment) -> Result<Vec<ProductImage>, Failure> {
    let unlisted = app.store.find_unlisted_image(image).await?.ok_or(Refusal::ImageNotFound)?;
    let declared = unlisted.completable(product.id, now)?;
    let file = app.media.read_upload(image).await?.ok_or(Refusal::ImageNotUploaded)?;
    let images = image::append(&product.images, image::check(image, declared, &file)?)?;
    app.media.publish(image, declared.format, file).await?;
    Ok(images)
}
