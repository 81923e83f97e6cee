//! Every event has a golden file and a consumer, or is marked as terminal.

use crate::read;
use contracts::events::{self, Audience, CATALOGUE, Envelope, Event};
use functions::USE_CASES;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::template::files_in;
use tests::upgrade_fixtures::{THIS, UpgradeFixture, releases};

fn golden(event_type: &str) -> Value {
    serde_json::from_str(&read(&format!("events/golden/{event_type}.json"))).unwrap()
}

#[test]
fn every_event_has_a_golden_file_and_every_golden_file_an_event() {
    let files: BTreeSet<String> =
        files_in("events/golden").iter().map(|name| name.trim_end_matches(".json").to_owned()).collect();
    let listed: BTreeSet<String> = CATALOGUE.iter().map(|(event_type, _, _)| (*event_type).to_owned()).collect();
    assert_eq!(files, listed, "events/golden/<type>.json (left) and contracts::events::CATALOGUE (right) differ");
}

fn check<E: Event>() -> &'static str {
    let golden = golden(E::TYPE);
    let envelope: Envelope<E> =
        serde_json::from_value(golden.clone()).unwrap_or_else(|error| panic!("{}: {error}", E::TYPE));
    let written = serde_json::to_value(&envelope).unwrap();
    assert_eq!(
        written,
        golden,
        "{}: who reads it would see a change. Additive: renew the golden file; breaking: add the next version",
        E::TYPE
    );
    assert_eq!(envelope.event_type, E::TYPE, "the golden file's type");
    assert_eq!(envelope.aggregate, envelope.data.aggregate(), "{}: the golden file's aggregate", E::TYPE);
    assert!(CATALOGUE.iter().any(|(event_type, area, _)| *event_type == E::TYPE && *area == E::AREA), "{}", E::TYPE);
    E::TYPE
}

#[test]
fn every_golden_file_goes_through_its_type_unchanged() {
    let checked = BTreeSet::from([
        check::<events::ThresholdCreatedV1>(),
        check::<events::OrderCreatedV1>(),
        check::<events::OrderReservedV1>(),
        check::<events::OrderPaidV1>(),
        check::<events::OrderExpiredV1>(),
        check::<events::OrderCanceledV1>(),
        check::<events::OrderFailedV1>(),
        check::<events::OrderShippingScheduledV1>(),
        check::<events::OrderCompletedV1>(),
        check::<events::OrderRefundedV1>(),
        check::<events::ReserveRequestedV1>(),
        check::<events::ReserveSucceededV1>(),
        check::<events::ReserveFailedV1>(),
        check::<events::BatchThresholdReachedV1>(),
        check::<events::BatchConfirmedV1>(),
        check::<events::BatchRescheduledV1>(),
        check::<events::BatchCanceledV1>(),
        check::<events::BatchFinalizedV1>(),
        check::<events::BatchPageDueV1>(),
        check::<events::OfferMissedV1>(),
        check::<events::PaymentRequestedV1>(),
        check::<events::PaymentSucceededV1>(),
        check::<events::PaymentFailedV1>(),
        check::<events::PaymentExpiredV1>(),
        check::<events::PaymentConfirmRequestedV1>(),
        check::<events::PaymentLateV1>(),
        check::<events::PaymentRefundRequestedV1>(),
        check::<events::PaymentRefundedV1>(),
        check::<events::PointsChargedV1>(),
        check::<events::PointsUsedV1>(),
        check::<events::CouponIssuedV1>(),
        check::<events::ProductionStartedV1>(),
        check::<events::ProductionCompletedV1>(),
        check::<events::ProductionFailedV1>(),
        check::<events::ScheduleRequestedV1>(),
        check::<events::ScheduleSucceededV1>(),
        check::<events::ScheduleFailedV1>(),
        check::<events::ShipmentCreatedV1>(),
        check::<events::NotificationRequestedV1>(),
        check::<events::NotificationSentV1>(),
        check::<events::NotificationFailedV1>(),
    ]);
    let listed: BTreeSet<&str> = CATALOGUE.iter().map(|(event_type, _, _)| *event_type).collect();
    assert_eq!(checked, listed, "add the new type to this test");
}

#[test]
fn an_event_with_a_field_that_is_not_known_yet_is_read() {
    let mut newer = golden("order.paid.v1");
    newer["data"]["gift_wrap"] = true.into();
    newer["tenant"] = "x".into();
    serde_json::from_value::<Envelope<events::OrderPaidV1>>(newer).expect("additive changes keep the version");
}

#[test]
fn no_event_carries_contact_data() {
    for (event_type, _, _) in CATALOGUE {
        let text = golden(event_type).to_string();
        for personal in ["email", "phone", "address", "\"name\"", "line_user_id", "contact"] {
            assert!(!text.contains(personal), "{event_type} has {personal}: events carry ids and quantities");
        }
    }
}

#[test]
fn every_event_has_the_consumers_that_the_manifests_give_it() {
    let mut routed = BTreeSet::new();
    for use_case in USE_CASES {
        let rules = use_case.manifest.queues.iter().flat_map(|queue| queue.rules);
        routed.extend(
            rules
                .flat_map(|rule| rule.types)
                .map(|kind| (events::current_type(kind).to_owned(), use_case.name.to_owned())),
        );
    }
    let mut wanted = BTreeSet::new();
    for (event_type, _, audience) in CATALOGUE {
        if let Audience::Consumers(consumers) = audience {
            assert!(!consumers.is_empty(), "{event_type}: name its consumers or mark it as Terminal");
            wanted.extend(consumers.iter().map(|consumer| ((*event_type).to_owned(), (*consumer).to_owned())));
        }
    }
    assert_eq!(routed, wanted, "the rules of the manifests (left) and contracts::events::CATALOGUE (right) differ");
}

/// The events that each release left on the bus, under the current names of their types.
fn left_on_the_bus(release: &str) -> BTreeSet<String> {
    let types = UpgradeFixture::read(release).events;
    types.iter().map(|event| events::current_type(event["detail-type"].as_str().unwrap()).to_owned()).collect()
}

#[test]
fn every_event_type_is_among_what_this_version_leaves_on_the_bus() {
    let left = left_on_the_bus(THIS);
    for (event_type, _, _) in CATALOGUE {
        assert!(
            left.contains(*event_type),
            "{event_type}: let tests/src/upgrade_fixtures/create.rs leave one (docs/upgrade.md)"
        );
    }
}

#[test]
fn what_a_release_left_on_the_bus_is_still_listened_to() {
    for release in releases() {
        for event_type in left_on_the_bus(&release) {
            let known = CATALOGUE.iter().any(|(known, _, _)| *known == event_type);
            assert!(known, "{event_type} of {release} is in nobody's catalogue while it may still be on its way");
        }
    }
}
