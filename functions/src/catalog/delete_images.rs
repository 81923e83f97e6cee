//! `delete_images`: daily. Deletes the files that no product has listed for a day: images whose upload was not completed,
//! and removed images. Files in the upload folder are deleted by the bucket's lifecycle rule.
//!
//! Safe to repeat and to skip: the record of a file is deleted only after the file.

use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::Run;
use contracts::Failure;
use domain::Moment;
use domain::image::UnlistedImage;
use runtime::schedule::Tick;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Deletes image files that no product lists.")
    .schedule(Schedule::seldom("rate(1 day)"))
    .grants(&[Grant::Table(Catalog, &[DeleteItem, Query]), Grant::Media(MediaAction::DeleteObject, "media")]);

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    delete_images(app, tick.time).await
}

/// Deletes the files that are due at `now`, oldest first. A file that cannot be deleted does not delay the others.
pub async fn delete_images(app: &App, now: Moment) -> Result<(), Failure> {
    let run = Run::begin();
    let mut result = Ok(());
    for image in app.store.unlisted_images().await?.iter().filter(|image| image.is_due(now)) {
        if !run.goes_on() {
            break;
        }
        result = delete(app, image).await.and(result);
    }
    result
}

async fn delete(app: &App, image: &UnlistedImage) -> Result<(), Failure> {
    app.media.delete(image.image_id, image.format).await?;
    app.store.forget_unlisted_image(image.image_id).await
}
