//! `create_sell_window`: POST /api/v1/admin/sell-windows. An admin creates a sell window for preorders.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::{CreateSellWindow, NewSellWindow, SellWindowView};
use domain::id::SellWindowId;
use domain::sell_window::SellWindow;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin creates a sell window, a period in which preorders are accepted.")
        .routes(&[HttpRoute::post("/api/v1/admin/sell-windows", Admin)])
        .grants(&[Grant::Table(Catalog, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let new = request.json::<CreateSellWindow>()?.parse()?;
    let answer = create_sell_window(app, idempotency.as_ref(), new).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Writes the window.
pub async fn create_sell_window(
    app: &App,
    idempotency: Option<&Idempotency>,
    new: NewSellWindow,
) -> Result<Answer, Failure> {
    let window = SellWindow {
        id: SellWindowId::new(app.new_id()?),
        name: new.name,
        start_at: new.start_at,
        end_at: new.end_at,
        timezone: new.timezone,
        created_at: app.now(),
    };
    let answer = Answer::new(201, &SellWindowView::new(&window, Vec::new()))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.about("sell_window", window.id);
    tx.insert_window(&window)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
