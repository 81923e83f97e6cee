//! Millrun's use cases: one file each below its area, named like its template resource, sample and test.

mod app;
mod consume;
mod environment;
mod invoke;
mod paging;
mod serve;
mod sweep;

pub mod manifest;

pub mod batches;
pub mod catalog;
pub mod coupons;
pub mod customers;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod platform;
pub mod points;
pub mod production;
pub mod rankings;
pub mod shipping;

pub use app::{App, Clock, Entropy, Integrations, Messaging, Settings};
pub use environment::Connections;
pub use invoke::{invoke, observe};
pub use serve::serve;

use contracts::Failure;
use contracts::routes::{Access, Route};
use futures_util::future::BoxFuture;
use manifest::Manifest;
use runtime::http::{Request, Response};
use runtime::queue::{Failures, Message};
use runtime::schedule::Tick;
use runtime::stream::Change;

/// The trigger of a use case.
#[derive(Clone, Copy)]
pub enum Trigger {
    /// A route of the API.
    Http(HttpHandler),
    /// A queue.
    Queue(QueueHandler),
    /// A schedule.
    Schedule(ScheduleHandler),
    /// A table's stream.
    Stream(StreamHandler),
    /// A route and a schedule.
    HttpAndSchedule(HttpHandler, ScheduleHandler),
}

/// Handles a request.
pub type HttpHandler = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Result<Response, Failure>>;
/// Handles a batch of the queue and returns the records that failed.
pub type QueueHandler = for<'a> fn(&'a App, Vec<Message>) -> BoxFuture<'a, Failures>;
/// Handles a tick.
pub type ScheduleHandler = for<'a> fn(&'a App, Tick) -> BoxFuture<'a, Result<(), Failure>>;
/// Handles a batch of the stream and returns the records that failed, by sequence number.
pub type StreamHandler = for<'a> fn(&'a App, Vec<Change>) -> BoxFuture<'a, Vec<(String, Failure)>>;

/// A binary, by audience. One for all use cases would be too large, and one for each would take too long to link
/// (docs/decisions/0014).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// Customers and guests.
    Shop,
    /// Admins.
    Admin,
    /// Third parties: functions that read their secrets.
    External,
    /// Queue consumers.
    Events,
    /// Schedules, and the stream of the outbox.
    Upkeep,
}

impl Binary {
    /// The name, which is also the binary's folder below `target/lambda`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Admin => "admin",
            Self::External => "external",
            Self::Events => "events",
            Self::Upkeep => "upkeep",
        }
    }

    const fn holds(self, use_case: UseCase) -> Option<UseCase> {
        if use_case.manifest.binary as u8 == self as u8 { Some(use_case) } else { None }
    }
}

/// A use case under its name.
#[derive(Clone, Copy)]
pub struct UseCase {
    /// The name of module, resource, sample and test.
    pub name: &'static str,
    /// The folder of its file.
    pub area: &'static str,
    pub manifest: &'static Manifest,
    /// The trigger.
    pub trigger: Trigger,
}

/// The `Handler` names no use case.
#[derive(Debug, thiserror::Error)]
#[error("no use case is named {0:?}: see the function's Handler")]
pub struct UnknownUseCase(String);

impl UseCase {
    /// The use case of this name.
    ///
    /// # Errors
    /// [`UnknownUseCase`].
    pub fn find(name: &str) -> Result<&'static Self, UnknownUseCase> {
        USE_CASES.iter().find(|use_case| use_case.name == name).ok_or_else(|| UnknownUseCase(name.to_owned()))
    }
}

macro_rules! use_cases {
    ($($trigger:ident $area:ident :: $name:ident;)*) => {
        /// Every use case, in the order of the areas.
        pub const USE_CASES: &[UseCase] = &[$(use_cases!(@use_case $trigger $area $name)),*];

        impl Binary {
            /// The binary's use cases. A constant, so that the linker drops all others.
            pub const fn use_cases(self) -> [Option<UseCase>; USE_CASES.len()] {
                [$(self.holds(use_cases!(@use_case $trigger $area $name))),*]
            }
        }
    };
    (@use_case $trigger:ident $area:ident $name:ident) => {
        UseCase {
            name: stringify!($name),
            area: stringify!($area),
            manifest: &$area::$name::MANIFEST,
            trigger: use_cases!(@$trigger $area $name),
        }
    };
    (@http $area:ident $name:ident) => {
        Trigger::Http(|app, request| Box::pin($area::$name::handle(app, request)))
    };
    (@queue $area:ident $name:ident) => {
        Trigger::Queue(|app, messages| Box::pin($area::$name::handle(app, messages)))
    };
    (@event $area:ident $name:ident) => {
        Trigger::Queue(|app, messages| {
            Box::pin(consume::each_event(app, messages, |app, event| Box::pin($area::$name::$name(app, event))))
        })
    };
    (@schedule $area:ident $name:ident) => {
        Trigger::Schedule(|app, tick| Box::pin($area::$name::handle(app, tick)))
    };
    (@stream $area:ident $name:ident) => {
        Trigger::Stream(|app, changes| Box::pin($area::$name::handle(app, changes)))
    };
    (@http_and_schedule $area:ident $name:ident) => {
        Trigger::HttpAndSchedule(
            |app, request| Box::pin($area::$name::handle(app, request)),
            |app, tick| Box::pin($area::$name::handle_tick(app, tick)),
        )
    };
}

use_cases! {
    http catalog::create_product;
    http catalog::update_product;
    http catalog::add_variant;
    http catalog::update_variant;
    http catalog::adjust_stock;
    http catalog::upload_image;
    http catalog::complete_image;
    http catalog::arrange_images;
    schedule catalog::delete_images;
    http catalog::create_sell_window;
    http catalog::configure_offer;
    http catalog::list_products;
    http catalog::get_product;
    http catalog::list_sell_windows;
    http catalog::get_sell_window;
    http catalog::update_sell_window;
    http catalog::end_sell_window;
    http catalog::list_all_products;
    http catalog::inspect_product;
    http catalog::list_all_sell_windows;
    http catalog::inspect_sell_window;
    http catalog::list_adjustments;
    schedule catalog::refresh_low_stock;
    http orders::place_order;
    http orders::get_order;
    http orders::inspect_order;
    http orders::change_contact;
    http orders::list_orders;
    http orders::cancel_order;
    http orders::search_orders;
    http orders::quote_order;
    event orders::reserve_order;
    schedule orders::expire_orders;
    event orders::complete_order;
    http points::charge_points;
    http points::get_points;
    http points::list_point_history;
    http points::grant_points;
    http customers::get_profile;
    http customers::set_profile;
    http customers::export_my_data;
    http customers::list_customers;
    http customers::inspect_customer;
    http customers::erase_customer;
    http coupons::create_coupon;
    http coupons::update_coupon;
    http coupons::list_coupons;
    http coupons::get_coupon;
    http coupons::issue_coupon;
    http coupons::get_coupon_request;
    queue coupons::issue_requested_coupons;
    http coupons::list_my_coupons;
    http coupons::list_all_coupons;
    http coupons::inspect_coupon;
    http payments::pay_order;
    http payments::get_payment;
    http payments::open_checkout;
    http payments::receive_ecpay_callback;
    http payments::receive_newebpay_callback;
    http payments::return_from_line_pay;
    event payments::confirm_line_pay;
    http payments::refund_order;
    http payments::record_refund;
    http payments::list_payment_tasks;
    http payments::inspect_payment;
    http payments::finish_payment_task;
    schedule payments::reconcile_payments;
    event payments::request_payments;
    event payments::receive_payment_result;
    event payments::refund_payment;
    queue batches::count_reservations;
    http batches::list_batches;
    http batches::get_batch;
    http batches::list_batch_orders;
    http batches::confirm_batch;
    http batches::cancel_batch;
    http batches::schedule_batch;
    http batches::forecast_sell_window;
    http batches::get_offer_history;
    event batches::abandon_batch;
    schedule batches::close_sell_windows;
    schedule batches::finalize_batches;
    event production::open_work_order;
    http production::list_work_orders;
    http production::get_work_order;
    http production::start_work_order;
    http production::update_work_step;
    http production::complete_work_order;
    http production::fail_work_order;
    event shipping::schedule_shipping;
    http shipping::ship_order;
    http shipping::ship_orders;
    http shipping::set_shipping_method;
    http shipping::list_all_shipping_methods;
    http shipping::list_shipping_methods;
    event notifications::request_notifications;
    queue notifications::send_notification;
    schedule notifications::retry_notifications;
    http notifications::list_notifications;
    http notifications::retry_notification;
    queue rankings::count_sales;
    schedule rankings::refresh_best_sellers;
    schedule rankings::record_daily_sales;
    http rankings::get_best_sellers;
    http rankings::list_daily_sales;
    stream platform::relay_outbox;
    schedule platform::sweep_outbox;
    http platform::list_outbox;
    http platform::get_event;
    http platform::replay_event;
    http platform::replay_events;
    http platform::list_activity;
    queue platform::export_orders;
    http_and_schedule platform::audit_ledgers;
    http platform::get_openapi;
    http platform::get_summary;
}

/// The route of a request, with the values of its path parameters.
pub fn find_route<'p>(method: &str, path: &'p str) -> Option<(&'static Route, Vec<(&'static str, &'p str)>)> {
    Route::find(ROUTES, method, path)
}

/// Every route of the API, in the order of the use cases.
pub const ROUTES: &[Route] = &all_routes();

const fn count_routes() -> usize {
    let (mut count, mut rest) = (0, USE_CASES);
    while let [first, after @ ..] = rest {
        count += first.manifest.routes.len();
        rest = after;
    }
    count
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: an index that is out of range does not compile"
)]
const fn all_routes() -> [Route; count_routes()] {
    let mut all = [Route {
        use_case: "",
        method: "",
        path: "",
        access: Access::Admin,
        body_bytes_max: 0,
        query: contracts::routes::QueryParameters::Any,
    }; count_routes()];
    let (mut position, mut rest) = (0, USE_CASES);
    while let [use_case, after @ ..] = rest {
        let mut routes = use_case.manifest.routes;
        while let [route, others @ ..] = routes {
            all[position] = route.of_use_case(use_case.name);
            position += 1;
            routes = others;
        }
        rest = after;
    }
    all
}
