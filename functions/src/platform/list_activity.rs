//! `list_activity`: GET `/api/v1/admin/activity`. The commands of the staff, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::ActivityView;
use domain::Invalid;
use domain::daily_sales::DayRange;
use domain::id::CustomerId;
use jiff::civil::Date;
use runtime::http::{Request, Response};
use store::activity::ActivityFilter;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the commands of the staff.")
    .routes(&[
        HttpRoute::get("/api/v1/admin/activity", Admin).query(&["by", "subject", "from", "to", "limit", "cursor"])
    ])
    .grants(&[Grant::Table(Activity, &[Query])]);

/// The longest id of a subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// Reads the filter and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_activity(&filter(app, &request)?, &page).await?;
    Response::page(&page, found.map(|activity| view(&activity)))
}

/// The days are shop days; by default the last days until today.
fn filter(app: &App, request: &Request) -> Result<ActivityFilter, Invalid> {
    let mut wrong = Invalid::default();
    let tomorrow = next(app.shop().day(app.now()));
    let days = wrong.check(DayRange::parse(request.query("from"), request.query("to"), tomorrow));
    let by = request.query("by").map(CustomerId::parse);
    if by == Some(None) {
        wrong.note("by", "must be the id of an admin");
    }
    let subject = request.query("subject").map(str::to_owned);
    if subject.as_ref().is_some_and(|id| id.chars().count() > SUBJECT_CHARS_MAX) {
        wrong.note("subject", format!("must have at most {SUBJECT_CHARS_MAX} characters"));
    }
    let filter = days.map(|days| ActivityFilter {
        by: by.flatten(),
        subject,
        from: app.shop().day_start(days.first()),
        to: app.shop().day_start(next(days.last())),
    });
    wrong.into_result(filter)
}

fn next(day: Date) -> Date {
    day.saturating_add(jiff::Span::new().days(1))
}

fn view(activity: &store::activity::Activity) -> ActivityView {
    ActivityView::new(
        activity.at,
        &activity.by,
        &activity.action,
        (&activity.subject.kind, &activity.subject.id),
        &activity.correlation_id,
    )
}
