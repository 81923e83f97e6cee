//! `list_customers`: GET /api/v1/admin/customers. The accounts of the user pool, optionally with this e-mail address or
//! phone number.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::customers::AccountView;
use domain::{Invalid, contact};
use providers::users::{User, UserFilter};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Lists the accounts of the user pool, also by e-mail address or phone number.")
        .routes(&[HttpRoute::get("/api/v1/admin/customers", Admin).query(&["email", "phone", "limit", "cursor"])])
        .grants(&[Grant::Users(&[ListUsers])]);

/// Reads the filter and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.users.list(&filter(&request)?, &page).await?;
    Response::page(&page, found.map(view))
}

fn filter(request: &Request) -> Result<UserFilter, Invalid> {
    let mut wrong = Invalid::default();
    let filter = UserFilter {
        email: request.query("email").and_then(|text| wrong.check(contact::parse_email("email", text))),
        phone: request.query("phone").and_then(|text| wrong.check(contact::parse_phone("phone", text))),
    };
    wrong.into_result(Some(filter))
}

fn view(user: User) -> AccountView {
    AccountView { customer_id: user.id.to_string(), email: user.email, created_at: user.created_at }
}
