//! Contact data, tokens and secrets pass through every flow, and appear only in the stored data where they belong.

use crate::events;
use crate::export;
use crate::fixtures::{POINTS, cart, contact};
use crate::listener::{Listener, about};
use crate::notifications::Mailbox;
use crate::provider_pages::PROVIDERS;
use crate::shop::{Shop, now, unique};
use crate::users::Customer;
use crate::wait::until;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use jiff::SignedDuration;
use miniz_oxide::inflate::decompress_to_vec;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::data_leaks::Canaries;

/// The tables that may contain contact data: orders, and notifications until they are sent.
const KEEP_CONTACTS: [&str; 2] = ["orders", "notifications"];
/// The local AWS logs the recipients of e-mail and text messages.
const CARRIES: [&str; 2] = [" [ses-v2] SESv2 SendEmail: ", " [sns] SNS SMS to "];
/// Public fields of the secrets: numbers that a browser sees.
const PUBLIC_PARTS: [&str; 2] = ["merchant_id", "channel_id"];

pub(crate) async fn contact_data_tokens_and_secrets_are_not_stored_or_logged(shop: &Shop) {
    let reached = Mailbox::new();
    let customer = shop.customer_with(POINTS).await;
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    let paid = orders_of_every_kind(shop, &customer, &reached).await;
    refusals(shop, &customer, &reached).await;
    bury(shop, &heard.wait("the order's event", 1, about(&paid)).await).await;
    heard.close().await;

    let personal = personal(&reached);
    let mut all = personal.clone();
    all.extend(secrets(shop).await);
    for (who, token) in [("the customer's", &customer.token), ("the admin's", &shop.about.tokens["admin"])] {
        let [_, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("no token: {token}") };
        all.insert(format!("claims of {who} token"), claims.to_owned());
        all.insert(format!("signature of {who} token"), signature.to_owned());
    }
    let canaries = Canaries::of(all.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let order_id = paid["order_id"].as_str().unwrap();

    let places = places(shop).await;
    let held: Vec<&str> =
        places.iter().filter(|(_, text)| text.contains(order_id)).map(|(name, _)| name.as_str()).collect();
    for wanted in
        ["the dead-letter messages", "the files", "the table outbox", "the table orders", "the table payments"]
    {
        assert!(held.contains(&wanted), "{wanted} does not contain the order: the search reads the wrong data");
    }
    let text_of = |name: &str| &places.iter().find(|(known, _)| known == name).unwrap().1;
    assert!(text_of("the logs").contains("\"UseCase\":\"send_notification\""), "no log of the messages");
    assert!(text_of("the metrics").contains("Invocations"), "no metrics");
    let own = reached.contact();
    let own = own.as_object().unwrap().iter().map(|(field, value)| (field.as_str(), value.as_str().unwrap()));
    let kept = Canaries::of(own).in_text(text_of("the table orders")).len();
    assert_eq!(kept, 5, "the data is found where it belongs");

    let mut leaks = Vec::new();
    for (place, text) in &places {
        let keeps = KEEP_CONTACTS.iter().any(|table| *place == format!("the table {table}"));
        let found = canaries.in_text(text).into_iter().filter(|name| !keeps || !personal.contains_key(*name));
        leaks.extend(found.map(|name| format!("{name} in {place}")));
    }
    assert_eq!(leaks, Vec::<String>::new());
    erase(shop, &customer, &reached).await;
}

/// An admin erases the customer, whose contact data is then in nothing that the stack has written.
async fn erase(shop: &Shop, customer: &Customer, reached: &Mailbox) {
    let path = format!("/admin/customers/{}", customer.id);
    until("its orders have ended", || async {
        let reply = shop.post(&format!("{path}/erase"), &json!({})).by(shop.admin()).send().await;
        if reply.status != 202 {
            reply.refused(409, "customer_has_open_orders");
        }
        (reply.status == 202).then_some(())
    })
    .await;
    // The values that no other customer has.
    let own = [("email", &reached.email), ("phone", &reached.phone), ("line_user_id", &reached.line)];
    let own: Vec<_> = own.into_iter().map(|(field, value)| (field, value.trim_start_matches('+'))).collect();
    let canaries = Canaries::of(own);
    let left: Vec<String> = places(shop)
        .await
        .iter()
        .flat_map(|(place, text)| canaries.in_text(text).into_iter().map(move |name| format!("{name} in {place}")))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    let erased = shop.get(&path).by(shop.admin()).send().await.expect(200);
    assert_eq!((erased.get("email"), erased["orders"].as_array().unwrap().is_empty()), (None, false), "{erased}");
}

/// Everything that the stack has written, by the place where it is.
async fn places(shop: &Shop) -> Vec<(String, String)> {
    let mut places = vec![("the logs".to_owned(), logs(shop).await)];
    places.push(("the dead-letter messages".to_owned(), dead_letters(shop).await));
    places.push(("the files".to_owned(), files(shop).await));
    places.push(("the metrics".to_owned(), metrics(shop).await));
    for name in shop.about.tables.keys() {
        places.push((format!("the table {name}"), table(shop, name).await));
    }
    places
}

/// Orders that are paid with points and at each provider, shipped, notified and refunded. Returns the first.
async fn orders_of_every_kind(shop: &Shop, customer: &Customer, reached: &Mailbox) -> Value {
    let goods = shop.goods(9).await;
    let mut wanted = cart(&goods.variant, 1);
    wanted["contact"] = reached.contact();
    let order = shop.try_order(customer, &wanted).await.expect(201);
    shop.try_pay(customer, &order).await.expect(201);
    for provider in PROVIDERS {
        wanted["payment_method"] = json!(provider);
        let order = shop.try_order(customer, &wanted).await.expect(201);
        let payment = shop.try_pay_at(provider, customer, &order).await.expect(201);
        let opened = shop.open_checkout(provider, &payment).await;
        shop.set_faults(&opened, json!({"callback": {"signature": "wrong"}})).await;
        shop.finish(&opened, "pay").await;
        shop.tick("reconcile_payments", now() + SignedDuration::from_mins(12)).await;
        until("the money is found", || async {
            (shop.payment_of(customer, &payment).await["status"] == "SUCCEEDED").then_some(())
        })
        .await;
        let path = format!("/admin/orders/{}/cancel", order["order_id"].as_str().unwrap());
        let body = json!({"reason": "asked by phone"});
        until("it is canceled", || async {
            (shop.post(&path, &body).by(shop.admin()).send().await.status == 200).then_some(())
        })
        .await;
    }
    let path = format!("/admin/orders/{}/ship", order["order_id"].as_str().unwrap());
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
    until("it is shipped", || async {
        (shop.post(&path, &parcel).by(shop.admin()).send().await.status == 200).then_some(())
    })
    .await;
    until("the customer is told", || async {
        (shop.order_of(customer, &order).await["status"] == "COMPLETED").then_some(())
    })
    .await;
    order
}

/// Requests with sensitive data that are refused; [`crate::http`] checks their responses.
async fn refusals(shop: &Shop, customer: &Customer, reached: &Mailbox) {
    let whole = json!({"lines": [], "contact": reached.contact(), "payment_method": "POINTS"});
    shop.try_order(customer, &whole).await.problem();
    for field in ["name", "phone", "email", "shipping_address", "line_user_id"] {
        let mut wrong = whole.clone();
        let text = format!("{}\u{7}", reached.contact()[field].as_str().unwrap());
        wrong["contact"][field] = json!(text);
        shop.try_order(customer, &wrong).await.problem();
    }
    let torn = whole.to_string().replace("}}", "}").into_bytes();
    shop.ask("POST", "/orders").bytes(torn).by(&customer.token).send().await.problem();
    let unknown = json!({"amount_cents": POINTS, reached.email.as_str(): reached.phone});
    shop.post("/points/charge", &unknown).by(&customer.token).send().await.problem();
    let path = format!("/orders/{}", reached.email);
    shop.get(&path).by(&customer.token).send().await.problem();
}

/// Creates a dead-letter message from an order's event, with an unknown type.
async fn bury(shop: &Shop, event: &Value) {
    let mut poison = event.clone();
    poison["detail"]["type"] = json!(format!("poison.{}", unique()));
    let queue = shop.queue("CountSalesQueue").await;
    let before = events::attribute(shop, &queue, QueueAttributeName::VisibilityTimeout).await;
    events::set(shop, &queue, &QueueAttributeName::VisibilityTimeout, events::VISIBILITY_SECONDS).await;
    shop.aws.queues.send_message().queue_url(&queue).message_body(poison.to_string()).send().await.unwrap();
    until("it is dead", || async { (events::waiting(shop, "CountSalesDlq").await > 0).then_some(()) }).await;
    events::set(shop, &queue, &QueueAttributeName::VisibilityTimeout, &before).await;
}

/// The sensitive data of this customer and of the customers of other scenarios.
fn personal(reached: &Mailbox) -> BTreeMap<String, String> {
    let mut personal = BTreeMap::new();
    for (whose, contact) in [("the customer's", reached.contact()), ("everybody's", contact())] {
        for (field, value) in contact.as_object().unwrap() {
            // Phone numbers also without the plus sign; names of other customers are too short to search for.
            let value = value.as_str().unwrap().trim_start_matches('+');
            if value.len() > 3 {
                personal.insert(format!("{whose} {field}"), value.to_owned());
            }
        }
    }
    personal
}

async fn secrets(shop: &Shop) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in ["messengers", "ecpay", "newebpay", "line-pay", "contact-keys"] {
        let id = json!({"SecretId": format!("{}/{name}", shop.about.stack_name)});
        let secret = shop.service("secretsmanager", "secretsmanager.GetSecretValue", &id).await;
        let secret: Value = serde_json::from_str(secret["SecretString"].as_str().unwrap()).unwrap();
        collect(name, &secret, &mut found);
    }
    let (_, path) = found["messengers.slack_webhook_url"].split_once("//").unwrap().1.split_once('/').unwrap();
    found.insert("messengers.slack_webhook_path".to_owned(), path.to_owned());
    found
}

fn collect(name: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(field, _)| !PUBLIC_PARTS.contains(&field.as_str()));
            fields.for_each(|(field, value)| collect(&format!("{name}.{field}"), value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(name, value, found)),
        Value::String(text) => drop(found.insert(name.to_owned(), text.clone())),
        other => panic!("a secret's {name} is {other}"),
    }
}

/// Every line of every log group and of the local AWS's own log.
async fn logs(shop: &Shop) -> String {
    let mut text = String::new();
    let groups = pages(shop, "logs", "Logs_20140328.DescribeLogGroups", json!({}), "nextToken").await;
    for group in groups.iter().flat_map(|page| page["logGroups"].as_array().unwrap()) {
        let wanted = json!({"logGroupName": group["logGroupName"]});
        for page in pages(shop, "logs", "Logs_20140328.FilterLogEvents", wanted, "nextToken").await {
            for event in page["events"].as_array().unwrap() {
                text.push_str(event["message"].as_str().unwrap());
                text.push('\n');
            }
        }
    }
    let own = std::fs::read_to_string(shop.about.folder.join("emulator.log")).unwrap();
    own.lines().filter(|line| !CARRIES.iter().any(|service| line.contains(service))).for_each(|line| {
        text.push_str(line);
        text.push('\n');
    });
    text
}

/// Every metric with its dimensions. The shop's own metrics are only in its log lines, because the local AWS does not
/// extract them.
async fn metrics(shop: &Shop) -> String {
    let pages = pages(shop, "monitoring", "GraniteServiceVersion20100801.ListMetrics", json!({}), "NextToken").await;
    json!(pages).to_string()
}

async fn pages(shop: &Shop, service: &str, target: &str, mut wanted: Value, token: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    loop {
        let page = shop.service(service, target, &wanted).await;
        let next = page[token].clone();
        pages.push(page);
        if next.is_null() {
            return pages;
        }
        wanted[token] = next;
    }
}

/// Receives and removes all dead-letter messages.
async fn dead_letters(shop: &Shop) -> String {
    let mut text = String::new();
    let queues = shop.aws.queues.list_queues().queue_name_prefix(&shop.about.stack_name).send().await.unwrap();
    for queue in queues.queue_urls.unwrap_or_default().iter().filter(|url| url.ends_with("Dlq")) {
        loop {
            let receive = shop.aws.queues.receive_message().queue_url(queue).max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                text.push_str(&format!("{message:?}\n{}\n", message.body.as_deref().unwrap_or_default()));
                let delete = shop.aws.queues.delete_message().queue_url(queue);
                delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            }
        }
    }
    text
}

async fn files(shop: &Shop) -> String {
    export::lines(shop).await.iter().map(|(day, line)| format!("{day} {line}\n")).collect()
}

async fn table(shop: &Shop, name: &str) -> String {
    let mut text = String::new();
    let mut pages = shop.aws.tables.scan().table_name(shop.table(name)).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        for (name, value) in item.unwrap() {
            text.push_str(&name);
            write_value(&value, &mut text);
        }
    }
    text
}

fn write_value(value: &AttributeValue, text: &mut String) {
    text.push(' ');
    match value {
        AttributeValue::S(value) | AttributeValue::N(value) => text.push_str(value),
        // The outbox stores its events compressed (docs/decisions/0003).
        AttributeValue::B(bytes) => {
            let events = decompress_to_vec(bytes.as_ref()).expect("bytes that are not compressed events");
            text.push_str(&String::from_utf8(events).unwrap());
        }
        AttributeValue::L(values) => values.iter().for_each(|value| write_value(value, text)),
        AttributeValue::M(fields) => {
            for (name, value) in fields {
                text.push_str(name);
                write_value(value, text);
            }
        }
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("an attribute that no item has: {other:?}"),
    }
    text.push('\n');
}
