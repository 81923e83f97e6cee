//! `search_orders`: GET /api/v1/admin/orders. An admin searches orders; all given filters apply.
//!
//! An order number or id is one read. A customer's orders are one partition; phone number and e-mail address each have an
//! index; a status has a list; any other search reads the index of all orders.

use crate::App;
use crate::manifest::prelude::*;
use contracts::orders::{BatchOrderView, OrderView};
use contracts::page::PageQuery;
use contracts::table::Table;
use contracts::{Failure, Page};
use domain::contact::{parse_email, parse_phone};
use domain::daily_sales::parse_day;
use domain::id::{CustomerId, OrderId, ProductId, SellWindowId};
use domain::order::{Order, OrderFilter, OrderKind, OrderNo, OrderStatus};
use domain::{Invalid, Refusal};
use runtime::http::{Request, Response};
use store::orders::PlacedOrders;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Searches orders by all given filters.")
    .routes(&[HttpRoute::get("/api/v1/admin/orders", Admin).query(&[
        "order_no",
        "order_id",
        "status",
        "kind",
        "sell_window_id",
        "product_id",
        "customer_id",
        "phone",
        "email",
        "created_from",
        "created_to",
        "limit",
        "cursor",
    ])])
    .grants(&[
        Grant::Table(Orders, &[BatchGetItem, Query]),
        Grant::Index(Orders, "by_created"),
        Grant::Index(Orders, "by_email"),
        Grant::Index(Orders, "by_number"),
        Grant::Index(Orders, "by_phone"),
        Grant::Index(Orders, "by_worklist"),
        Grant::Read(Secret::ContactKeysSecret),
    ]);

/// Pages per CSV response, so that a search with few results does not exceed the time-out.
const PAGES_PER_TABLE_MAX: usize = 15;

/// Reads the filter, the page and the format.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let filter = filter(&request)?;
    if request.accepts_csv() {
        let (table, next) = orders_as_csv(app, filter.as_ref(), &page).await?;
        return Ok(Response::csv(table, "orders.csv", next.as_deref()));
    }
    let found = match &filter {
        Some(filter) => search_orders(app, filter, &page).await?,
        None => Page { items: Vec::new(), next_cursor: None },
    };
    let found = found.map(|order| OrderView::from(&order));
    match filter.is_some_and(|filter| is_by_status(&filter)) {
        // The list of a status is sorted by deadline or last change; every other list by the time of placing.
        true => Response::dated_page(&page, found, app.now()),
        false => Response::page(&page, found),
    }
}

/// Whether the list of a status is read.
const fn is_by_status(filter: &OrderFilter) -> bool {
    filter.status.is_some() && filter.phone.is_none() && filter.email.is_none()
}

/// The filters of the request. `None` when one of them is an unknown name, which finds nothing.
fn filter(request: &Request) -> Result<Option<OrderFilter>, Invalid> {
    let mut wrong = Invalid::default();
    let status = request.query("status").and_then(|text| wrong.check(OrderStatus::parse("status", text)));
    let kind = request.query("kind").and_then(|text| wrong.check(OrderKind::parse("kind", text)));
    let mut day = |name| request.query(name).and_then(|text| wrong.check(parse_day(name, text)));
    let (created_from, created_to) = (day("created_from"), day("created_to"));
    let phone = request.query("phone").and_then(|text| wrong.check(parse_phone("phone", text)));
    let email = request.query("email").and_then(|text| wrong.check(parse_email("email", text)));
    let filter = OrderFilter {
        id: request.query("order_id").and_then(OrderId::parse),
        number: request.query("order_no").and_then(OrderNo::parse),
        status,
        kind,
        window: request.query("sell_window_id").and_then(SellWindowId::parse),
        product: request.query("product_id").and_then(ProductId::parse),
        customer: request.query("customer_id").and_then(CustomerId::parse),
        phone,
        email,
        created_from,
        created_to,
    };
    let names = [
        ("order_id", filter.id.is_some()),
        ("order_no", filter.number.is_some()),
        ("sell_window_id", filter.window.is_some()),
        ("product_id", filter.product.is_some()),
        ("customer_id", filter.customer.is_some()),
    ];
    let names_something = names.iter().all(|(name, is_known)| *is_known || request.query(name).is_none());
    wrong.into_result(Some(names_something.then_some(filter)))
}

/// A page of results: a search is never "not found".
pub async fn search_orders(app: &App, filter: &OrderFilter, page: &PageQuery) -> Result<Page<Order>, Failure> {
    let keep = |order: &Order| filter.matches(order, app.shop());
    let keys = match (&filter.number, filter.id, &filter.customer) {
        (Some(number), _, _) => app.store.find_orders_by_number(number).await?,
        (None, Some(id), _) => match app.store.locate_order(id, app.shop()).await {
            Ok(key) => vec![key],
            Err(Failure::Refused(Refusal::OrderNotFound)) => Vec::new(),
            Err(failure) => return Err(failure),
        },
        (None, None, Some(customer)) => return app.store.search_orders_of(customer, page, keep).await,
        (None, None, None) => {
            let placed = filter.placed(app.shop());
            let orders = match (&filter.phone, &filter.email, filter.status) {
                (Some(phone), _, _) => PlacedOrders::with_phone(app.contact_keys.of_phone(phone).await?),
                (None, Some(email), _) => PlacedOrders::with_email(app.contact_keys.of_email(email).await?),
                (None, None, Some(status)) => return app.store.search_orders_in(status, page, app.now(), keep).await,
                (None, None, None) => PlacedOrders::all(),
            };
            return app.store.search_placed_orders(&orders, &placed, page, keep).await;
        }
    };
    let items = app.store.load_orders(&keys).await?.into_iter().filter(keep).collect();
    Ok(Page { items, next_cursor: None })
}

/// All orders from the cursor on, as CSV: as many as one response can contain, and the cursor of the next.
async fn orders_as_csv(
    app: &App,
    filter: Option<&OrderFilter>,
    page: &PageQuery,
) -> Result<(String, Option<String>), Failure> {
    let mut table = Table::of::<BatchOrderView>()?;
    let Some(filter) = filter else { return Ok((table.finish()?, None)) };
    let mut position = page.cursor.clone();
    for _ in 0..PAGES_PER_TABLE_MAX {
        let found = search_orders(app, filter, &page.largest_from(position)).await?;
        for order in &found.items {
            table.push(&BatchOrderView::from(order))?;
        }
        position = found.next_cursor;
        if position.is_none() || table.is_full() {
            break;
        }
    }
    Ok((table.finish()?, position.map(|position| page.cursor_at(&position))))
}
