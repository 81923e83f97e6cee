//! The bucket of product images: `uploads/` takes the files of admins, `media/` has those that were checked and are served.

use crate::bucket::{Bucket, File, Objects};
use aws_sdk_s3::presigning::PresigningConfig;
use contracts::Failure;
use contracts::images::{UploadView, media_key};
use domain::Moment;
use domain::id::ImageId;
use domain::image::{DeclaredImage, IMAGE_BYTES_MAX, ImageFormat, UPLOAD_WITHIN};
use std::time::SystemTime;

/// A file's name is never used again for another file.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The headers that the client has to send. The SDK adds the invocation's trace id, which is not signed.
const SIGNED_HEADERS: [&str; 2] = ["content-length", "content-type"];

/// The bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Media {
    objects: Objects,
}

/// The key of an upload. The bucket deletes every upload within two days, and no upload is public.
fn upload_key(image_id: ImageId) -> String {
    format!("uploads/{image_id}")
}

impl Media {
    /// The images in this bucket.
    pub fn new(config: &aws_types::SdkConfig, bucket: &Bucket) -> Self {
        Self { objects: Objects::new(config, bucket) }
    }

    /// The pre-signed request that uploads this file: S3 refuses another type or length, and a start later than
    /// [`UPLOAD_WITHIN`].
    ///
    /// # Errors
    /// [`Failure::Broken`] when the request cannot be signed.
    pub async fn sign_upload(&self, id: ImageId, declared: &DeclaredImage, now: Moment) -> Result<UploadView, Failure> {
        let valid = PresigningConfig::builder()
            .start_time(SystemTime::from(now))
            .expires_in(UPLOAD_WITHIN.unsigned_abs())
            .build()
            .map_err(Failure::broken)?;
        let content_type = declared.format.content_type();
        let signed = self.objects.presign(&upload_key(id), content_type, declared.bytes, valid).await?;
        Ok(UploadView {
            url: signed.uri().to_owned(),
            method: signed.method().to_owned(),
            headers: signed
                .headers()
                .filter(|(name, _)| SIGNED_HEADERS.contains(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            expires_at: now.saturating_add(UPLOAD_WITHIN).unwrap_or(Moment::MAX),
        })
    }

    /// The uploaded file; `None` if nothing was uploaded.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed, [`Failure::Broken`] when S3 refuses it.
    pub async fn read_upload(&self, id: ImageId) -> Result<Option<Vec<u8>>, Failure> {
        self.objects.get(&upload_key(id), IMAGE_BYTES_MAX).await
    }

    /// Writes a checked file to the public folder.
    ///
    /// # Errors
    /// See [`Media::read_upload`].
    pub async fn publish(&self, id: ImageId, format: ImageFormat, bytes: Vec<u8>) -> Result<(), Failure> {
        let file = File { content_type: format.content_type(), cache_control: Some(FOREVER), bytes };
        self.objects.put(&media_key(id, format), file).await
    }

    /// Deletes a public file. It may be deleted already.
    ///
    /// # Errors
    /// See [`Media::read_upload`].
    pub async fn delete(&self, id: ImageId, format: ImageFormat) -> Result<(), Failure> {
        self.objects.delete(&media_key(id, format)).await
    }
}
