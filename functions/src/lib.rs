//! Millrun's use cases: one file each under its area, the same word for module, template resource, sample and test.

mod app;
mod consume;
mod environment;
mod invoke;
mod serve;

pub mod batches;
pub mod catalog;
pub mod coupons;
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
use futures_util::future::BoxFuture;
use runtime::http::{Request, Response};
use runtime::queue::{Failures, Message};
use runtime::schedule::Tick;
use runtime::stream::Change;

/// What a use case is called by.
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
    /// A route as well as a schedule.
    HttpAndSchedule(HttpHandler, ScheduleHandler),
}

/// Answers a request.
pub type HttpHandler = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Result<Response, Failure>>;
/// Works through a batch and says which records failed.
pub type QueueHandler = for<'a> fn(&'a App, Vec<Message>) -> BoxFuture<'a, Failures>;
/// Does what is due.
pub type ScheduleHandler = for<'a> fn(&'a App, Tick) -> BoxFuture<'a, Result<(), Failure>>;
/// Works through a batch of changes and says which failed, by sequence number.
pub type StreamHandler = for<'a> fn(&'a App, Vec<Change>) -> BoxFuture<'a, Vec<(String, Failure)>>;

/// A binary, by whom what it holds is for. One for all would be too large, and one for each would take too long to link
/// (docs/decisions/0014).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// Customers and guests.
    Shop,
    /// Admins.
    Admin,
    /// Third parties: who calls them, or is called by them, and knows their secrets.
    External,
    /// Who sends events, by way of queues.
    Events,
    /// The shop itself: schedules, and the stream of what is to be published.
    Upkeep,
}

impl Binary {
    /// Its name, which is also its folder's below `target/lambda`.
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
        if use_case.binary as u8 == self as u8 { Some(use_case) } else { None }
    }
}

/// A use case under its name.
#[derive(Clone, Copy)]
pub struct UseCase {
    /// The one word that finds all of it.
    pub name: &'static str,
    /// Which binary holds it.
    pub binary: Binary,
    /// What it is called by.
    pub trigger: Trigger,
}

/// A `Handler` that names no use case.
#[derive(Debug, thiserror::Error)]
#[error("no use case is named {0:?}")]
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
    ($($binary:ident: $trigger:ident $area:ident :: $name:ident;)*) => {
        /// Every use case, in the order of the areas.
        pub const USE_CASES: &[UseCase] = &[$(use_cases!(@use_case $binary $trigger $area $name)),*];

        impl Binary {
            /// What it holds. A constant of this keeps the compiler from linking anything else.
            pub const fn use_cases(self) -> [Option<UseCase>; USE_CASES.len()] {
                [$(self.holds(use_cases!(@use_case $binary $trigger $area $name))),*]
            }
        }
    };
    (@use_case $binary:ident $trigger:ident $area:ident $name:ident) => {
        UseCase {
            name: stringify!($name),
            binary: use_cases!(@$binary),
            trigger: use_cases!(@$trigger $area $name),
        }
    };
    (@shop) => { Binary::Shop };
    (@admin) => { Binary::Admin };
    (@external) => { Binary::External };
    (@events) => { Binary::Events };
    (@upkeep) => { Binary::Upkeep };
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
    admin: http catalog::create_product;
    admin: http catalog::update_product;
    admin: http catalog::add_variant;
    admin: http catalog::update_variant;
    admin: http catalog::adjust_stock;
    admin: http catalog::create_sell_window;
    admin: http catalog::configure_offer;
    shop: http catalog::list_products;
    shop: http catalog::get_product;
    shop: http catalog::list_sell_windows;
    shop: http catalog::get_sell_window;
    shop: http orders::place_order;
    shop: http orders::get_order;
    shop: http orders::list_orders;
    shop: http orders::cancel_order;
    admin: http orders::search_orders;
    events: event orders::reserve_order;
    upkeep: schedule orders::expire_orders;
    events: event orders::complete_order;
    shop: http points::charge_points;
    shop: http points::get_points;
    shop: http points::list_point_history;
    admin: http coupons::create_coupon;
    admin: http coupons::update_coupon;
    shop: http coupons::get_coupon;
    shop: http coupons::issue_coupon;
    shop: http coupons::get_coupon_request;
    events: queue coupons::issue_requested_coupons;
    shop: http coupons::list_my_coupons;
    external: http payments::pay_order;
    shop: http payments::get_payment;
    external: http payments::open_checkout;
    external: http payments::receive_ecpay_callback;
    external: http payments::receive_newebpay_callback;
    shop: http payments::return_from_line_pay;
    external: event payments::confirm_line_pay;
    admin: http payments::refund_order;
    admin: http payments::record_refund;
    admin: http payments::list_payment_tasks;
    external: schedule payments::reconcile_payments;
    events: event payments::request_payments;
    events: event payments::receive_payment_result;
    external: event payments::refund_payment;
    events: queue batches::count_reservations;
    admin: http batches::list_batches;
    admin: http batches::get_batch;
    admin: http batches::confirm_batch;
    admin: http batches::cancel_batch;
    admin: http batches::schedule_batch;
    events: event batches::abandon_batch;
    upkeep: schedule batches::close_sell_windows;
    upkeep: schedule batches::finalize_batches;
    events: event production::open_work_order;
    admin: http production::list_work_orders;
    admin: http production::start_work_order;
    admin: http production::update_work_step;
    admin: http production::complete_work_order;
    admin: http production::fail_work_order;
    events: event shipping::schedule_shipping;
    admin: http shipping::ship_order;
    events: event notifications::request_notifications;
    external: queue notifications::send_notification;
    external: schedule notifications::retry_notifications;
    admin: http notifications::list_notifications;
    events: queue rankings::count_sales;
    upkeep: schedule rankings::refresh_best_sellers;
    upkeep: schedule rankings::record_daily_sales;
    shop: http rankings::get_best_sellers;
    admin: http rankings::list_daily_sales;
    upkeep: stream platform::relay_outbox;
    upkeep: schedule platform::sweep_outbox;
    admin: http platform::list_outbox;
    admin: http platform::replay_event;
    events: queue platform::export_orders;
    upkeep: http_and_schedule platform::audit_ledgers;
    shop: http platform::get_openapi;
}
