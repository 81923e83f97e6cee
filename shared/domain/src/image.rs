//! Product images: what may be uploaded, what an uploaded file is, and the order of a product's images.
//!
//! A file is known by its bytes alone: neither its name nor what the uploader declared is believed.

use crate::id::{ImageId, ProductId};
use crate::text::Line;
use crate::{Invalid, Moment, Refusal};
use imagesize::{Compression, ImageType};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// The maximum number of images of a product.
pub const IMAGES_PER_PRODUCT_MAX: usize = 10;
/// The maximum size of a file, in bytes: 5 MiB.
pub const IMAGE_BYTES_MAX: u32 = 5 * 1024 * 1024;
/// The maximum of width × height: a browser needs 4 bytes of memory for each pixel, however small the file is.
pub const IMAGE_PIXELS_MAX: u64 = 25_000_000;
/// The time after the request within which the upload of a file can begin.
pub const UPLOAD_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The time after the request within which an upload can be completed. Later, its file is deleted.
const COMPLETE_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// The time for which a file that no product lists is kept: longer than [`COMPLETE_WITHIN`], and than any running function
/// that uses it.
const KEEP_UNLISTED: SignedDuration = SignedDuration::from_hours(24);

const _: () = assert!(COMPLETE_WITHIN.as_secs() > UPLOAD_WITHIN.as_secs());
const _: () = assert!(KEEP_UNLISTED.as_secs() >= 2 * COMPLETE_WITHIN.as_secs());

/// An alternative text, for screen readers.
pub type AltText = Line<200>;

/// A format that browsers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImageFormat {
    Jpeg,
    Png,
    Webp,
    Avif,
}

impl ImageFormat {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// The file name's extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Avif => "avif",
        }
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not the media type of one of the formats.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL.iter().copied().find(|format| format.content_type() == text).ok_or_else(|| {
            let types: Vec<&str> = Self::ALL.iter().map(|format| format.content_type()).collect();
            Invalid::field(field, format!("must be one of {}", types.join(", ")))
        })
    }

    /// The format, by the first bytes of a file.
    fn of(file: &[u8]) -> Option<Self> {
        match imagesize::image_type(file).ok()? {
            ImageType::Jpeg => Some(Self::Jpeg),
            ImageType::Png => Some(Self::Png),
            ImageType::Webp => Some(Self::Webp),
            ImageType::Heif(Compression::Av1) => Some(Self::Avif),
            _ => None,
        }
    }
}

/// Parses the size of a file.
///
/// # Errors
/// [`Invalid`] for `field` when it is not from 1 to [`IMAGE_BYTES_MAX`].
pub fn parse_bytes(field: &str, bytes: i64) -> Result<u32, Invalid> {
    u32::try_from(bytes)
        .ok()
        .filter(|bytes| (1..=IMAGE_BYTES_MAX).contains(bytes))
        .ok_or_else(|| Invalid::field(field, format!("must be a whole number from 1 to {IMAGE_BYTES_MAX}")))
}

/// The declared format and size of an image to upload. The upload's signature enforces them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredImage {
    pub format: ImageFormat,
    /// The size of the file.
    pub bytes: u32,
    pub alt: Option<AltText>,
}

/// An image of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductImage {
    pub image_id: ImageId,
    pub format: ImageFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<AltText>,
    /// In pixels, as the file's header says.
    pub width: u32,
    pub height: u32,
}

/// An image's place and text, as an admin arranges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePlace {
    pub image_id: ImageId,
    pub alt: Option<AltText>,
}

/// A file that no product lists: an upload that is not completed yet, or an image that was removed. It is deleted later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedImage {
    pub image_id: ImageId,
    pub product: ProductId,
    pub format: ImageFormat,
    /// The declaration; `None` for an image that was removed, because no upload can list it again.
    pub declared: Option<DeclaredImage>,
    pub since: Moment,
}

impl UnlistedImage {
    /// A new upload.
    pub const fn begin(image_id: ImageId, product: ProductId, declared: DeclaredImage, now: Moment) -> Self {
        Self { image_id, product, format: declared.format, declared: Some(declared), since: now }
    }

    /// An image that was removed from its product.
    pub const fn removed(product: ProductId, image: &ProductImage, now: Moment) -> Self {
        Self { image_id: image.image_id, product, format: image.format, declared: None, since: now }
    }

    /// The declaration of an upload for this product that can still be completed.
    ///
    /// # Errors
    /// [`Refusal::ImageNotFound`].
    pub fn completable(&self, product: ProductId, now: Moment) -> Result<&DeclaredImage, Refusal> {
        let is_in_time = now.duration_since(self.since) <= COMPLETE_WITHIN;
        self.declared.as_ref().filter(|_| is_in_time && self.product == product).ok_or(Refusal::ImageNotFound)
    }

    /// Whether the file can be deleted.
    pub fn is_due(&self, now: Moment) -> bool {
        now.duration_since(self.since) >= KEEP_UNLISTED
    }
}

/// Checks an uploaded file, and returns its image.
///
/// # Errors
/// [`Refusal::ImageNotAsDeclared`] for another format or size, [`Refusal::ImageUnreadable`] when its header does not say
/// its width and height, [`Refusal::ImageTooLarge`] beyond [`IMAGE_PIXELS_MAX`].
pub fn check(image_id: ImageId, declared: &DeclaredImage, file: &[u8]) -> Result<ProductImage, Refusal> {
    let has_its_size = u32::try_from(file.len()).is_ok_and(|bytes| bytes == declared.bytes);
    if !has_its_size || ImageFormat::of(file) != Some(declared.format) {
        return Err(Refusal::ImageNotAsDeclared);
    }
    let size = imagesize::blob_size(file).map_err(|_| Refusal::ImageUnreadable)?;
    let (Ok(width), Ok(height)) = (u32::try_from(size.width), u32::try_from(size.height)) else {
        return Err(Refusal::ImageUnreadable);
    };
    match u64::from(width) * u64::from(height) {
        0 => Err(Refusal::ImageUnreadable),
        pixels if pixels > IMAGE_PIXELS_MAX => Err(Refusal::ImageTooLarge { max_pixels: IMAGE_PIXELS_MAX }),
        _ => Ok(ProductImage { image_id, format: declared.format, alt: declared.alt.clone(), width, height }),
    }
}

/// The product's images with one more at the end.
///
/// # Errors
/// [`Refusal::ImageLimitReached`] when the product has [`IMAGES_PER_PRODUCT_MAX`].
pub fn append(images: &[ProductImage], image: ProductImage) -> Result<Vec<ProductImage>, Refusal> {
    if images.len() >= IMAGES_PER_PRODUCT_MAX {
        return Err(Refusal::ImageLimitReached);
    }
    Ok(images.iter().cloned().chain([image]).collect())
}

/// The product's images in the arranged order, with their new texts. Images that are not listed are removed.
///
/// # Errors
/// [`Refusal::ImageNotFound`] for an image that the product does not have.
pub fn arrange(images: &[ProductImage], wanted: &[ImagePlace]) -> Result<Vec<ProductImage>, Refusal> {
    let place = |place: &ImagePlace| {
        let image = images.iter().find(|image| image.image_id == place.image_id).ok_or(Refusal::ImageNotFound)?;
        Ok(ProductImage { alt: place.alt.clone(), ..image.clone() })
    };
    wanted.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn id(n: u128) -> ImageId {
        ImageId::new(Uuid::from_u128(n))
    }

    fn declared(format: ImageFormat, file: &[u8]) -> DeclaredImage {
        DeclaredImage { format, bytes: u32::try_from(file.len()).unwrap(), alt: None }
    }

    /// The header of a PNG of this size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        file
    }

    /// A JPEG's first segments: JFIF, and the frame of 3 × 2 pixels.
    fn jpeg() -> Vec<u8> {
        let mut file = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
        file.extend(b"\xff\xc0\0\x11\x08\0\x02\0\x03\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
        file
    }

    /// The header of a lossless WebP of 3 × 2 pixels.
    fn webp() -> Vec<u8> {
        // 14 bits each of the width and the height, less one.
        let size = (2_u32 | (1 << 14)).to_le_bytes();
        [b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f".as_slice(), &size, &[0; 8]].concat()
    }

    /// The boxes of an AVIF that say its size: 3 × 2 pixels.
    fn avif() -> Vec<u8> {
        let boxed = |name: &[u8; 4], inside: &[u8]| {
            let length = u32::try_from(inside.len() + 8).unwrap().to_be_bytes();
            [length.as_slice(), name, inside].concat()
        };
        let size = [0_u32, 3, 2].map(u32::to_be_bytes).concat();
        let properties = boxed(b"iprp", &boxed(b"ipco", &boxed(b"ispe", &size)));
        let meta = boxed(b"meta", &[[0; 4].as_slice(), &properties].concat());
        [boxed(b"ftyp", b"avif\0\0\0\0avifmif1"), meta, boxed(b"mdat", &[0; 16])].concat()
    }

    fn files() -> [(ImageFormat, Vec<u8>); 4] {
        [
            (ImageFormat::Jpeg, jpeg()),
            (ImageFormat::Png, png(3, 2)),
            (ImageFormat::Webp, webp()),
            (ImageFormat::Avif, avif()),
        ]
    }

    #[test]
    fn each_format_is_known_by_its_bytes_with_its_size() {
        for (format, file) in files() {
            let image = check(id(1), &declared(format, &file), &file).unwrap();
            assert_eq!((image.format, image.width, image.height), (format, 3, 2));
            assert_eq!(ImageFormat::parse("content_type", format.content_type()).unwrap(), format);
        }
        for bad in ["", "image/gif", "image/svg+xml", "image/PNG", "image/png; charset=utf-8", "text/html"] {
            assert!(ImageFormat::parse("content_type", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_of_another_format_or_size_than_declared_is_refused() {
        for (format, file) in files() {
            for other in ImageFormat::ALL.iter().filter(|other| **other != format) {
                assert_eq!(check(id(1), &declared(*other, &file), &file), Err(Refusal::ImageNotAsDeclared));
            }
            let longer = DeclaredImage { bytes: u32::try_from(file.len()).unwrap() + 1, ..declared(format, &file) };
            assert_eq!(check(id(1), &longer, &file), Err(Refusal::ImageNotAsDeclared));
        }
        for file in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(), b"<html>", b"GIF89a\x01\0\x01\0", b""] {
            let png = declared(ImageFormat::Png, file);
            assert_eq!(check(id(1), &png, file), Err(Refusal::ImageNotAsDeclared));
        }
    }

    #[test]
    fn a_file_without_a_size_or_with_too_many_pixels_is_refused() {
        let checked = |file: &[u8]| check(id(1), &declared(ImageFormat::Png, file), file).map(|image| image.width);
        assert_eq!(checked(&png(5_000, 5_000)), Ok(5_000));
        let too_large = Err(Refusal::ImageTooLarge { max_pixels: IMAGE_PIXELS_MAX });
        assert_eq!(checked(&png(5_001, 5_000)), too_large);
        assert_eq!(checked(&png(u32::MAX, u32::MAX)), too_large);
        assert_eq!(checked(&png(0, 5)), Err(Refusal::ImageUnreadable));
        assert_eq!(checked(&png(3, 2)[..18]), Err(Refusal::ImageUnreadable));
    }

    #[test]
    fn an_upload_can_be_completed_for_an_hour_and_its_file_is_deleted_after_a_day() {
        let (began, product): (Moment, _) = ("2026-11-21T12:00:00Z".parse().unwrap(), ProductId::new(Uuid::nil()));
        let upload = UnlistedImage::begin(id(1), product, declared(ImageFormat::Png, &png(3, 2)), began);
        let (hour, day) = (SignedDuration::from_hours(1), SignedDuration::from_hours(24));
        assert!(upload.completable(product, began + hour).is_ok());
        let other = ProductId::new(Uuid::from_u128(1));
        for (product, at) in [(other, began), (product, began + hour + SignedDuration::from_millis(1))] {
            assert_eq!(upload.completable(product, at), Err(Refusal::ImageNotFound));
        }
        assert!(!upload.is_due(began + hour) && upload.is_due(began + day));
        let image = check(id(1), upload.declared.as_ref().unwrap(), &png(3, 2)).unwrap();
        let removed = UnlistedImage::removed(product, &image, began);
        assert_eq!(removed.completable(product, began), Err(Refusal::ImageNotFound));
    }

    #[test]
    fn images_are_appended_up_to_the_limit_arranged_and_left_out() {
        let image = |n| ProductImage { image_id: id(n), format: ImageFormat::Png, alt: None, width: 3, height: 2 };
        let mut images = Vec::new();
        for n in 0..10 {
            images = append(&images, image(n)).unwrap();
        }
        assert_eq!(append(&images, image(10)), Err(Refusal::ImageLimitReached));
        let alt = Some(AltText::parse("alt", "a cup").unwrap());
        let place = |n, alt: &Option<AltText>| ImagePlace { image_id: id(n), alt: alt.clone() };
        let arranged = arrange(&images, &[place(7, &alt), place(2, &None)]).unwrap();
        assert_eq!(arranged, [ProductImage { alt, ..image(7) }, image(2)]);
        assert_eq!(arrange(&images, &[place(11, &None)]), Err(Refusal::ImageNotFound));
    }

    proptest! {
        #[test]
        fn no_file_makes_the_check_panic(start in 0_usize..4, rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (format, mut file) = files()[start].clone();
            file.truncate(16);
            file.extend(rest);
            // A refusal or an image: both are fine.
            drop(check(id(1), &declared(format, &file), &file));
        }
    }
}
