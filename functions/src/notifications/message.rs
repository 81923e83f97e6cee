//! The content of a message: rendered when it is sent, and stored nowhere.

use crate::App;
use contracts::Failure;
use domain::Refusal;
use domain::id::BatchId;
use domain::notification::{Job, Recipient, TemplateKey};
use domain::order::Order;
use jiff::civil::Date;
use messages::{Facts, render};
use providers::notify::Message;

/// Renders the message of a job. `None` if the recipient has no address in the channel any more.
pub(super) async fn write(app: &App, job: &Job) -> Result<Option<Message>, Failure> {
    let messaging = app.messaging();
    let channel = job.id.channel();
    let mut language = messaging.language;
    let (to, facts) =
        match &job.recipient {
            Recipient::Customer { customer, order } => {
                let order = app.store.load_order(customer, *order).await?;
                let facts = Facts::of_order(&messaging.shop_name, app.shop_url(), &app.shop().timezone, &order);
                let facts = facts.with_tracking(&messaging.tracking_urls);
                let facts = match &job.refund {
                    Some(refund) => facts.with_refund(refund),
                    None => facts,
                };
                let facts = match ship_date(app, job.template, &order).await? {
                    Some(day) => facts.with_ship_date(day),
                    None => facts,
                };
                language = match order.language {
                    Some(chosen) => chosen,
                    None => app.store.load_profile(customer).await?.language.unwrap_or(language),
                };
                let contact = order.contact.as_ref();
                (contact.and_then(|contact| messaging.channels.address_of(contact, channel)), facts)
            }
            Recipient::Account(customer) => {
                let refund = job.refund.as_ref().ok_or_else(|| {
                    Failure::broken(format!("the notification {} to an account has no refund", job.id))
                })?;
                let facts = Facts::of_points(&messaging.shop_name, app.shop_url()).with_refund(refund);
                language = app.store.load_profile(customer).await?.language.unwrap_or(language);
                (app.users.find(customer).await?.and_then(|user| user.email), facts)
            }
            Recipient::Admins => {
                let threshold = job.threshold.as_ref().ok_or_else(|| {
                    Failure::broken(format!("the notification {} to admins has no threshold", job.id))
                })?;
                let product = match app.store.load_product(threshold.batch_id.offer().product).await {
                    Ok(product) => product.name.to_string(),
                    Err(Failure::Refused(Refusal::ProductNotFound)) => threshold.batch_id.offer().product.to_string(),
                    Err(failure) => return Err(failure),
                };
                let facts = Facts::of_threshold(&messaging.shop_name, &product, threshold);
                // Slack's webhook has one channel, and needs no address.
                let to =
                    if messaging.channels.slack { Some(String::new()) } else { messaging.channels.admin_email.clone() };
                (to, facts)
            }
        };
    let Some(to) = to else { return Ok(None) };
    let rendered = render(language, job.template, &facts, channel).map_err(Failure::broken)?;
    let (subject, text, html) = (rendered.subject, rendered.text, rendered.html);
    Ok(Some(Message { key: job.id.key(), to, subject, text, html, now: app.now() }))
}

/// The currently planned shipping day of an order's batch, for the messages that mention it.
async fn ship_date(app: &App, template: TemplateKey, order: &Order) -> Result<Option<Date>, Failure> {
    if !matches!(template, TemplateKey::ProductionStarted | TemplateKey::ShipDateChanged) {
        return Ok(None);
    }
    let Some(offer) = order.offer() else { return Ok(None) };
    let batch = app.store.load_batch(BatchId::of(offer)).await?;
    Ok(batch.schedule.map(|schedule| schedule.planned_ship_date))
}
