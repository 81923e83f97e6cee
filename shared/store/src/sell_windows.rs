//! Sell windows and their offers. A window and its offers share a partition; one partition lists the windows.

use crate::db::{Item, Want, from_item, key, malformed_key, number, put, string, text, update};
use crate::save::save;
use crate::{Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::id::{OfferId, ProductId, SellWindowId};
use domain::offer::{OFFERS_PER_WINDOW_MAX, Offer, StepName, Terms, WhenMissed, WhenUnderpaid};
use domain::sell_window::{SellWindow, parse_timezone};
use domain::text::Name;
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

/// The partition that lists every window: admins create a few a month, so it is never hot.
const REGISTER: &str = "WINDOWS";
const OFFER: &str = "OFFER#";

#[derive(Debug, Serialize, Deserialize)]
struct WindowItem {
    pk: String,
    sk: String,
    name: Name,
    #[serde(with = "time")]
    start_at: Moment,
    #[serde(with = "time")]
    end_at: Moment,
    timezone: String,
    offer_count: usize,
    #[serde(with = "time")]
    created_at: Moment,
}

#[derive(Debug, Serialize)]
struct RegisterItem {
    pk: &'static str,
    sk: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct OfferItem {
    pk: String,
    sk: String,
    threshold_qty: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_total_qty: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_customer_max: Option<u32>,
    lead_days: u16,
    ship_days: u16,
    enabled: bool,
    when_missed: WhenMissed,
    when_underpaid: WhenUnderpaid,
    payment_window_hours: u16,
    steps: Vec<StepName>,
    capacity_shards: u8,
    #[serde(with = "time")]
    closes_at: Moment,
    extended: bool,
    version: u64,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

pub(crate) fn window_pk(id: SellWindowId) -> String {
    format!("WINDOW#{id}")
}

fn offer_sk(product: ProductId) -> String {
    format!("{OFFER}{product}")
}

pub(crate) fn read_window(item: Item) -> Result<SellWindow, Failure> {
    let item: WindowItem = from_item(item)?;
    let id = item.pk.strip_prefix("WINDOW#").and_then(SellWindowId::parse);
    Ok(SellWindow {
        id: id.ok_or_else(|| malformed_key("sell window", &item.pk, &item.sk))?,
        name: item.name,
        start_at: item.start_at,
        end_at: item.end_at,
        timezone: parse_timezone("timezone", &item.timezone)
            .map_err(|_| Failure::broken(format!("sell window {}: unknown time zone {:?}", item.pk, item.timezone)))?,
        created_at: item.created_at,
    })
}

pub(crate) fn read_offer(item: Item) -> Result<Offer, Failure> {
    let item: OfferItem = from_item(item)?;
    let window = item.pk.strip_prefix("WINDOW#").and_then(SellWindowId::parse);
    let product = item.sk.strip_prefix(OFFER).and_then(ProductId::parse);
    let (window, product) = window.zip(product).ok_or_else(|| malformed_key("offer", &item.pk, &item.sk))?;
    Ok(Offer {
        id: OfferId { window, product },
        terms: Terms {
            threshold_qty: item.threshold_qty,
            max_total_qty: item.max_total_qty,
            per_customer_max: item.per_customer_max,
            lead_days: item.lead_days,
            ship_days: item.ship_days,
            enabled: item.enabled,
            when_missed: item.when_missed,
            when_underpaid: item.when_underpaid,
            payment_window_hours: item.payment_window_hours,
            steps: item.steps,
        },
        capacity_shards: item.capacity_shards,
        closes_at: item.closes_at,
        extended: item.extended,
        version: item.version,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

impl From<&Offer> for OfferItem {
    fn from(offer: &Offer) -> Self {
        let terms = offer.terms.clone();
        Self {
            pk: window_pk(offer.id.window),
            sk: offer_sk(offer.id.product),
            threshold_qty: terms.threshold_qty,
            max_total_qty: terms.max_total_qty,
            per_customer_max: terms.per_customer_max,
            lead_days: terms.lead_days,
            ship_days: terms.ship_days,
            enabled: terms.enabled,
            when_missed: terms.when_missed,
            when_underpaid: terms.when_underpaid,
            payment_window_hours: terms.payment_window_hours,
            steps: terms.steps,
            capacity_shards: offer.capacity_shards,
            closes_at: offer.closes_at,
            extended: offer.extended,
            version: offer.version,
            created_at: offer.created_at,
            updated_at: offer.updated_at,
        }
    }
}

impl Store {
    /// A window with its offers.
    ///
    /// # Errors
    /// [`Refusal::SellWindowNotFound`].
    pub async fn load_window(&self, id: SellWindowId) -> Result<(SellWindow, Vec<Offer>), Failure> {
        let query = self
            .query_of(&self.tables.catalog)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(window_pk(id)))
            .consistent_read(true);
        let (mut window, mut offers) = (None, Vec::new());
        for item in self.query_all(query).await? {
            if text(&item, "sk") == Some("META") {
                window = Some(read_window(item)?);
            } else {
                offers.push(read_offer(item)?);
            }
        }
        offers.sort_by_key(|offer| (offer.created_at, offer.id));
        Ok((window.ok_or(Refusal::SellWindowNotFound)?, offers))
    }

    /// # Errors
    /// [`Refusal::SellWindowNotFound`] when there is no such offer: an offer is found through its window.
    pub async fn load_offer(&self, id: OfferId) -> Result<Offer, Failure> {
        let item = self.get(&self.tables.catalog, &window_pk(id.window), &offer_sk(id.product), true).await?;
        read_offer(item.ok_or(Refusal::SellWindowNotFound)?)
    }

    /// A page of the windows with their offers, newest first.
    pub async fn list_windows(&self, page: &PageQuery) -> Result<Page<(SellWindow, Vec<Offer>)>, Failure> {
        let is_position = |id: &str| SellWindowId::parse(id).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let query = self
            .query_of(&self.tables.catalog)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(REGISTER))
            .set_exclusive_start_key(after.map(|id| key(REGISTER, &id)))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let ids: Vec<SellWindowId> =
            found.items.iter().filter_map(|item| SellWindowId::parse(text(item, "sk")?)).collect();
        let next_cursor = found.last_key.and(ids.last()).map(|last| cursor::encode(&last.to_string()));
        let items = try_join_all(ids.iter().map(|id| self.load_window(*id))).await?;
        Ok(Page { items, next_cursor })
    }

    /// The read of a window and the offer of one product, combined with the other reads of a preorder in one call.
    pub(crate) fn want_offer(&self, id: OfferId, consistent: bool) -> Want {
        let pk = window_pk(id.window);
        let keys = vec![(pk.clone(), "META".to_owned()), (pk, offer_sk(id.product))];
        Want { table: self.tables.catalog.clone(), keys, consistent }
    }
}

impl Tx<'_> {
    pub fn insert_window(&mut self, window: &SellWindow) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        let item = WindowItem {
            pk: window_pk(window.id),
            sk: "META".to_owned(),
            name: window.name.clone(),
            start_at: window.start_at,
            end_at: window.end_at,
            timezone: window.timezone.iana_name().unwrap_or("UTC").to_owned(),
            offer_count: 0,
            created_at: window.created_at,
        };
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        let entry = RegisterItem { pk: REGISTER, sk: window.id.to_string() };
        self.put(put(&table, &entry)?)?;
        Ok(())
    }

    /// Saves a changed window, on condition that its times and its number of offers are still those that were read: an
    /// offer that is added meanwhile would close at the wrong time.
    pub fn save_window(&mut self, before: &SellWindow, offers: usize, window: &SellWindow) -> Result<(), Failure> {
        let save = update(&self.tables().catalog, &window_pk(window.id), "META")
            .update_expression("SET #name = :name, start_at = :start, end_at = :end")
            .condition_expression("start_at = :start_before AND end_at = :end_before AND offer_count = :offers")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":name", string(window.name.to_string()))
            .expression_attribute_values(":start", number(window.start_at.as_millisecond()))
            .expression_attribute_values(":end", number(window.end_at.as_millisecond()))
            .expression_attribute_values(":start_before", number(before.start_at.as_millisecond()))
            .expression_attribute_values(":end_before", number(before.end_at.as_millisecond()))
            .expression_attribute_values(":offers", number(offers));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Inserts an offer that its window does not have yet.
    pub fn insert_offer(&mut self, offer: &Offer) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        let insert = put(&table, &OfferItem::from(offer))?.condition_expression("attribute_not_exists(pk)");
        self.put(insert)?.or_stale();
        let count = update(&table, &window_pk(offer.id.window), "META")
            .update_expression("SET offer_count = offer_count + :one")
            .condition_expression("offer_count < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(OFFERS_PER_WINDOW_MAX));
        self.update(count)?.or(Refusal::OfferLimitReached);
        Ok(())
    }

    /// Saves a changed offer, on condition of the version that was read.
    pub fn save_offer(&mut self, offer: &Offer) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        let save = save(&table, &OfferItem::from(offer))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(offer.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }
}
