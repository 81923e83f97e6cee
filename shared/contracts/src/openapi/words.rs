//! The enumerated values of the contract. Views carry them as strings, so that an old client can handle a new value;
//! the document lists the values that the code knows.

use crate::events::BatchWork as Work;
use crate::platform::OutboxStatus as Outbox;
use domain::batch::BatchStatus as Batch;
use domain::catalog::ProductStatus as Product;
use domain::counter::CounterStatus as Counter;
use domain::coupon::UserCouponStatus as UserCoupon;
use domain::notification::{Channel as Way, NotificationStatus as Notification, TemplateKey as Message};
use domain::order::{OrderKind as Kind, OrderStatus as Order};
use domain::payment::{PaymentMethod as Method, PaymentStatus as Payment, TaskKind as Task};
use domain::points::EntryType as Entry;
use domain::work_order::{StepStatus as Step, WorkOrderStatus as WorkOrder};
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

fn one_of(words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(words.iter().map(|word| json!(word))))
        .into()
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident of $kind:ident { $($variant:ident),* };)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of(&[$($kind::$variant.as_str()),*])
            }
        }

        impl ToSchema for $name {}

        // Fails to compile when a variant is not listed.
        const _: fn($kind) = |word| match word { $($kind::$variant => {})* };
    )*};
}

words! {
    /// See [`domain::catalog::ProductStatus`].
    ProductStatus of Product { Draft, Active, Inactive };
    /// See [`domain::counter::CounterStatus`].
    CounterStatus of Counter { Open, Reached, Locked, Finalized, Missed };
    /// See [`domain::batch::BatchStatus`].
    BatchStatus of Batch { Created, Confirmed, Canceled };
    /// See [`crate::events::BatchWork`].
    BatchWork of Work { RequestPayments, Abandon, ScheduleShipping };
    /// See [`domain::work_order::WorkOrderStatus`].
    WorkOrderStatus of WorkOrder { Ready, InProgress, Done, Failed };
    /// See [`domain::work_order::StepStatus`].
    StepStatus of Step { Todo, Doing, Done };
    /// See [`domain::order::OrderKind`].
    OrderKind of Kind { Instant, Preorder };
    /// See [`domain::order::OrderStatus`].
    OrderStatus of Order {
        Created, Reserved, PendingPayment, Paid, ShippingScheduled, Completed, Expired, Canceled, Failed, Refunded
    };
    /// See [`domain::coupon::UserCouponStatus`].
    UserCouponStatus of UserCoupon { Issued, Held, Used, Expired };
    /// See [`domain::payment::PaymentMethod`].
    PaymentMethod of Method { Points, Ecpay, Newebpay, LinePay, External };
    /// See [`domain::payment::PaymentStatus`].
    PaymentStatus of Payment { Init, Succeeded, Failed, Expired, RefundRequested, Refunded };
    /// See [`domain::payment::TaskKind`].
    TaskKind of Task { LateServed, LateRefunded, PaidTwice, UnknownTrade, Mismatch, Simulated, ManualRefund, ManuallyRefunded };
    /// See [`domain::notification::Channel`].
    Channel of Way { Email, Sms, Line, Slack };
    /// See [`domain::notification::NotificationStatus`].
    NotificationStatus of Notification { Requested, Sent, Failed };
    /// See [`domain::notification::TemplateKey`].
    TemplateKey of Message {
        ThresholdReached, PaymentRequested, PaymentReminder, OrderExpired, OrderCanceled, OfferMissed, OrderFailed,
        OrderShipped
    };
    /// See [`domain::points::EntryType`].
    EntryType of Entry { Charge, Use, Refund };
    /// See [`crate::platform::OutboxStatus`].
    OutboxStatus of Outbox { New, Sent, Failed };
}

/// The kinds of [`domain::coupon::Discount`].
#[derive(Debug)]
pub enum DiscountType {}

impl PartialSchema for DiscountType {
    fn schema() -> RefOr<Schema> {
        one_of(&["FIXED", "PERCENT"])
    }
}

impl ToSchema for DiscountType {}

/// The payment methods that a customer can choose.
#[derive(Debug)]
pub enum OfferedPaymentMethod {}

impl PartialSchema for OfferedPaymentMethod {
    fn schema() -> RefOr<Schema> {
        one_of(&Method::ALL.map(Method::as_str))
    }
}

impl ToSchema for OfferedPaymentMethod {}

/// See [`domain::ticket::TicketStatus`].
#[derive(Debug)]
pub enum TicketStatus {}

impl PartialSchema for TicketStatus {
    fn schema() -> RefOr<Schema> {
        one_of(&domain::ticket::TicketStatus::WORDS)
    }
}

impl ToSchema for TicketStatus {}

/// The policies of [`domain::offer::WhenMissed`].
#[derive(Debug)]
pub enum WhenMissed {}

impl PartialSchema for WhenMissed {
    fn schema() -> RefOr<Schema> {
        one_of(&["CANCEL", "EXTEND"])
    }
}

impl ToSchema for WhenMissed {}

/// The policies of [`domain::offer::WhenUnderpaid`].
#[derive(Debug)]
pub enum WhenUnderpaid {}

impl PartialSchema for WhenUnderpaid {
    fn schema() -> RefOr<Schema> {
        one_of(&["PROCEED", "PROCEED_IF_AT_LEAST", "CANCEL_AND_REFUND"])
    }
}

impl ToSchema for WhenUnderpaid {}

/// A shop day, `YYYY-MM-DD`.
#[derive(Debug)]
pub enum Day {}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let day = utoipa::openapi::schema::KnownFormat::Date;
        ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::schema::SchemaFormat::KnownFormat(day)))
            .into()
    }
}

impl ToSchema for Day {}

/// The code of every problem: every refusal's, and those of the two other failures.
#[derive(Debug)]
pub enum ProblemCode {}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let mut codes: Vec<&str> = super::refusals::every().iter().map(domain::Refusal::code).collect();
        codes.extend(["busy", "internal_error"]);
        one_of(&codes)
    }
}

impl ToSchema for ProblemCode {}
