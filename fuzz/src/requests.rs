//! Requests, as far as they are parsed before any effect: caller, key, body and cursor.
//!
//! An input looks like a request: `POST /api/v1/orders`, headers, an empty line, the body.

use contracts::routes::Route;
use contracts::{batches, catalog, coupons, orders, payments, points, production, quotes, sell_windows};
use contracts::{profile, shipping, shipping_methods};
use domain::Refusal;
use domain::id::{CustomerId, OrderId};
use domain::order::OrderNo;
use runtime::http::{IDEMPOTENCY_KEY_CHARS_MAX, Request};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use tests::Caller;
use tests::events::{HttpRequest, api_gateway};

static SHOP: LazyLock<domain::shop::Shop> = LazyLock::new(tests::shop::numbers);

/// Parses an input as a request. `None` if API Gateway would not pass it to a function.
pub(crate) fn read(input: &[u8]) -> Option<(HttpRequest, &'static Route)> {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((input, None), |end| (&input[..end], Some(input[end + 2..].to_vec())));
    let mut lines = std::str::from_utf8(head).ok()?.split('\n');
    let (method, target) = lines.next()?.split_once(' ')?;
    let path = target.split('?').next()?;
    let (route, _) = functions::find_route(method, path)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    if !headers.iter().all(|(name, value)| is_header(name, value)) {
        return None;
    }
    Some((HttpRequest { method: method.to_owned(), target: target.to_owned(), headers, body }, route))
}

/// Whether a header is valid and not set by API Gateway itself.
fn is_header(name: &str, value: &str) -> bool {
    let is_token =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    is_token && !value.contains(|c: char| c.is_ascii_control()) && !matches!(name, "host" | "x-forwarded-proto")
}

/// The token's claims are input too: API Gateway has verified only its signature. The headers `sub` and `groups` become
/// claims; without them the caller is an admin.
pub(crate) fn caller(request: &HttpRequest) -> Caller {
    let claims = [("sub", "sub"), ("groups", "cognito:groups")].into_iter().filter_map(|(header, claim)| {
        let (_, value) = request.headers.iter().find(|(name, _)| name == header)?;
        Some((claim.to_owned(), json!(value)))
    });
    let claims: Map<String, Value> = claims.collect();
    if claims.is_empty() { Caller::Admin("admin-1".to_owned()) } else { Caller::Claims(claims.into()) }
}

pub(crate) fn target(input: &[u8]) {
    let Some((request, route)) = read(input) else { return };
    let caller = caller(&request);
    let (use_case, event) = api_gateway(&request, &caller, "r-1");
    let Ok(read) = Request::read(&to_raw_value(&event).unwrap(), functions::ROUTES) else { return };
    if read.admit(use_case).is_err() {
        return;
    }
    if let Ok(customer) = read.customer() {
        assert!(CustomerId::parse(customer.as_str()).is_some() && !customer.as_str().contains('#'));
    }
    if let Ok(Some(key)) = read.idempotency_key() {
        assert!((1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.key.len()));
        assert_eq!(key.fingerprint.len(), 64);
    }
    let _ = (read.prefers_async(), read.page(), read.correlation_id(), read.query("status"));
    let _ = (OrderId::parse(read.path("order_id")), read.query("order_no").and_then(OrderNo::parse));
    if let Err(refusal) = body(&read, route.use_case) {
        let status = runtime::problem::status(refusal.kind());
        assert!((400..500).contains(&status), "{refusal:?}");
    }
}

/// Parses the body as its use case does.
fn body(request: &Request, use_case: &str) -> Result<(), Refusal> {
    let unit = SHOP.charge_unit;
    match use_case {
        "create_product" => request.json::<catalog::CreateProduct>()?.parse().map(drop)?,
        "update_product" => request.json::<catalog::UpdateProduct>()?.parse().map(drop)?,
        "add_variant" => request.json::<catalog::AddVariant>()?.parse(&SHOP).map(drop)?,
        "update_variant" => request.json::<catalog::UpdateVariant>()?.parse(&SHOP).map(drop)?,
        "adjust_stock" => request.json::<catalog::AdjustStock>()?.parse().map(drop)?,
        "create_sell_window" => request.json::<sell_windows::CreateSellWindow>()?.parse().map(drop)?,
        "configure_offer" => request.json::<sell_windows::ConfigureOffer>()?.parse().map(drop)?,
        "place_order" => request.json::<orders::PlaceOrder>()?.parse().map(drop)?,
        "cancel_order" => request.json_or_default::<orders::CancelOrder>()?.parse().map(drop)?,
        "charge_points" => request.json::<points::ChargePoints>().map(drop)?,
        "create_coupon" => request.json::<coupons::CreateCoupon>()?.parse(&SHOP).map(drop)?,
        "update_coupon" => request.json::<coupons::UpdateCoupon>()?.parse().map(drop)?,
        "pay_order" => request.json::<payments::PayOrder>()?.parse().map(drop)?,
        "refund_order" => request.json::<payments::RefundOrder>()?.parse(unit).map(drop)?,
        "confirm_batch" => request.json_or_default::<batches::ConfirmBatch>()?.parse().map(drop)?,
        "cancel_batch" => request.json::<batches::CancelBatch>()?.parse().map(drop)?,
        "schedule_batch" => request.json::<batches::ScheduleBatch>()?.parse().map(drop)?,
        "start_work_order" => request.json::<production::StartWorkOrder>()?.parse().map(drop)?,
        "update_work_step" => request.json::<production::UpdateWorkStep>()?.parse().map(drop)?,
        "fail_work_order" => request.json::<production::FailWorkOrder>()?.parse().map(drop)?,
        "ship_order" => request.json::<shipping::ShipOrder>()?.parse().map(drop)?,
        "quote_order" => request.json::<quotes::QuoteOrder>()?.parse().map(drop)?,
        "set_profile" => request.json::<profile::SetProfile>()?.parse().map(drop)?,
        "set_shipping_method" => {
            request.json::<shipping_methods::SetShippingMethod>()?.parse(request.path("code"), unit).map(drop)?;
        }
        _ => {}
    }
    Ok(())
}
