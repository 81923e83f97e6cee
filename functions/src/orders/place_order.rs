//! `place_order`: POST /api/v1/orders. A customer turns a cart into an order.
//!
//! Holds stock and the coupon until payment or expiry; with a sell window, places in the offer until its batch is decided.
//! Emits `order.reserved.v1`.

use crate::App;
use contracts::Failure;
use contracts::events::OrderReservedV1;
use contracts::orders::{OrderView, PlaceOrder};
use domain::cart::{Cart, LINES_MAX};
use domain::catalog::Listing;
use domain::id::{CustomerId, OrderId};
use domain::offer::Offer;
use domain::order::{self, Opening, Order, Placement};
use domain::{Refusal, stock};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::stock::Pool;
use store::{Answer, Once, Rejected, TX_ITEMS_MAX, settle};

/// Writes beside those of the stock: order, coupon, idempotency record, outbox record, and room for two.
const OTHER_WRITES: usize = 6;
const _: () = assert!(LINES_MAX + OTHER_WRITES <= TX_ITEMS_MAX);
/// How often the shards are looked at for one order before it counts as sold out.
const PROBES_MAX: u32 = 3;

/// Who, which key, what.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let once = app.once(&customer, &request)?;
    let cart = request.json::<PlaceOrder>()?.parse()?;
    let work = place_order(app, &customer, once.as_ref(), &cart);
    let answer = app.answer_once(&app.store.tables().orders, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn place_order(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    cart: &Cart,
) -> Result<Answer, Failure> {
    let placed = match attempt(app, customer, once, cart, Reads::Eventual).await {
        // Sold out is known from the write itself; any other refusal may rest on a read that lagged behind.
        Err(Rejected::Failure(Failure::Refused(Refusal::OutOfStock { variant }))) => {
            Err(Refusal::OutOfStock { variant }.into())
        }
        Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
            settle(|| attempt(app, customer, once, cart, Reads::Strong)).await
        }
        placed => placed.map_err(Failure::from),
    };
    if let Err(Failure::Refused(Refusal::OutOfStock { .. })) = placed {
        app.count(Metric::StockRefused);
    }
    placed
}

async fn attempt(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    cart: &Cart,
    reads: Reads,
) -> Result<Answer, Rejected> {
    let (listings, means) = app.store.means_of(customer, cart, reads).await?;
    let placement = Placement { id: OrderId::new(app.new_id()?), customer: customer.clone(), now: app.now() };
    let mut order = order::place(placement, cart, &listings, &means, app.shop())?;
    let goods = Goods { listings, opening: means.opening };
    for _ in 0..PROBES_MAX {
        match write(app, once, &order, &goods).await {
            Err(Rejected::Failure(Failure::Refused(Refusal::OutOfStock { .. }))) if goods.is_sharded() => {
                goods.find_stock(app, &mut order).await?;
            }
            Err(Rejected::Failure(Failure::Refused(Refusal::OfferFull))) => {
                goods.find_places(app, &mut order).await?;
            }
            written => return written,
        }
    }
    write(app, once, &order, &goods).await
}

async fn write(app: &App, once: Option<&Once>, order: &Order, goods: &Goods) -> Result<Answer, Rejected> {
    let answer = Answer::new(201, &OrderView::from(order))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().orders, once, &answer)?;
    tx.insert_order(order)?;
    tx.hold_goods(order, goods.per_customer_max())?;
    if let Some(coupon) = order.coupon {
        tx.hold_coupon(&order.customer, coupon, order.id)?;
    }
    tx.emit(&OrderReservedV1::from(order))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::OrdersPlaced);
    Ok(answer)
}

/// Where an order's pieces come from.
struct Goods {
    listings: Vec<Listing>,
    opening: Option<Opening>,
}

impl Goods {
    fn is_sharded(&self) -> bool {
        self.listings.iter().any(|listing| listing.stock_shards > 1)
    }

    fn offer(&self) -> Option<&Offer> {
        self.opening.as_ref()?.offer.as_ref().map(|(offer, _)| offer)
    }

    fn per_customer_max(&self) -> Option<u32> {
        self.offer()?.terms.per_customer_max
    }

    /// The first guess was wrong: looks into every shard before it says "sold out", and takes from several if one is not
    /// enough.
    async fn find_stock(&self, app: &App, order: &mut Order) -> Result<(), Failure> {
        let pools: Vec<(Pool, u8)> =
            self.listings.iter().map(|listing| (Pool::Stock(listing.variant), listing.stock_shards)).collect();
        let left = app.store.left(&pools).await?;
        let mut writes = OTHER_WRITES;
        for line in &mut order.lines {
            let variant = line.variant;
            let refusal = Refusal::OutOfStock { variant };
            let left = left.get(&Pool::Stock(variant)).map(Vec::as_slice).unwrap_or_default();
            line.takings = stock::take(line.quantity.get(), left).ok_or_else(|| refusal.clone())?;
            writes += line.takings.len();
            // Crumbs in so many shards that one transaction cannot gather them: as good as sold out.
            if writes > TX_ITEMS_MAX {
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    /// The same for a preorder's places. Enough is left and the write was refused all the same: the offer was closed.
    async fn find_places(&self, app: &App, order: &mut Order) -> Result<(), Rejected> {
        let Some(offer) = self.offer() else { return Err(Refusal::OfferFull.into()) };
        let pool = Pool::Capacity(offer.id);
        let left = app.store.left(&[(pool, offer.capacity_shards)]).await?;
        let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
        let places = stock::take(order.quantity(), left).ok_or(Refusal::OfferFull)?;
        if places == order.places {
            return Err(Rejected::Stale);
        }
        order.places = places;
        Ok(())
    }
}
