//! Campaigns and customers' coupons. A coupon's key consists of customer and campaign, which enforces one coupon per
//! customer.

use crate::db::{Item, Want, from_item, key, number, put, string, text, update};
use crate::save::save;
use crate::{Store, Tx, cursor, time};
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::coupon::{Campaign, Discount, Terms, UserCoupon, UserCouponStatus};
use domain::id::{CouponId, CustomerId, OrderId};
use domain::money::Cents;
use domain::stock::Shards;
use domain::text::Name;
use domain::{Moment, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The partition that lists every campaign: admins create a few a month, so it is never hot.
const REGISTER: &str = "COUPONS";

#[derive(Debug, Serialize)]
struct RegisterItem {
    pk: &'static str,
    sk: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct TermsItem {
    discount: Discount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_discount_cents: Option<Cents>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_order_cents: Option<Cents>,
    #[serde(with = "time")]
    valid_until: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct CampaignItem {
    pk: String,
    sk: String,
    coupon_id: CouponId,
    name: Name,
    discount: Discount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_discount_cents: Option<Cents>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_order_cents: Option<Cents>,
    #[serde(with = "time")]
    valid_until: Moment,
    total_quantity: u32,
    quota_shards: u8,
    /// Absent while it equals the number in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shards_made: Option<u8>,
    version: u32,
    served_from: u32,
    #[serde(with = "time")]
    issue_starts_at: Moment,
    #[serde(with = "time")]
    issue_ends_at: Moment,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    listed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct UserCouponItem {
    pk: String,
    sk: String,
    coupon_id: CouponId,
    name: Name,
    #[serde(flatten)]
    terms: TermsItem,
    status: UserCouponStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    #[serde(with = "time")]
    issued_at: Moment,
}

impl From<&Campaign> for CampaignItem {
    fn from(campaign: &Campaign) -> Self {
        let shards = campaign.quota_shards;
        Self {
            pk: campaign_pk(campaign.id),
            sk: "META".to_owned(),
            coupon_id: campaign.id,
            name: campaign.name.clone(),
            discount: campaign.terms.discount,
            max_discount_cents: campaign.terms.max_discount,
            min_order_cents: campaign.terms.min_order,
            valid_until: campaign.terms.valid_until,
            total_quantity: campaign.total_quantity,
            quota_shards: shards.used(),
            shards_made: Some(shards.made()).filter(|made| *made != shards.used()),
            version: campaign.version,
            served_from: campaign.served_from,
            issue_starts_at: campaign.issue_starts_at,
            issue_ends_at: campaign.issue_ends_at,
            created_at: campaign.created_at,
            listed: campaign.listed,
        }
    }
}

impl From<&Terms> for TermsItem {
    fn from(terms: &Terms) -> Self {
        Self {
            discount: terms.discount,
            max_discount_cents: terms.max_discount,
            min_order_cents: terms.min_order,
            valid_until: terms.valid_until,
        }
    }
}

impl From<TermsItem> for Terms {
    fn from(item: TermsItem) -> Self {
        Self {
            discount: item.discount,
            max_discount: item.max_discount_cents,
            min_order: item.min_order_cents,
            valid_until: item.valid_until,
        }
    }
}

pub(crate) fn campaign_pk(id: CouponId) -> String {
    format!("COUPON#{id}")
}

fn customer_pk(customer: &CustomerId) -> String {
    format!("CUSTOMER#{customer}")
}

fn user_coupon_sk(id: CouponId) -> String {
    format!("{COUPON}{id}")
}

const COUPON: &str = "COUPON#";

pub(crate) fn read_campaign(item: Item) -> Result<Campaign, Failure> {
    let item: CampaignItem = from_item(item)?;
    Ok(Campaign {
        id: item.coupon_id,
        name: item.name,
        terms: Terms {
            discount: item.discount,
            max_discount: item.max_discount_cents,
            min_order: item.min_order_cents,
            valid_until: item.valid_until,
        },
        total_quantity: item.total_quantity,
        quota_shards: Shards::kept(item.quota_shards, item.shards_made),
        version: item.version,
        served_from: item.served_from,
        issue_starts_at: item.issue_starts_at,
        issue_ends_at: item.issue_ends_at,
        created_at: item.created_at,
        listed: item.listed,
    })
}

pub(crate) fn read_user_coupon(item: Item) -> Result<UserCoupon, Failure> {
    let item: UserCouponItem = from_item(item)?;
    Ok(UserCoupon {
        coupon: item.coupon_id,
        name: item.name,
        terms: item.terms.into(),
        status: item.status,
        order: item.order_id,
        issued_at: item.issued_at,
    })
}

impl Store {
    /// A campaign, by a strongly consistent read.
    ///
    /// # Errors
    /// [`Refusal::CouponNotFound`].
    pub async fn load_campaign(&self, id: CouponId) -> Result<Campaign, Failure> {
        let item = self.get(&self.tables.coupons, &campaign_pk(id), "META", true).await?;
        read_campaign(item.ok_or(Refusal::CouponNotFound)?)
    }

    /// A page of the campaigns, newest first. An eventually consistent read of each, for display.
    pub async fn list_campaigns(&self, page: &PageQuery) -> Result<Page<Campaign>, Failure> {
        let is_position = |id: &str| CouponId::parse(id).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let query = self
            .query_of(&self.tables.coupons)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(REGISTER))
            .set_exclusive_start_key(after.map(|id| key(REGISTER, &id)))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let ids: Vec<CouponId> = found.items.iter().filter_map(|item| CouponId::parse(text(item, "sk")?)).collect();
        let next_cursor = found.last_key.and(ids.last()).map(|last| cursor::encode(&last.to_string()));
        if ids.is_empty() {
            return Ok(Page { items: Vec::new(), next_cursor });
        }
        let keys = ids.iter().map(|id| (campaign_pk(*id), "META".to_owned())).collect();
        let want = Want { table: self.tables.coupons.clone(), keys, consistent: false };
        let read = self.batch_get(vec![want]).await?.into_iter().map(read_campaign);
        let mut items = read.collect::<Result<Vec<_>, _>>()?;
        items.sort_by_key(|campaign| ids.iter().position(|id| *id == campaign.id));
        Ok(Page { items, next_cursor })
    }

    /// A customer's coupon of this campaign, in any status.
    pub async fn find_user_coupon(&self, customer: &CustomerId, id: CouponId) -> Result<Option<UserCoupon>, Failure> {
        let (pk, sk) = (customer_pk(customer), user_coupon_sk(id));
        self.get(&self.tables.coupons, &pk, &sk, true).await?.map(read_user_coupon).transpose()
    }

    /// Whether a customer holds a coupon of this campaign, in any status.
    pub async fn has_coupon(&self, customer: &CustomerId, id: CouponId) -> Result<bool, Failure> {
        let (pk, sk) = (customer_pk(customer), user_coupon_sk(id));
        Ok(self.get(&self.tables.coupons, &pk, &sk, true).await?.is_some())
    }

    /// The customers among these who hold a coupon of this campaign. An eventually consistent read: the condition of
    /// the write detects the others.
    pub async fn holders(
        &self,
        id: CouponId,
        customers: impl IntoIterator<Item = &CustomerId>,
    ) -> Result<BTreeSet<CustomerId>, Failure> {
        let keys = customers.into_iter().map(|customer| (customer_pk(customer), user_coupon_sk(id))).collect();
        let want = Want { table: self.tables.coupons.clone(), keys, consistent: false };
        let found = self.batch_get(vec![want]).await?;
        let customer = |item: &Item| CustomerId::parse(text(item, "pk")?.strip_prefix("CUSTOMER#")?);
        Ok(found.iter().filter_map(customer).collect())
    }

    pub(crate) fn want_user_coupon(&self, customer: &CustomerId, id: CouponId, consistent: bool) -> Want {
        let keys = vec![(customer_pk(customer), user_coupon_sk(id))];
        Want { table: self.tables.coupons.clone(), keys, consistent }
    }

    /// A page of a customer's coupons, newest campaign first.
    pub async fn list_user_coupons(
        &self,
        customer: &CustomerId,
        page: &PageQuery,
    ) -> Result<Page<UserCoupon>, Failure> {
        let after =
            page.cursor.as_deref().map(|text| cursor::decode(text, |id| CouponId::parse(id).is_some())).transpose()?;
        let query = self
            .query_of(&self.tables.coupons)
            .key_condition_expression("pk = :pk AND begins_with(sk, :coupon)")
            .expression_attribute_values(":pk", string(customer_pk(customer)))
            .expression_attribute_values(":coupon", string(COUPON))
            .set_exclusive_start_key(after.map(|id| key(&customer_pk(customer), &format!("{COUPON}{id}"))))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let items = found.items.into_iter().map(read_user_coupon).collect::<Result<Vec<_>, _>>()?;
        let next_cursor = found.last_key.and(items.last()).map(|last| cursor::encode(&last.coupon.to_string()));
        Ok(Page { items, next_cursor })
    }
}

impl Tx<'_> {
    pub fn insert_campaign(&mut self, campaign: &Campaign) -> Result<(), Failure> {
        let table = self.tables().coupons.clone();
        let insert = put(&table, &CampaignItem::from(campaign))?.condition_expression("attribute_not_exists(pk)");
        self.put(insert)?.own();
        self.register_campaign(campaign.id)
    }

    /// Adds a campaign to the list of all campaigns, which admins read.
    fn register_campaign(&mut self, id: CouponId) -> Result<(), Failure> {
        let table = self.tables().coupons.clone();
        self.put(put(&table, &RegisterItem { pk: REGISTER, sk: id.to_string() })?)?;
        Ok(())
    }

    /// Saves a changed campaign, on condition of the version that was read.
    pub fn save_campaign(&mut self, campaign: &Campaign) -> Result<(), Failure> {
        let table = self.tables().coupons.clone();
        let save = save(&table, &CampaignItem::from(campaign))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(campaign.version - 1));
        self.update(save)?.or_stale();
        // A campaign of an older release is added to the list when it is changed.
        self.register_campaign(campaign.id)
    }

    /// Inserts a coupon for one of many customers who are served in one transaction. If the customer already holds one,
    /// the transaction is [`crate::Rejected::Issued`].
    pub fn insert_one_of_many(&mut self, customer: &CustomerId, coupon: &UserCoupon) -> Result<(), Failure> {
        self.put(self.user_coupon_put(customer, coupon)?)?.or_issued(customer);
        Ok(())
    }

    /// Inserts a customer's coupon. Refused if they already hold one.
    pub fn insert_user_coupon(&mut self, customer: &CustomerId, coupon: &UserCoupon) -> Result<(), Failure> {
        self.put(self.user_coupon_put(customer, coupon)?)?.or(Refusal::CouponAlreadyIssued);
        Ok(())
    }

    fn user_coupon_put(&self, customer: &CustomerId, coupon: &UserCoupon) -> Result<PutBuilder, Failure> {
        let item = UserCouponItem {
            pk: customer_pk(customer),
            sk: user_coupon_sk(coupon.coupon),
            coupon_id: coupon.coupon,
            name: coupon.name.clone(),
            terms: (&coupon.terms).into(),
            status: coupon.status,
            order_id: coupon.order,
            issued_at: coupon.issued_at,
        };
        let table = self.tables().coupons.clone();
        Ok(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))
    }

    /// Holds a customer's coupon for an order.
    pub fn hold_coupon(&mut self, customer: &CustomerId, coupon: CouponId, order: OrderId) -> Result<(), Failure> {
        let hold = self.issued_coupon(customer, coupon, order, UserCouponStatus::Held);
        self.update(hold)?.or_stale();
        Ok(())
    }

    /// Marks the coupon that an order holds as used.
    pub fn use_coupon(&mut self, customer: &CustomerId, coupon: CouponId, order: OrderId) -> Result<(), Failure> {
        let used = self.held_coupon(customer, coupon, order, UserCouponStatus::Used);
        self.update(used.update_expression("SET #status = :next"))?.or_stale();
        Ok(())
    }

    /// Uses a released coupon for its order again (late money), if it is still ISSUED and valid.
    pub fn retake_coupon(&mut self, customer: &CustomerId, coupon: CouponId, order: OrderId) -> Result<(), Failure> {
        let used = self.issued_coupon(customer, coupon, order, UserCouponStatus::Used);
        self.update(used)?.or(Refusal::CouponNotUsable);
        Ok(())
    }

    /// Releases the coupon that an order holds.
    pub fn release_coupon(&mut self, customer: &CustomerId, coupon: CouponId, order: OrderId) -> Result<(), Failure> {
        let released = self.held_coupon(customer, coupon, order, UserCouponStatus::Issued);
        self.update(released.update_expression("SET #status = :next REMOVE order_id"))?.or_stale();
        Ok(())
    }

    /// Returns the coupon that a canceled or failed order used to its customer.
    pub fn return_coupon(&mut self, customer: &CustomerId, coupon: CouponId, order: OrderId) -> Result<(), Failure> {
        let returned = self
            .user_coupon(customer, coupon)
            .update_expression("SET #status = :next REMOVE order_id")
            .condition_expression("#status = :used AND order_id = :order AND valid_until > :now")
            .expression_attribute_values(":used", string(UserCouponStatus::Used.as_str()))
            .expression_attribute_values(":now", number(self.now().as_millisecond()))
            .expression_attribute_values(":order", string(order.to_string()))
            .expression_attribute_values(":next", string(UserCouponStatus::Issued.as_str()));
        self.update(returned)?.or_stale();
        Ok(())
    }

    /// Changes an ISSUED and valid coupon to `next` for an order.
    fn issued_coupon(
        &self,
        customer: &CustomerId,
        coupon: CouponId,
        order: OrderId,
        next: UserCouponStatus,
    ) -> UpdateBuilder {
        self.user_coupon(customer, coupon)
            .update_expression("SET #status = :next, order_id = :order")
            .condition_expression("#status = :issued AND valid_until > :now")
            .expression_attribute_values(":issued", string(UserCouponStatus::Issued.as_str()))
            .expression_attribute_values(":now", number(self.now().as_millisecond()))
            .expression_attribute_values(":order", string(order.to_string()))
            .expression_attribute_values(":next", string(next.as_str()))
    }

    /// Changes a coupon that the order holds to `next`.
    fn held_coupon(
        &self,
        customer: &CustomerId,
        coupon: CouponId,
        order: OrderId,
        next: UserCouponStatus,
    ) -> UpdateBuilder {
        self.user_coupon(customer, coupon)
            .condition_expression("#status = :held AND order_id = :order")
            .expression_attribute_values(":held", string(UserCouponStatus::Held.as_str()))
            .expression_attribute_values(":order", string(order.to_string()))
            .expression_attribute_values(":next", string(next.as_str()))
    }

    fn user_coupon(&self, customer: &CustomerId, coupon: CouponId) -> UpdateBuilder {
        update(&self.tables().coupons, &customer_pk(customer), &user_coupon_sk(coupon))
            .expression_attribute_names("#status", "status")
    }
}
