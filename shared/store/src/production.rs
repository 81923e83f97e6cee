//! Work orders with their steps, and the list of work orders.

use crate::db::{Item, from_item, key, malformed_key, number, put, string, text};
use crate::save::save;
use crate::{Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Limit, Page, PageQuery};
use domain::id::WorkOrderId;
use domain::work_order::{Operator, WorkOrder, WorkOrderStatus, WorkStep};
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

const META: &str = "META";
/// The partition that lists every work order: a few a month, so it is never hot.
const REGISTER: &str = "WORK_ORDERS";

#[derive(Debug, Serialize, Deserialize)]
struct WorkOrderItem {
    pk: String,
    sk: String,
    status: WorkOrderStatus,
    quantity: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<Operator>,
    steps: Vec<WorkStep>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    start_at: Option<Moment>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    end_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
    version: u64,
}

#[derive(Debug, Serialize)]
struct ListItem {
    pk: &'static str,
    sk: String,
}

fn work_order_pk(id: WorkOrderId) -> String {
    format!("WORK_ORDER#{id}")
}

/// Thirteen digits of milliseconds sort by time as text until the year 2286.
fn at_sk(at: Moment, id: WorkOrderId) -> String {
    format!("{:013}#{id}", at.as_millisecond())
}

fn id_of(sk: &str) -> Option<WorkOrderId> {
    let (time, id) = sk.split_once('#')?;
    let is_time = time.len() == 13 && time.bytes().all(|b| b.is_ascii_digit());
    WorkOrderId::parse(id).filter(|_| is_time)
}

fn read_work_order(item: Item) -> Result<WorkOrder, Failure> {
    let item: WorkOrderItem = from_item(item)?;
    let id = item.pk.strip_prefix("WORK_ORDER#").and_then(WorkOrderId::parse);
    Ok(WorkOrder {
        id: id.ok_or_else(|| malformed_key("work order", &item.pk, &item.sk))?,
        status: item.status,
        quantity: item.quantity,
        operator: item.operator,
        steps: item.steps,
        start_at: item.start_at,
        end_at: item.end_at,
        reason: item.reason,
        created_at: item.created_at,
        updated_at: item.updated_at,
        version: item.version,
    })
}

impl From<&WorkOrder> for WorkOrderItem {
    fn from(order: &WorkOrder) -> Self {
        Self {
            pk: work_order_pk(order.id),
            sk: META.to_owned(),
            status: order.status,
            quantity: order.quantity,
            operator: order.operator.clone(),
            steps: order.steps.clone(),
            start_at: order.start_at,
            end_at: order.end_at,
            reason: order.reason.clone(),
            created_at: order.created_at,
            updated_at: order.updated_at,
            version: order.version,
        }
    }
}

impl Store {
    /// # Errors
    /// [`Refusal::WorkOrderNotFound`].
    pub async fn load_work_order(&self, id: WorkOrderId) -> Result<WorkOrder, Failure> {
        self.find_work_order(id).await?.ok_or_else(|| Refusal::WorkOrderNotFound.into())
    }

    /// The work order, if its batch was confirmed.
    pub async fn find_work_order(&self, id: WorkOrderId) -> Result<Option<WorkOrder>, Failure> {
        let item = self.get(&self.tables.production, &work_order_pk(id), META, true).await?;
        item.map(read_work_order).transpose()
    }

    /// A page of the work orders, newest first; with a status, only work orders in that status.
    pub async fn list_work_orders(
        &self,
        status: Option<WorkOrderStatus>,
        page: &PageQuery,
    ) -> Result<Page<WorkOrder>, Failure> {
        let mut after =
            page.cursor.as_deref().map(|text| cursor::decode(text, |sk| id_of(sk).is_some())).transpose()?;
        let mut items: Vec<WorkOrder> = Vec::new();
        loop {
            let query = self
                .query_of(&self.tables.production)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(REGISTER))
                .set_exclusive_start_key(after.take().map(|sk| key(REGISTER, &sk)))
                .consistent_read(true)
                .scan_index_forward(false)
                .limit(i32::from(Limit::MAX));
            let found = self.query(query).await?;
            let ids = found.items.iter().filter_map(|item| id_of(text(item, "sk")?));
            let orders = try_join_all(ids.map(|id| self.load_work_order(id))).await?;
            items.extend(orders.into_iter().filter(|order| status.is_none_or(|status| order.status == status)));
            after = found.last_key.as_ref().and_then(|key| text(key, "sk")).map(str::to_owned);
            if items.len() > page.limit.get() || after.is_none() {
                break;
            }
        }
        let has_more = items.len() > page.limit.get();
        items.truncate(page.limit.get());
        let last = items.last().filter(|_| has_more);
        let next_cursor = last.map(|order| cursor::encode(&at_sk(order.created_at, order.id)));
        Ok(Page { items, next_cursor })
    }
}

impl Tx<'_> {
    /// Inserts the work order of a batch that has none.
    pub fn insert_work_order(&mut self, order: &WorkOrder) -> Result<(), Failure> {
        let table = self.tables().production.clone();
        let insert = put(&table, &WorkOrderItem::from(order))?.condition_expression("attribute_not_exists(pk)");
        self.put(insert)?.or_stale();
        let entry = ListItem { pk: REGISTER, sk: at_sk(order.created_at, order.id) };
        self.put(put(&table, &entry)?)?;
        Ok(())
    }

    /// Saves a changed work order, on condition of the version that was read.
    pub fn save_work_order(&mut self, order: &WorkOrder) -> Result<(), Failure> {
        let table = self.tables().production.clone();
        let save = save(&table, &WorkOrderItem::from(order))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(order.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }
}
