//! Shipping records by order id. A record is inserted when an order's shipping is requested, which happens once, and
//! the shipment is added later. A consumer that knows only the order's id finds its customer here, by a strongly
//! consistent read.

use crate::db::{from_item, number, put, to_item, update};
use crate::{OrderKey, Store, Tx, time};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use domain::Moment;
use domain::id::{CustomerId, EventId, OrderId};
use domain::order::Order;
use domain::shipment::Shipment;
use serde::{Deserialize, Serialize};

const META: &str = "META";

#[derive(Debug, Serialize, Deserialize)]
struct ShippingItem {
    pk: String,
    sk: String,
    customer_id: CustomerId,
    #[serde(with = "time")]
    requested_at: Moment,
}

fn shipping_pk(order: OrderId) -> String {
    format!("SHIPMENT#{order}")
}

impl Store {
    /// The key of the order whose shipping was requested; `None` if it was not.
    pub async fn find_shipping(&self, order: OrderId) -> Result<Option<OrderKey>, Failure> {
        let Some(item) = self.get(&self.tables.production, &shipping_pk(order), META, true).await? else {
            return Ok(None);
        };
        let item: ShippingItem = from_item(item)?;
        Ok(Some(OrderKey { customer: item.customer_id, id: order }))
    }
}

impl Tx<'_> {
    /// Records that an order's shipping is requested because of `event`. If it was requested before, by any event, the
    /// transaction is [`crate::Rejected::Consumed`]: an order is shipped once.
    pub fn request_shipping(&mut self, order: &Order, event: EventId) -> Result<(), Failure> {
        let item = ShippingItem {
            pk: shipping_pk(order.id),
            sk: META.to_owned(),
            customer_id: order.customer.clone(),
            requested_at: self.now(),
        };
        let put = put(&self.tables().production, &item)?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.or_consumed(event);
        Ok(())
    }

    /// Adds the shipment.
    pub fn save_shipment(&mut self, order: OrderId, shipment: &Shipment) -> Result<(), Failure> {
        let way = AttributeValue::M(to_item(&shipment.way)?);
        let save = update(&self.tables().production, &shipping_pk(order), META)
            .update_expression("SET way = :way, shipped_at = :at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":way", way)
            .expression_attribute_values(":at", number(shipment.shipped_at.as_millisecond()));
        self.update(save)?;
        Ok(())
    }
}
