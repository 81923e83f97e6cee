//! Bodies of the routes of product images.

use domain::Invalid;
use domain::id::ImageId;
use domain::image::{self, AltText, DeclaredImage, IMAGES_PER_PRODUCT_MAX, ImageFormat, ImagePlace, ProductImage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The folder of the served files, in the bucket and at the site's address.
pub const MEDIA: &str = "media";

/// The key of a served file in the bucket; after a slash it is its path at the site's address.
pub fn media_key(image_id: ImageId, format: ImageFormat) -> String {
    format!("{MEDIA}/{image_id}.{}", format.extension())
}

/// `POST /admin/products/{product_id}/images`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadImage {
    /// The media type of the file: `image/jpeg`, `image/png`, `image/webp` or `image/avif`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ImageType))]
    pub content_type: String,
    /// The exact size of the file, 1 to 5,242,880 bytes (5 MiB).
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5_242_880))]
    pub bytes: i64,
    /// The alternative text, for screen readers: 1 to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub alt: Option<String>,
}

impl UploadImage {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<DeclaredImage, Invalid> {
        let mut wrong = Invalid::default();
        let format = wrong.check(ImageFormat::parse("content_type", &self.content_type));
        let bytes = wrong.check(image::parse_bytes("bytes", self.bytes));
        let alt = self.alt.as_deref().and_then(|text| wrong.check(AltText::parse("alt", text)));
        let declared = format.zip(bytes).map(|(format, bytes)| DeclaredImage { format, bytes, alt });
        wrong.into_result(declared)
    }
}

/// `PUT /admin/products/{product_id}/images`: all images that the product keeps, in their order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArrangeImages {
    /// At most 10, each once. Images of the product that are not listed are removed.
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    #[serde(deserialize_with = "crate::object::objects")]
    pub images: Vec<ArrangedImage>,
}

/// An image at its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArrangedImage {
    /// The image.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub image_id: String,
    /// The alternative text: 1 to 200 characters. If it is absent, the image's text is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub alt: Option<String>,
}

impl ArrangeImages {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<Vec<ImagePlace>, Invalid> {
        let mut wrong = Invalid::default();
        if self.images.len() > IMAGES_PER_PRODUCT_MAX {
            wrong.note("images", format!("must have at most {IMAGES_PER_PRODUCT_MAX} images"));
        }
        let mut places: Vec<ImagePlace> = Vec::new();
        for (n, image) in self.images.iter().take(IMAGES_PER_PRODUCT_MAX).enumerate() {
            let field = format!("images[{n}].image_id");
            let image_id = ImageId::parse(&image.image_id);
            if image_id.is_none() {
                wrong.note(&field, "must be the id of an image");
            }
            if places.iter().any(|place| Some(place.image_id) == image_id) {
                wrong.note(&field, "must be listed once");
            }
            let alt = image.alt.as_deref();
            let alt = alt.and_then(|text| wrong.check(AltText::parse(&format!("images[{n}].alt"), text)));
            places.extend(image_id.map(|image_id| ImagePlace { image_id, alt }));
        }
        wrong.into_result(Some(places))
    }
}

/// An image whose file can be uploaded now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageUploadView {
    /// The image. It is listed once its upload is completed.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub image_id: String,
    /// The pre-signed request that uploads the file.
    pub upload: UploadView,
}

/// A pre-signed request, to be sent with the file as its body. The storage refuses any other length, type or URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadView {
    /// The address.
    pub url: String,
    /// `PUT`.
    pub method: String,
    /// Headers that must be sent unchanged. `content-length` is the file's length, which a browser sets by itself.
    pub headers: BTreeMap<String, String>,
    /// The time after which the storage refuses the upload.
    pub expires_at: Timestamp,
}

/// An image of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageView {
    /// The image.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub image_id: String,
    /// The absolute path on the site's host, below `/media/`. The content behind a path never changes.
    pub url: String,
    /// The alternative text, for screen readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// The width in pixels, as the file's header says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height in pixels, as the file's header says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl From<&ProductImage> for ImageView {
    fn from(image: &ProductImage) -> Self {
        Self {
            image_id: image.image_id.to_string(),
            url: format!("/{}", media_key(image.image_id, image.format)),
            alt: image.alt.as_ref().map(ToString::to_string),
            width: Some(image.width),
            height: Some(image.height),
        }
    }
}
