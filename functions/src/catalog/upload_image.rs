//! `upload_image`: POST `/api/v1/admin/products/{product_id}/images`. An admin requests the upload of an image.
//!
//! The response has a pre-signed request that puts the file into the bucket. `complete_image` then adds the file to the
//! product, or `delete_images` deletes it (docs/decisions/0019).

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::images::{ImageUploadView, UploadImage};
use domain::Refusal;
use domain::id::{ImageId, ProductId};
use domain::image::{DeclaredImage, IMAGES_PER_PRODUCT_MAX, UnlistedImage};
use runtime::http::{Request, Response};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin begins the upload of a product image with a pre-signed request.")
        .routes(&[HttpRoute::post("/api/v1/admin/products/{product_id}/images", Admin)])
        // The signed request has the permissions of the function that signs it.
        .grants(&[Grant::Table(Catalog, &[GetItem, PutItem]), Grant::Media(MediaAction::PutObject, "uploads")]);

/// Reads the product and the declaration.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let declared = request.json::<UploadImage>()?.parse()?;
    let work = upload_image(app, idempotency.as_ref(), product, declared);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Records the image, so that its file can always be found and deleted. The limit of images is checked again when the
/// upload is completed.
pub async fn upload_image(
    app: &App,
    idempotency: Option<&Idempotency>,
    product: ProductId,
    declared: DeclaredImage,
) -> Result<Answer, Failure> {
    if app.store.load_product(product).await?.images.len() >= IMAGES_PER_PRODUCT_MAX {
        return Err(Refusal::ImageLimitReached.into());
    }
    let (id, now) = (ImageId::new(app.new_id()?), app.now());
    let upload = app.media.sign_upload(id, &declared, now).await?;
    let answer = Answer::new(201, &ImageUploadView { image_id: id.to_string(), upload })?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_unlisted_image(&UnlistedImage::begin(id, product, declared, now))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
