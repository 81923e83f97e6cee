//! `list_notifications`: GET /api/v1/admin/notifications. An admin lists notifications with recipient and status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::notifications::{NotificationView, parse_status};
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::notification::{Job, NotificationStatus, Recipient, masked};
use domain::order::Order;
use runtime::http::{Request, Response};
use store::OrderKey;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists notification jobs by status.")
    .routes(&[HttpRoute::get("/api/v1/admin/notifications", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[
        Grant::Table(Notifications, &[BatchGetItem]),
        Grant::Index(Notifications, "by_worklist"),
        Grant::Table(Orders, &[BatchGetItem]),
    ]);

/// The recipient of a notification without an address to show.
const ADMINS: &str = "admins";

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let status = request.query("status").map(parse_status).transpose()?;
    // The index lists a message by its due time or its last change.
    Response::dated_page(&page, list_notifications(app, status, &page).await?, app.now())
}

/// A page of notifications, each with its masked recipient.
pub async fn list_notifications(
    app: &App,
    status: Option<NotificationStatus>,
    page: &PageQuery,
) -> Result<Page<NotificationView>, Failure> {
    let statuses = status.map_or_else(|| NotificationStatus::ALL.to_vec(), |status| vec![status]);
    let found = app.store.list_jobs(&statuses, page.limit, page.cursor.as_deref(), app.now()).await?;
    Ok(Page { items: view(app, &found.items).await?, next_cursor: found.next_cursor })
}

/// The views of messages, each with its masked recipient.
pub(super) async fn view(app: &App, jobs: &[Job]) -> Result<Vec<NotificationView>, Failure> {
    let mut keys: Vec<OrderKey> = Vec::new();
    for job in jobs {
        if let Recipient::Customer { customer, order } = &job.recipient
            && !keys.iter().any(|key| key.id == *order)
        {
            keys.push(OrderKey { customer: customer.clone(), id: *order });
        }
    }
    let orders = app.store.load_orders(&keys).await?;
    Ok(jobs.iter().map(|job| NotificationView::new(job, recipient(app, job, &orders))).collect())
}

fn recipient(app: &App, job: &Job, orders: &[Order]) -> String {
    let (channels, channel) = (&app.messaging().channels, job.id.channel());
    let order = orders.iter().find(|order| Some(order.id) == job.recipient.order());
    let address = match &job.recipient {
        Recipient::Customer { .. } => {
            order.and_then(|order| order.contact.as_ref()).and_then(|contact| channels.address_of(contact, channel))
        }
        // Reading the user pool for each line of a list would exceed its rates.
        Recipient::Account(customer) => return format!("account {customer}"),
        Recipient::Admins => return ADMINS.to_owned(),
    };
    address.map_or_else(|| masked(channel, ""), |address| masked(channel, &address))
}
