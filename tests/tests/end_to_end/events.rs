//! Queue consumers.

use crate::fixtures::{POINTS, VariantOnSale, cart};
use crate::listener::{Listener, about};
use crate::shop::{Shop, unique};
use crate::users::Customer;
use crate::wait::until;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use serde_json::{Value, json};

pub(crate) async fn the_same_event_twice_counts_once(shop: &Shop) {
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    let goods = shop.goods(10).await;
    let customer = shop.customer_with(POINTS).await;
    let order = paid_order(shop, &customer, &goods, 3).await;
    let event = heard.wait("order.paid", 1, about(&order)).await;
    until("the sale is counted", || async { (shop.sold(&goods.product).await == 3).then_some(()) }).await;

    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(&shop.about.event_bus)
        .source("millrun.orders")
        .detail_type("order.paid.v1")
        .detail(event["detail"].to_string())
        .build();
    let put = shop.aws.bus.put_events().entries(entry.clone()).entries(entry).send().await.unwrap();
    assert_eq!(put.failed_entry_count, 0);
    heard.wait("order.paid once more, and again", 3, about(&order)).await;
    // One more sale after the duplicates: once it is counted and the queue is empty, they were processed too.
    paid_order(shop, &customer, &goods, 1).await;
    until("the next sale is counted", || async { (shop.sold(&goods.product).await > 3).then_some(()) }).await;
    until("the queue is empty", || async { (waiting(shop, "CountSalesQueue").await == 0).then_some(()) }).await;
    assert_eq!(shop.sold(&goods.product).await, 4);
    heard.close().await;
}

/// The visibility time-out during a scenario, in seconds. With the deployed value, a message would take 15 minutes to reach
/// the dead-letter queue.
pub(crate) const VISIBILITY_SECONDS: &str = "1";

pub(crate) async fn a_poison_message_does_not_block_the_rest_of_its_batch(shop: &Shop) {
    let goods = shop.goods(10).await;
    let customer = shop.customer_with(POINTS).await;
    let queue = shop.queue("CountSalesQueue").await;
    let visibility = QueueAttributeName::VisibilityTimeout;
    let before = attribute(shop, &queue, visibility.clone()).await;
    set(shop, &queue, &visibility, VISIBILITY_SECONDS).await;

    // Two real sales that the rule does not deliver, so that they can be sent in one batch with the poison messages.
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    let (bus, rule) = (&shop.about.event_bus, "CountSalesOnOrderPaid");
    shop.aws.bus.disable_rule().name(rule).event_bus_name(bus).send().await.unwrap();
    let first = paid_order(shop, &customer, &goods, 1).await;
    let second = paid_order(shop, &customer, &goods, 2).await;
    let first = heard.wait("the first sale", 1, about(&first)).await;
    let second = heard.wait("the second sale", 1, about(&second)).await;
    shop.aws.bus.enable_rule().name(rule).event_bus_name(bus).send().await.unwrap();
    heard.close().await;

    let mark = unique();
    // One message that is not an event, and one with an unknown type.
    let mut stranger = first.clone();
    stranger["detail"]["type"] = json!(format!("poison.{mark}"));
    let bodies = [format!("poison {mark}"), first.to_string(), stranger.to_string(), second.to_string()];
    let entries = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body).build().unwrap());
    let send = shop.aws.queues.send_message_batch().queue_url(&queue).set_entries(Some(entries.collect()));
    assert!(send.send().await.unwrap().failed.is_empty());

    until("the other messages of the batch are counted", || async {
        (shop.sold(&goods.product).await == 3).then_some(())
    })
    .await;
    // The queue is processed while the poison messages are redelivered.
    paid_order(shop, &customer, &goods, 1).await;
    until("a later sale is counted", || async { (shop.sold(&goods.product).await == 4).then_some(()) }).await;

    let dead = shop.queue("CountSalesDlq").await;
    let mut buried = 0;
    while buried < 2 {
        until("the poison is in the dead-letter queue", || async {
            let received = shop.aws.queues.receive_message().queue_url(&dead).send().await.unwrap();
            let message = received.messages.unwrap_or_default().pop()?;
            assert!(
                message.body.as_ref().unwrap().contains(&mark),
                "an unrelated message became a dead-letter message: {message:?}"
            );
            // Removed, so that the next run starts with an empty queue.
            let delete = shop.aws.queues.delete_message().queue_url(&dead);
            delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            Some(())
        })
        .await;
        buried += 1;
    }
    set(shop, &queue, &visibility, &before).await;
    assert_eq!(waiting(shop, "CountSalesQueue").await, 0);
    assert_eq!(shop.sold(&goods.product).await, 4, "the failed messages did not count the others again");
}

pub(crate) async fn paid_order(shop: &Shop, customer: &Customer, goods: &VariantOnSale, quantity: i64) -> Value {
    let order = shop.try_order(customer, &cart(&goods.variant, quantity)).await.expect(201);
    shop.try_pay(customer, &order).await.expect(201);
    order
}

/// The number of messages in a queue, including those in flight.
pub(crate) async fn waiting(shop: &Shop, name: &str) -> i64 {
    let queue = shop.queue(name).await;
    let mut sum = 0;
    for name in [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ] {
        sum += attribute(shop, &queue, name).await.parse::<i64>().unwrap();
    }
    sum
}

pub(crate) async fn attribute(shop: &Shop, queue: &str, name: QueueAttributeName) -> String {
    let get = shop.aws.queues.get_queue_attributes().queue_url(queue).attribute_names(name.clone());
    get.send().await.unwrap().attributes.unwrap_or_default()[&name].clone()
}

pub(crate) async fn set(shop: &Shop, queue: &str, name: &QueueAttributeName, value: &str) {
    let set = shop.aws.queues.set_queue_attributes().queue_url(queue).attributes(name.clone(), value);
    set.send().await.unwrap();
}
