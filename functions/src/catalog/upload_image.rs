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
use serde::{Deserialize, Serialize};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin begins the upload of a product image with a pre-signed request.")
        .routes(&[HttpRoute::post("/api/v1/admin/products/{product_id}/images", Admin)])
        // The signed request has the permissions of the function that signs it.
        .grants(&[Grant::Table(Catalog, &[GetItem, PutItem]), Grant::Media(MediaAction::PutObject, "uploads")]);

/// The recorded answer: the image alone. Its signed request is valid for minutes and is a secret: every answer has a new
/// one.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    image_id: ImageId,
}

/// Reads the product and the declaration.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let declared = request.json::<UploadImage>()?.parse()?;
    let work = begin_upload(app, idempotency.as_ref(), product, declared.clone());
    let begun = app.idempotent_answer(idempotency.as_ref(), work).await?;
    let Begun { image_id } = serde_json::from_str(&begun.body).map_err(Failure::broken)?;
    let upload = app.media.sign_upload(image_id, &declared, app.now()).await?;
    let answer = Answer::new(begun.status, &ImageUploadView { image_id: image_id.to_string(), upload })?;
    Ok(Response::json(answer.status, answer.body))
}

/// Records the image, so that its file can always be found and deleted. The limit of images is checked again when the
/// upload is completed.
async fn begin_upload(
    app: &App,
    idempotency: Option<&Idempotency>,
    product: ProductId,
    declared: DeclaredImage,
) -> Result<Answer, Failure> {
    if app.store.load_product(product).await?.images.len() >= IMAGES_PER_PRODUCT_MAX {
        return Err(Refusal::ImageLimitReached.into());
    }
    let image_id = ImageId::new(app.new_id()?);
    let answer = Answer::new(201, &Begun { image_id })?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_unlisted_image(&UnlistedImage::begin(image_id, product, declared, app.now()))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
