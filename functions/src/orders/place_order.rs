//! `place_order`: POST /api/v1/orders. A customer turns a cart into an order.
//!
//! Holds stock and the coupon until payment or expiry; with a sell window, places in the offer until its batch is decided.
//! Emits `order.reserved.v1`. With `Prefer: respond-async` it holds nothing yet: the order is CREATED, and
//! `order.created.v1` and `inventory.reserve_requested.v1` are emitted for `reserve_order`, or for an outside system.

use super::goods::Goods;
use crate::App;
use contracts::Failure;
use contracts::events::{OrderCreatedV1, OrderReservedV1, ReserveRequestedV1};
use contracts::orders::{OrderView, PlaceOrder};
use domain::Refusal;
use domain::cart::Cart;
use domain::id::{CustomerId, OrderId};
use domain::order::{self, Order, Placement};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Answer, Once, Rejected, settle};

/// The status of an answer that is given before anything is held.
const ACCEPTED: u16 = 202;

/// When an order's pieces are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// With the order itself.
    Now,
    /// After the answer.
    Later,
}

/// Who, which key, what, and whether they wait.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let once = app.once(&customer, &request)?;
    let cart = request.json::<PlaceOrder>()?.parse()?;
    let hold = if request.prefers_async() { Hold::Later } else { Hold::Now };
    let work = place_order(app, &customer, once.as_ref(), &cart, hold);
    let answer = app.answer_once(&app.store.tables().orders, once.as_ref(), work).await?;
    respond(answer)
}

/// Whoever was told to come back is told where, also when the answer is given again.
fn respond(answer: Answer) -> Result<Response, Failure> {
    if answer.status != ACCEPTED {
        return Ok(Response::json(answer.status, answer.body));
    }
    let order: OrderView = serde_json::from_str(&answer.body).map_err(Failure::broken)?;
    let location = format!("{}/orders/{}", contracts::routes::BASE, order.order_id);
    Ok(Response::accepted(answer.body, &location))
}

/// Reads, decides, writes.
pub async fn place_order(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    cart: &Cart,
    hold: Hold,
) -> Result<Answer, Failure> {
    let placed = match attempt(app, customer, once, cart, hold, Reads::Eventual).await {
        // Sold out is known from the write itself; any other refusal may rest on a read that lagged behind.
        Err(Rejected::Failure(Failure::Refused(Refusal::OutOfStock { variant }))) => {
            Err(Refusal::OutOfStock { variant }.into())
        }
        Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
            settle(|| attempt(app, customer, once, cart, hold, Reads::Strong)).await
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
    hold: Hold,
    reads: Reads,
) -> Result<Answer, Rejected> {
    let (listings, means) = app.store.means_of(customer, cart, reads).await?;
    let placement = Placement { id: OrderId::new(app.new_id()?), customer: customer.clone(), now: app.now() };
    let mut order = order::place(placement, cart, &listings, &means, app.shop())?;
    let mut goods = Goods::new(listings, means.opening);
    goods.check_memory(app, &order).await?;
    if hold == Hold::Later {
        return accept(app, once, order.to_be_reserved(app.shop())).await;
    }
    loop {
        match write(app, once, &order, &goods).await {
            Err(rejected) => goods.go_on(app, &mut order, rejected).await?,
            written => return written,
        }
    }
}

async fn write(app: &App, once: Option<&Once>, order: &Order, goods: &Goods) -> Result<Answer, Rejected> {
    let answer = Answer::new(201, &OrderView::from(order))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().orders, once, &answer)?;
    tx.insert_order(order)?;
    goods.hold(&mut tx, order)?;
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

async fn accept(app: &App, once: Option<&Once>, order: Order) -> Result<Answer, Rejected> {
    let answer = Answer::new(ACCEPTED, &OrderView::from(&order))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().orders, once, &answer)?;
    tx.insert_order(&order)?;
    tx.emit(&OrderCreatedV1::from(&order))?;
    tx.emit(&ReserveRequestedV1::from(&order))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::OrdersPlaced);
    Ok(answer)
}
