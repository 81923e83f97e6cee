//! Requests to the whole shop, with a store, a clock and providers. No input causes an internal error.
//!
//! An input looks like those of [`crate::requests`].

use crate::requests;
use std::cell::RefCell;
use tests::Shop;
use tests::fixtures::text;
use tokio::runtime::{Builder, Runtime};

/// Requests after which a new shop is created, so that an input depends on few earlier ones.
const REQUESTS_MAX: u32 = 200;

struct Open {
    runtime: Runtime,
    shop: Shop,
    requests: u32,
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

/// A shop with data to find, to list and to buy.
fn open() -> Open {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let shop = runtime.block_on(async {
        let shop = Shop::open();
        let variant = shop.variant(50).await;
        let coupon = shop.coupon(20, 1).await;
        let ann = shop.customer("ann");
        ann.charge(100_000_000).await.expect(200);
        ann.take(&coupon).await.expect(201);
        let order = ann.order_with(&variant, &coupon).await;
        ann.pay(&order).await.expect(201);
        shop.dispatch_events().await;
        assert!(!text(&ann.get("/orders").await.expect(200)["items"][0], "order_id").is_empty());
        shop
    });
    Open { runtime, shop, requests: 0 }
}

pub(crate) fn target(input: &[u8]) {
    let Some((request, _)) = requests::read(input) else { return };
    OPEN.with_borrow_mut(|place| {
        if place.as_ref().is_some_and(|open| open.requests >= REQUESTS_MAX) {
            *place = None;
        }
        let open = place.get_or_insert_with(open);
        open.requests += 1;
        let session = open.shop.session(requests::caller(&request));
        let reply = open.runtime.block_on(session.send_raw(&request)).unwrap();
        assert!(reply.status < 500, "{} {}: {} {}", request.method, request.target, reply.status, reply.text);
        if reply.status >= 400 && !request.target.contains("/webhooks/") && !request.target.contains("/checkout") {
            assert_eq!(reply.headers["content-type"], "application/problem+json", "{}", reply.text);
        }
    });
}
