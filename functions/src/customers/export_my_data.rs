//! `export_my_data`: GET /api/v1/me/data. Exports the personal data that the shop keeps about the caller: orders with
//! contact data, coupons, the points ledger, saved addresses and language. The account itself is in the user pool, where
//! the customer can read it with the access token.

use crate::App;
use crate::manifest::prelude::*;
use crate::paging::page_within_bytes;
use contracts::coupons::UserCouponView;
use contracts::customers::PersonalDataView;
use contracts::orders::OrderView;
use contracts::page::PageQuery;
use contracts::points::EntryView;
use contracts::profile::ProfileView;
use contracts::{Failure, Page};
use domain::id::CustomerId;
use domain::profile::Profile;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Shop, "Exports the personal data that the shop keeps about a customer.")
        .routes(&[HttpRoute::get("/api/v1/me/data", Customer).query(&["limit", "cursor"])])
        .grants(&[
            Grant::Table(Orders, &[GetItem, Query]),
            Grant::Table(Coupons, &[Query]),
            Grant::Table(Wallets, &[Query]),
        ]);

/// The parts of an export, in their order.
#[derive(Clone, Copy)]
enum Part {
    Orders,
    Coupons,
    Points,
    Profile,
}

impl Part {
    /// The first character of a position in this part.
    const fn sign(self) -> char {
        match self {
            Self::Orders => 'o',
            Self::Coupons => 'c',
            Self::Points => 'p',
            Self::Profile => 's',
        }
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::Orders => Some(Self::Coupons),
            Self::Coupons => Some(Self::Points),
            Self::Points => Some(Self::Profile),
            Self::Profile => None,
        }
    }

    /// The part of a position, and the position within it.
    fn parse(position: &str) -> Option<(Self, Option<String>)> {
        let parts = [Self::Orders, Self::Coupons, Self::Points, Self::Profile];
        let part = parts.into_iter().find(|part| position.starts_with(part.sign()))?;
        let within = position.strip_prefix(part.sign()).filter(|within| !within.is_empty());
        Some((part, within.map(str::to_owned)))
    }
}

/// Reads the caller and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let (customer, page) = (request.customer()?, request.page()?);
    let (app, customer) = (app, &customer);
    page_within_bytes(&page, |page| export_my_data(app, customer, page)).await
}

/// A page of one part. The cursor of a part's last page is the start of the next part.
pub async fn export_my_data(
    app: &App,
    customer: &CustomerId,
    page: PageQuery,
) -> Result<Page<PersonalDataView>, Failure> {
    let (part, within) = match page.cursor.as_deref() {
        None => (Part::Orders, None),
        Some(position) => Part::parse(position).ok_or_else(PageQuery::bad_cursor)?,
    };
    let (page, now) = (page.from(within), app.now());
    let found: Page<PersonalDataView> = match part {
        Part::Orders => {
            let found = app.store.list_orders(customer, &page).await?;
            found.map(|order| OrderView::with_contact(&order).into())
        }
        Part::Coupons => {
            let found = app.store.list_user_coupons(customer, &page).await?;
            found.map(|coupon| UserCouponView::new(&coupon, now).into())
        }
        Part::Points => {
            let found = app.store.list_entries(customer, &page).await?;
            found.map(|entry| EntryView::from(&entry).into())
        }
        Part::Profile => {
            let saved = Some(app.store.load_profile(customer).await?).filter(|profile| *profile != Profile::default());
            let items = saved.iter().map(|profile| ProfileView::new(customer, profile).into()).collect();
            Page { items, next_cursor: None }
        }
    };
    let next_cursor = match found.next_cursor {
        Some(within) => Some(format!("{}{within}", part.sign())),
        None => part.next().map(|part| part.sign().to_string()),
    };
    Ok(Page { next_cursor, ..found })
}
