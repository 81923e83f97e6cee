//! Millrun's use cases: one file each under its area, the same word for module, template resource, sample and test.

mod app;
mod consume;
mod environment;
mod invoke;

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

pub use app::{App, Clock, Entropy, Messaging, Outside, Settings};
pub use environment::Connections;
pub use invoke::{invoke, observe};

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

/// A use case under its name.
#[derive(Clone, Copy)]
pub struct UseCase {
    /// The one word that finds all of it.
    pub name: &'static str,
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
    ($($trigger:ident $area:ident :: $name:ident;)*) => {
        /// Every use case, in the order of the areas.
        pub const USE_CASES: &[UseCase] = &[$(UseCase { name: stringify!($name), trigger: use_cases!(@$trigger $area $name) },)*];
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
    http catalog::create_sell_window;
    http catalog::configure_offer;
    http catalog::list_products;
    http catalog::get_product;
    http catalog::list_sell_windows;
    http catalog::get_sell_window;
    http orders::place_order;
    http orders::get_order;
    http orders::list_orders;
    http orders::cancel_order;
    http orders::search_orders;
    event orders::reserve_order;
    schedule orders::expire_orders;
    event orders::complete_order;
    http points::charge_points;
    http points::get_points;
    http points::list_point_history;
    http coupons::create_coupon;
    http coupons::update_coupon;
    http coupons::get_coupon;
    http coupons::issue_coupon;
    http coupons::get_coupon_request;
    queue coupons::issue_requested_coupons;
    http coupons::list_my_coupons;
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
    schedule payments::reconcile_payments;
    event payments::request_payments;
    event payments::receive_payment_result;
    event payments::refund_payment;
    queue batches::count_reservations;
    http batches::list_batches;
    http batches::get_batch;
    http batches::confirm_batch;
    http batches::cancel_batch;
    http batches::schedule_batch;
    event batches::abandon_batch;
    schedule batches::close_sell_windows;
    schedule batches::finalize_batches;
    event production::open_work_order;
    http production::list_work_orders;
    http production::start_work_order;
    http production::update_work_step;
    http production::complete_work_order;
    http production::fail_work_order;
    event shipping::schedule_shipping;
    http shipping::ship_order;
    event notifications::request_notifications;
    queue notifications::send_notification;
    schedule notifications::retry_notifications;
    http notifications::list_notifications;
    queue rankings::count_sales;
    schedule rankings::refresh_best_sellers;
    schedule rankings::record_daily_sales;
    http rankings::get_best_sellers;
    http rankings::list_daily_sales;
    stream platform::relay_outbox;
    schedule platform::sweep_outbox;
    http platform::list_outbox;
    http platform::replay_event;
    queue platform::export_orders;
    http_and_schedule platform::audit_ledgers;
    http platform::get_openapi;
}
