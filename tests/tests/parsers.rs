//! Property tests of all parsers of outside input: no parser panics, and every output can be parsed again.

use contracts::events::{CATALOGUE, RawEnvelope};
use contracts::page::{Limit, PageQuery};
use domain::id::{CouponId, CustomerId, EntryId, EventId, OrderId, PaymentId, ProductId, RecordId, VariantId};
use domain::order::OrderNo;
use functions::{ROUTES, find_route};
use proptest::prelude::*;
use runtime::http::{IDEMPOTENCY_KEY_CHARS_MAX, Request};
use runtime::{queue, schedule, stream};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use store::outbox::Record;
use uuid::Uuid;

/// Any JSON of limited depth.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// A sample invocation with one value replaced: closer to valid input than arbitrary JSON, so it reaches more code.
fn bent(sample: &'static str) -> impl Strategy<Value = Box<RawValue>> {
    let sample: Value = serde_json::from_str(sample).expect("a sample is JSON");
    let places = places(&sample, String::new());
    (prop::sample::select(places), any_json()).prop_map(move |(place, anything)| {
        let mut bent = sample.clone();
        if let Some(slot) = bent.pointer_mut(&place) {
            *slot = anything;
        }
        to_raw_value(&bent).expect("JSON")
    })
}

fn places(value: &Value, at: String) -> Vec<String> {
    let below: Vec<String> = match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| places(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))))
            .collect(),
        Value::Array(items) => {
            (0..).zip(items).flat_map(|(n, item): (usize, _)| places(item, format!("{at}/{n}"))).collect()
        }
        _ => Vec::new(),
    };
    std::iter::once(at).chain(below).collect()
}

fn request(headers: &Value, query: &Value, body: &str) -> Request {
    let event = json!({
        "version": "2.0", "routeKey": "POST /api/v1/orders", "rawPath": "/api/v1/orders", "rawQueryString": "",
        "headers": headers, "queryStringParameters": query, "body": body, "isBase64Encoded": false,
        "requestContext": {
            "http": { "method": "POST", "path": "/api/v1/orders", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7" },
            "requestId": "r-1", "routeKey": "POST /api/v1/orders", "stage": "$default",
        },
    });
    Request::read(&to_raw_value(&event).expect("JSON"), functions::ROUTES).expect("an event of API Gateway")
}

proptest! {
    #[test]
    fn an_id_is_parsed_only_in_its_canonical_form(bits in any::<u128>(), serial in any::<u32>()) {
        let id = Uuid::from_u128(bits);
        let text = id.to_string();
        prop_assert_eq!(OrderId::parse(&text), Some(OrderId::new(id)));
        prop_assert_eq!(PaymentId::parse(&text), Some(PaymentId::new(id)));
        prop_assert_eq!(CouponId::parse(&text), Some(CouponId::new(id)));
        prop_assert_eq!(EntryId::parse(&text), Some(EntryId::new(id)));
        let variant = VariantId::new(ProductId::new(id), serial);
        prop_assert_eq!(VariantId::parse(&variant.to_string()), Some(variant));
        let record = RecordId::new(id);
        prop_assert_eq!(RecordId::parse(&record.to_string()), Some(record));
        let upper = text.to_uppercase();
        prop_assert!(upper == text || OrderId::parse(&upper).is_none());
    }

    #[test]
    fn an_event_id_identifies_its_outbox_record(bits in any::<u128>(), position in 0..16u8) {
        let record = RecordId::new(Uuid::from_u128(bits));
        let event = record.event(position);
        prop_assert_eq!(EventId::parse(&event.to_string()), Some(event));
        prop_assert_eq!((event.record(), event.position()), (record, usize::from(position)));
    }

    #[test]
    fn any_other_text_parses_to_nothing_or_round_trips(text in ".{0,60}") {
        prop_assert!(OrderId::parse(&text).is_none_or(|id| id.to_string() == text));
        prop_assert!(VariantId::parse(&text).is_none_or(|id| id.to_string() == text));
        prop_assert!(EventId::parse(&text).is_none_or(|id| id.to_string() == text));
        prop_assert!(CustomerId::parse(&text).is_none_or(|id| id.as_str() == text && !text.contains('#')));
    }

    #[test]
    fn an_order_number_is_parsed_in_any_case_and_with_separators(bits in any::<u128>(), lower in any::<bool>()) {
        // Any time of a UUID v7 in the next centuries.
        let id = OrderId::new(Uuid::from_u128((bits & !(0xffff_u128 << 112)) | (0x019a_u128 << 112)));
        let number = OrderNo::of(id, &jiff::tz::TimeZone::UTC);
        let typed = number.as_str().replace('-', if lower { "" } else { " " }).replace('0', "o");
        let typed = if lower { typed.to_lowercase() } else { typed };
        prop_assert_eq!(OrderNo::parse(&typed), Some(number));
    }

    #[test]
    fn any_text_parses_as_an_order_number_or_is_rejected(text in ".{0,40}") {
        if let Some(number) = OrderNo::parse(&text) {
            prop_assert_eq!(OrderNo::parse(number.as_str()), Some(number.clone()));
        }
    }

    #[test]
    fn a_page_holds_1_to_100_items_for_any_limit(limit in ".{0,6}", cursor in ".{0,300}") {
        if let Ok(page) = PageQuery::parse("list", Some(&limit), Some(&cursor)) {
            prop_assert!((1..=usize::from(Limit::MAX)).contains(&page.limit.get()));
            prop_assert!(cursor.len() <= PageQuery::CURSOR_BYTES_MAX);
        }
    }

    #[test]
    fn a_path_matches_only_the_route_of_its_template(position in 0..ROUTES.len(), value in "[!-.0-~]{1,40}") {
        let route = &ROUTES[position];
        let parts: Vec<&str> =
            route.path.split('/').map(|part| if part.starts_with('{') { value.as_str() } else { part }).collect();
        let path = parts.join("/");
        let (found, parameters) = find_route(route.method, &path).expect("a route");
        // A literal segment takes precedence over a parameter, so another route with fewer parameters may match.
        prop_assert!(found == route || parameters.len() < parts.len());
        prop_assert!(parameters.iter().all(|(_, given)| *given == value));
    }

    #[test]
    fn any_idempotency_key_is_accepted_unchanged_or_refused(key in "[ -~]{0,300}", body in any_json()) {
        let request = request(&json!({ "idempotency-key": key }), &json!({}), &body.to_string());
        match request.idempotency_key() {
            Ok(Some(read)) => {
                prop_assert_eq!(&read.key, &key);
                prop_assert!((1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&read.key.len()));
            }
            Ok(None) => prop_assert!(false, "a key that was sent is not overlooked"),
            Err(_) => prop_assert!(key.is_empty() || key.len() > IDEMPOTENCY_KEY_CHARS_MAX || key.contains([' ', ','])),
        }
    }

    #[test]
    fn a_request_fingerprint_ignores_only_white_space(one in any_json(), other in any_json()) {
        let print = |body: &str| {
            let request = request(&json!({ "idempotency-key": "k" }), &json!({}), body);
            request.idempotency_key().expect("a key").expect("a key").fingerprint
        };
        prop_assert_eq!(print(&one.to_string()), print(&format!("{one:#}")));
        prop_assert_eq!(print(&one.to_string()) == print(&other.to_string()), one == other);
    }

    #[test]
    fn an_accepted_correlation_id_is_safe_in_a_log_line(id in "[ -~]{0,80}") {
        let request = request(&json!({ "x-correlation-id": id }), &json!({}), "");
        if let Some(taken) = request.correlation_id() {
            prop_assert_eq!(taken, &id);
            prop_assert!(id.len() <= 64 && !id.contains([' ', '"', '\\', '\n', '#']));
        }
    }

    #[test]
    fn any_body_is_parsed_or_refused(body in ".{0,200}", json in any_json()) {
        for body in [body, json.to_string()] {
            let request = request(&json!({}), &json!({}), &body);
            let _ = request.json::<contracts::orders::PlaceOrder>().map(|body| body.parse());
            let _ = request.json::<contracts::payments::PayOrder>().map(|body| body.parse());
            let _ = request.json_or_default::<contracts::orders::CancelOrder>().map(|body| body.parse());
        }
    }

    #[test]
    fn any_json_parses_as_an_invocation_or_is_rejected(event in any_json()) {
        let event = to_raw_value(&event).expect("JSON");
        let _ = Request::read(&event, functions::ROUTES).map(|request| request.admit("place_order"));
        let _ = schedule::read(&event);
        for message in queue::read(&event).into_iter().flatten() {
            let _ = message.event();
        }
        for change in stream::read(&event).into_iter().flatten() {
            let _ = Record::from_stream(change.new_image);
        }
    }

    #[test]
    fn a_mutated_request_is_parsed_or_refused(event in bent(include_str!("../../events/place_order.json"))) {
        if let Ok(request) = Request::read(&event, functions::ROUTES) && request.admit("place_order").is_ok() {
            let _ = request.idempotency_key();
            let _ = request.json::<contracts::orders::PlaceOrder>().map(|body| body.parse());
        }
    }

    #[test]
    fn a_mutated_batch_is_parsed_or_refused(event in bent(include_str!("../../events/count_sales.json"))) {
        for message in queue::read(&event).into_iter().flatten() {
            let _ = message.event().map(|event| event.read::<contracts::events::OrderPaidV1>().is_ok());
        }
    }

    #[test]
    fn a_mutated_stream_record_is_parsed_or_refused(event in bent(include_str!("../../events/relay_outbox.json"))) {
        for change in stream::read(&event).into_iter().flatten() {
            let _ = Record::from_stream(change.new_image);
        }
    }

    #[test]
    fn an_event_envelope_survives_the_bus_unchanged(
        kind in 0..CATALOGUE.len(), bits in any::<u128>(), millis in 0..253_402_207_200_000_i64, version in any::<u64>(),
        correlation_id in ".{0,64}", causation_id in ".{0,64}", data in any_json(),
    ) {
        let envelope = RawEnvelope {
            event_id: RecordId::new(Uuid::from_u128(bits)).event(1),
            event_type: CATALOGUE[kind].0.to_owned(),
            occurred_at: domain::Moment::from_millisecond(millis).expect("a moment"),
            aggregate: contracts::events::Aggregate::new("order", Uuid::from_u128(bits), version),
            trace: contracts::events::Trace { correlation_id, causation_id },
            data: to_raw_value(&data).expect("JSON"),
        };
        let sent = serde_json::to_string(&envelope).expect("JSON");
        let body = json!({ "detail-type": envelope.event_type, "source": "millrun.orders", "detail": serde_json::from_str::<Value>(&sent).expect("JSON") });
        let batch = json!({ "Records": [{ "messageId": "m-1", "body": body.to_string() }] });
        let messages = queue::read(&to_raw_value(&batch).expect("JSON")).expect("a batch");
        let received = messages[0].event().expect("an event");
        prop_assert_eq!(serde_json::to_value(&received).expect("JSON"), serde_json::to_value(&envelope).expect("JSON"));
    }
}
