//! Messages of queues, streams and schedules: events from the bus, outbox records, ticks.
//!
//! An input is an invocation, and the body of a queue message.

use contracts::events::*;
use contracts::tickets::CouponRequested;
use runtime::http::Request;
use runtime::queue::Message;
use runtime::{queue, schedule, stream};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use store::outbox::Record;

pub(crate) fn target(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let batch = to_raw_value(&json!({ "Records": [{ "messageId": "m-1", "body": text }] })).unwrap();
    queue::read(&batch).unwrap().iter().for_each(message);
    let Ok(event) = serde_json::from_str::<Box<RawValue>>(text) else { return };
    let _ = Request::read(&event, functions::ROUTES).map(|request| request.admit("place_order"));
    let _ = schedule::read(&event);
    if let Ok(messages) = queue::read(&event) {
        let _ = queue::correlation_ids(&messages);
        messages.iter().for_each(message);
    }
    if let Ok(changes) = stream::read(&event) {
        let _ = stream::correlation_ids(&changes);
        for record in changes.into_iter().filter_map(|change| Record::from_stream(change.new_image).ok().flatten()) {
            record.events.iter().for_each(|event| data(&event.envelope));
        }
    }
}

fn message(message: &Message) {
    if let Ok(event) = message.event() {
        let written = serde_json::to_value(&event).unwrap();
        let again: RawEnvelope = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&again).unwrap(), written, "an envelope round-trips unchanged");
        data(&event);
    }
    if let Ok(request) = message.direct::<CouponRequested>() {
        let again: CouponRequested = serde_json::from_value(serde_json::to_value(&request).unwrap()).unwrap();
        assert_eq!(again, request);
    }
}

/// Parses the data as every type of event; a parsed event must serialize to the same data.
fn data(event: &RawEnvelope) {
    macro_rules! each {
        ($($kind:ident),* $(,)?) => {
            $(if let Ok(read) = event.read::<$kind>() {
                let written = serde_json::to_value(&read).unwrap();
                let again: $kind = serde_json::from_value(written.clone()).unwrap();
                assert_eq!(serde_json::to_value(&again).unwrap(), written, "{}", $kind::TYPE);
                let _ = read.aggregate();
            })*
        };
    }
    each!(
        ThresholdCreatedV1,
        OrderCreatedV1,
        OrderReservedV1,
        OrderPaidV1,
        OrderExpiredV1,
        OrderCanceledV1,
        OrderFailedV1,
        OrderShippingScheduledV1,
        OrderCompletedV1,
        OrderRefundedV1,
        ReserveRequestedV1,
        ReserveSucceededV1,
        ReserveFailedV1,
        BatchThresholdReachedV1,
        BatchConfirmedV1,
        BatchCanceledV1,
        BatchFinalizedV1,
        BatchPageDueV1,
        OfferMissedV1,
        PaymentRequestedV1,
        PaymentSucceededV1,
        PaymentFailedV1,
        PaymentExpiredV1,
        PaymentConfirmRequestedV1,
        PaymentLateV1,
        PaymentRefundRequestedV1,
        PaymentRefundedV1,
        PointsChargedV1,
        PointsUsedV1,
        CouponIssuedV1,
        ProductionStartedV1,
        ProductionCompletedV1,
        ProductionFailedV1,
        ScheduleRequestedV1,
        ScheduleSucceededV1,
        ScheduleFailedV1,
        ShipmentCreatedV1,
        NotificationRequestedV1,
        NotificationSentV1,
        NotificationFailedV1,
    );
}
