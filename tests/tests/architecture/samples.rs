//! The samples in `events/` are what the runtime reads.

use crate::read;
use functions::{Trigger, USE_CASES, find_route};
use runtime::http::Request;
use runtime::{queue, schedule, stream};
use serde_json::Value;
use serde_json::value::RawValue;
use store::outbox::Record;

fn sample(name: &str) -> Box<RawValue> {
    RawValue::from_string(read(&format!("events/{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_sample_of_a_request_is_admitted() {
    for use_case in USE_CASES {
        if let Trigger::Http(_) | Trigger::HttpAndSchedule(..) = use_case.trigger {
            let request = Request::read(&sample(use_case.name), functions::ROUTES)
                .unwrap_or_else(|error| panic!("{}: {error}", use_case.name));
            request.admit(use_case.name).unwrap_or_else(|refusal| panic!("{}: {refusal}", use_case.name));
            request.idempotency_key().unwrap_or_else(|refusal| panic!("{}: {refusal}", use_case.name));
            assert!(request.request_id().is_some(), "{}: requestContext.requestId", use_case.name);
        }
    }
}

#[test]
fn every_sample_of_a_request_takes_the_route_that_its_path_leads_to() {
    for use_case in USE_CASES {
        if let Trigger::Http(_) | Trigger::HttpAndSchedule(..) = use_case.trigger {
            let event: Value = serde_json::from_str(sample(use_case.name).get()).unwrap();
            let (method, path) = (event["requestContext"]["http"]["method"].as_str(), event["rawPath"].as_str());
            let (route, parameters) = find_route(method.unwrap(), path.unwrap())
                .unwrap_or_else(|| panic!("{}: rawPath leads nowhere", use_case.name));
            assert_eq!(event["routeKey"], format!("{} {}", route.method, route.path), "{}", use_case.name);
            for (name, value) in parameters {
                assert_eq!(event["pathParameters"][name], value, "{}: {name}", use_case.name);
            }
        }
    }
}

#[test]
fn every_sample_of_a_body_is_what_its_route_takes() {
    fn check<T: serde::de::DeserializeOwned>(name: &str) {
        let request = Request::read(&sample(name), functions::ROUTES).unwrap();
        request.json::<T>().unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
    }
    check::<contracts::catalog::CreateProduct>("create_product");
    check::<contracts::catalog::UpdateProduct>("update_product");
    check::<contracts::images::UploadImage>("upload_image");
    check::<contracts::images::ArrangeImages>("arrange_images");
    check::<contracts::catalog::AddVariant>("add_variant");
    check::<contracts::catalog::UpdateVariant>("update_variant");
    check::<contracts::catalog::AdjustStock>("adjust_stock");
    check::<contracts::orders::PlaceOrder>("place_order");
    check::<contracts::quotes::QuoteOrder>("quote_order");
    check::<contracts::orders::CancelOrder>("cancel_order");
    check::<contracts::points::ChargePoints>("charge_points");
    check::<contracts::coupons::CreateCoupon>("create_coupon");
    check::<contracts::coupons::UpdateCoupon>("update_coupon");
    check::<contracts::sell_windows::CreateSellWindow>("create_sell_window");
    check::<contracts::sell_windows::ConfigureOffer>("configure_offer");
    check::<contracts::batches::ConfirmBatch>("confirm_batch");
    check::<contracts::batches::CancelBatch>("cancel_batch");
    check::<contracts::batches::ScheduleBatch>("schedule_batch");
    check::<contracts::production::StartWorkOrder>("start_work_order");
    check::<contracts::production::UpdateWorkStep>("update_work_step");
    check::<contracts::production::FailWorkOrder>("fail_work_order");
    check::<contracts::payments::PayOrder>("pay_order");
    check::<contracts::shipping::ShipOrder>("ship_order");
    check::<contracts::shipping::ShipOrders>("ship_orders");
    check::<contracts::shipping_methods::SetShippingMethod>("set_shipping_method");
    check::<contracts::profile::SetProfile>("set_profile");
    check::<contracts::orders::ChangeContact>("change_contact");
    check::<contracts::payments::RefundOrder>("refund_order");
    check::<contracts::payments::RecordRefund>("record_refund");
    check::<contracts::sell_windows::UpdateSellWindow>("update_sell_window");
    check::<contracts::platform::ReplayEvents>("replay_events");
    check::<contracts::points::GrantPoints>("grant_points");
    check::<contracts::payments::FinishPaymentTask>("finish_payment_task");
}

#[test]
fn every_sample_of_a_batch_is_read_to_the_last_record() {
    for use_case in USE_CASES {
        let name = use_case.name;
        match use_case.trigger {
            Trigger::Queue(_) => {
                let messages = queue::read(&sample(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(!messages.is_empty(), "{name}: a batch with a record");
                for message in messages {
                    if name == "issue_requested_coupons" {
                        let read = message.direct::<contracts::tickets::CouponRequested>();
                        read.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
                        continue;
                    }
                    let event = message.event().unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
                    let golden: Value =
                        serde_json::from_str(&read(&format!("events/golden/{}.json", event.event_type))).unwrap();
                    assert_eq!(serde_json::to_value(&event).unwrap(), golden, "{name}: the event is its golden file's");
                }
            }
            Trigger::Stream(_) => {
                let changes = stream::read(&sample(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(!changes.is_empty(), "{name}: a batch with a change");
                for change in changes {
                    let record = Record::from_stream(change.new_image).unwrap().expect("a record of the outbox");
                    for event in record.events {
                        let golden = read(&format!("events/golden/{}.json", event.envelope.event_type));
                        let golden: Value = serde_json::from_str(&golden).unwrap();
                        assert_eq!(
                            serde_json::to_value(&event.envelope).unwrap(),
                            golden,
                            "{name}: the event is its golden file's"
                        );
                    }
                }
            }
            Trigger::Schedule(_) => {
                schedule::read(&sample(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            Trigger::Http(_) | Trigger::HttpAndSchedule(..) => {}
        }
    }
}
