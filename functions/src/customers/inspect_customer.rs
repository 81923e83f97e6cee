//! `inspect_customer`: GET `/api/v1/admin/customers/{customer_id}`. One customer: account, points, coupons, latest orders.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::UserCouponView;
use contracts::customers::{BalanceView, CustomerView};
use contracts::orders::OrderView;
use contracts::page::PageQuery;
use domain::Refusal;
use domain::id::CustomerId;
use futures_util::future::try_join4;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns a customer's account, points, coupons and latest orders.")
        .routes(&[HttpRoute::get("/api/v1/admin/customers/{customer_id}", Admin)])
        .grants(&[
            Grant::Table(Orders, &[Query]),
            Grant::Table(Wallets, &[GetItem]),
            Grant::Table(Coupons, &[Query]),
            Grant::Users(&[AdminGetUser]),
        ]);

/// Reads the customer's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = CustomerId::parse(request.path("customer_id")).ok_or(Refusal::CustomerNotFound)?;
    Response::ok(&inspect_customer(app, &id).await?)
}

/// The customer. After the account was erased, the customer is still found by the orders.
pub async fn inspect_customer(app: &App, id: &CustomerId) -> Result<CustomerView, Failure> {
    let first = PageQuery::parse("", None, None)?;
    let all = first.largest_from(None);
    let orders = app.store.list_orders(id, &first);
    let coupons = app.store.list_user_coupons(id, &all);
    let (user, wallet, coupons, orders) =
        try_join4(app.users.find(id), app.store.load_wallet(id), coupons, orders).await?;
    if user.is_none() && orders.items.is_empty() {
        return Err(Refusal::CustomerNotFound.into());
    }
    let (created_at, now) = (user.as_ref().map(|user| user.created_at), app.now());
    let (email, phone) = user.map(|user| (user.email, user.phone)).unwrap_or_default();
    Ok(CustomerView {
        customer_id: id.to_string(),
        email,
        phone,
        created_at,
        points: BalanceView::from(wallet.balance),
        coupons: coupons.items.iter().map(|coupon| UserCouponView::new(coupon, now)).collect(),
        orders: orders.items.iter().map(OrderView::from).collect(),
    })
}
