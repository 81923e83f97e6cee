//! What the data platform gets: one line of JSON per paid order. Its fields are the columns of the documented table
//! (docs/data-platform.md): add, never rename or take away. Ids and amounts alone, no contact data.

use crate::events::{OrderPaidV1, RawEnvelope, SoldLine};
use domain::Moment;
use domain::id::{CustomerId, EventId, OrderId, PaymentId, SellWindowId};
use domain::money::{Cents, Currency};
use domain::order::{OrderKind, OrderNo};
use domain::payment::PaymentMethod;
use serde::{Deserialize, Serialize};

/// A paid order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidOrderLine {
    /// The event that told of it. A line may be there more than once: those with the same event id are the same line.
    pub event_id: EventId,
    /// When it was paid.
    pub paid_at: Moment,
    /// Which order.
    pub order_id: OrderId,
    /// Its number, as customers know it.
    pub order_no: String,
    /// Whose, by the user pool's subject.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The payment that paid it.
    pub payment_id: PaymentId,
    /// How.
    pub method: PaymentMethod,
    /// In which currency.
    pub currency: Currency,
    /// What was paid, in the currency's minor unit.
    pub total_cents: Cents,
    /// What was bought.
    pub lines: Vec<SoldLine>,
    /// The same for everything that followed from one request.
    pub correlation_id: String,
}

impl PaidOrderLine {
    /// The line of an `order.paid.v1`.
    ///
    /// # Errors
    /// When the event's data is not of that type.
    pub fn read(event: &RawEnvelope) -> Result<Self, serde_json::Error> {
        let paid: OrderPaidV1 = event.read()?;
        Ok(Self {
            event_id: event.event_id,
            paid_at: paid.paid_at,
            order_id: paid.order_id,
            order_no: OrderNo::of(paid.order_id).as_str().to_owned(),
            customer_id: paid.customer_id,
            kind: paid.kind,
            sell_window_id: paid.sell_window_id,
            payment_id: paid.payment_id,
            method: paid.method,
            currency: paid.currency,
            total_cents: paid.total_cents,
            lines: paid.lines,
            correlation_id: event.trace.correlation_id.clone(),
        })
    }
}
