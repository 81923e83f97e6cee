//! Subscribes to the shop's bus as another system would: with a temporary rule and queue.

use crate::shop::{Shop, unique};
use crate::wait::until;
use aws_sdk_eventbridge::types::Target;
use serde_json::{Value, json};
use std::sync::Mutex;

/// A subscription to events of some types.
pub(crate) struct Listener<'s> {
    shop: &'s Shop,
    name: String,
    queue: String,
    heard: Mutex<Vec<Value>>,
}

impl<'s> Listener<'s> {
    pub(crate) async fn to(shop: &'s Shop, types: &[&str]) -> Self {
        let name = format!("test-{}", unique());
        let queues = &shop.aws.queues;
        let queue = queues.create_queue().queue_name(&name).send().await.unwrap().queue_url.unwrap();
        let attributes =
            queues.get_queue_attributes().queue_url(&queue).attribute_names("QueueArn".into()).send().await.unwrap();
        let arn = attributes.attributes.unwrap()[&"QueueArn".into()].clone();
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }]});
        let set = queues.set_queue_attributes().queue_url(&queue).attributes("Policy".into(), policy.to_string());
        set.send().await.unwrap();
        let bus = &shop.aws.bus;
        let rule = bus.put_rule().name(&name).event_bus_name(&shop.about.event_bus);
        rule.event_pattern(json!({"detail-type": types}).to_string()).send().await.unwrap();
        let target = Target::builder().id("test").arn(arn).build().unwrap();
        let targets = bus.put_targets().rule(&name).event_bus_name(&shop.about.event_bus).targets(target);
        assert_eq!(targets.send().await.unwrap().failed_entry_count, 0);
        Self { shop, name, queue, heard: Mutex::new(Vec::new()) }
    }

    /// All matching events received so far, including duplicates.
    pub(crate) async fn all(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        loop {
            let receive = self.shop.aws.queues.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let delete = self.shop.aws.queues.delete_message().queue_url(&self.queue);
                delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
                self.heard.lock().unwrap().push(serde_json::from_str(&message.body.unwrap()).unwrap());
            }
        }
        self.heard.lock().unwrap().iter().filter(|event| wanted(&event["detail"])).cloned().collect()
    }

    /// Waits until a matching event was received at least `times` times. Returns the last.
    pub(crate) async fn wait(&self, what: &str, times: usize, wanted: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{what} on the bus, {times} times");
        until(&what, || async { self.all(&wanted).await.get(times - 1..).and_then(|events| events.last().cloned()) })
            .await
    }

    pub(crate) async fn close(self) {
        let (bus, name) = (&self.shop.aws.bus, &self.shop.about.event_bus);
        bus.remove_targets().rule(&self.name).event_bus_name(name).ids("test").send().await.unwrap();
        bus.delete_rule().name(&self.name).event_bus_name(name).send().await.unwrap();
        self.shop.aws.queues.delete_queue().queue_url(&self.queue).send().await.unwrap();
    }
}

pub(crate) fn about(order: &Value) -> impl Fn(&Value) -> bool {
    let id = order["order_id"].clone();
    move |detail| detail["data"]["order_id"] == id
}
