//! Product images. A product's item lists its images; the files that no product lists have an item each in one partition,
//! so that the uploads that were never completed, and the images that were removed, are found and deleted.
//!
//! Invariant: every file below `media/` belongs to a product's list or to an item here. The item is written before the file
//! (`upload_image`) and moved to the list, or back, in one transaction.

use crate::catalog::product_pk;
use crate::db::{Item, from_item, key, number, put, string, to_item, update};
use crate::{Store, Tx, time};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use domain::Moment;
use domain::catalog::Product;
use domain::id::{ImageId, ProductId};
use domain::image::{AltText, DeclaredImage, ImageFormat, ProductImage, UnlistedImage};
use serde::{Deserialize, Serialize};

/// The partition of all files. Admins upload some dozen images a day, and each file stays for a day.
const UNLISTED: &str = "UNLISTED_IMAGES";

#[derive(Debug, Serialize, Deserialize)]
struct UnlistedItem {
    pk: String,
    sk: ImageId,
    product_id: ProductId,
    format: ImageFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declared: Option<DeclaredItem>,
    #[serde(with = "time")]
    since: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct DeclaredItem {
    bytes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alt: Option<AltText>,
}

fn read(item: Item) -> Result<UnlistedImage, Failure> {
    let UnlistedItem { sk: image_id, product_id: product, format, declared, since, .. } = from_item(item)?;
    let declared = declared.map(|DeclaredItem { bytes, alt }| DeclaredImage { format, bytes, alt });
    Ok(UnlistedImage { image_id, product, format, declared, since })
}

fn list(images: &[ProductImage]) -> Result<AttributeValue, Failure> {
    let images = images.iter().map(|image| to_item(image).map(AttributeValue::M));
    Ok(AttributeValue::L(images.collect::<Result<_, _>>()?))
}

impl Store {
    /// The record of a file that no product lists, if there is one.
    pub async fn find_unlisted_image(&self, id: ImageId) -> Result<Option<UnlistedImage>, Failure> {
        self.get(&self.tables.catalog, UNLISTED, &id.to_string(), true).await?.map(read).transpose()
    }

    /// The files that no product lists, oldest image first: at most those of a day or so.
    pub async fn unlisted_images(&self) -> Result<Vec<UnlistedImage>, Failure> {
        let query = self
            .query_of(&self.tables.catalog)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(UNLISTED))
            .consistent_read(true);
        self.query_all(query).await?.into_iter().map(read).collect()
    }

    /// Deletes the record of a deleted file.
    pub async fn forget_unlisted_image(&self, id: ImageId) -> Result<(), Failure> {
        self.delete_alone(&self.tables.catalog, key(UNLISTED, &id.to_string())).await
    }
}

impl Tx<'_> {
    /// Records a file that no product lists.
    pub fn insert_unlisted_image(&mut self, image: &UnlistedImage) -> Result<(), Failure> {
        let declared = image.declared.as_ref();
        let item = UnlistedItem {
            pk: UNLISTED.to_owned(),
            sk: image.image_id,
            product_id: image.product,
            format: image.format,
            declared: declared.map(|declared| DeclaredItem { bytes: declared.bytes, alt: declared.alt.clone() }),
            since: image.since,
        };
        let table = self.tables().catalog.clone();
        self.put(put(&table, &item)?)?;
        Ok(())
    }

    /// Deletes the record of a file that its product lists now.
    pub fn remove_unlisted_image(&mut self, id: ImageId) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        self.delete(&table, key(UNLISTED, &id.to_string()))?;
        Ok(())
    }

    /// Replaces a product's images, on condition that they are still those that were read.
    pub fn save_images(&mut self, product: &Product, images: &[ProductImage]) -> Result<(), Failure> {
        self.store().forget_shown_products();
        let table = self.tables().catalog.clone();
        let mut save = update(&table, &product_pk(product.id), "META")
            .update_expression("SET images = :images, updated_at = :now")
            .expression_attribute_values(":images", list(images)?)
            .expression_attribute_values(":now", number(self.now().as_millisecond()));
        save = if product.images.is_empty() {
            save.condition_expression("attribute_exists(pk) AND (attribute_not_exists(images) OR images = :before)")
        } else {
            save.condition_expression("images = :before")
        };
        self.update(save.expression_attribute_values(":before", list(&product.images)?))?.or_stale();
        Ok(())
    }
}
