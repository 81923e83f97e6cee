//! The enumerated values of the contract. Views carry them as strings, so that an old client can handle a new value;
//! the document lists the values that the code knows.

use serde_json::json;
use strum::VariantArray;
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
    ($($(#[$doc:meta])* $name:ident of $kind:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words: Vec<&str> = <$kind>::VARIANTS.iter().map(|value| value.as_str()).collect();
                one_of(&words)
            }
        }

        impl ToSchema for $name {}
    )*};
}

words! {
    /// See [`domain::catalog::ProductStatus`].
    ProductStatus of domain::catalog::ProductStatus;
    /// See [`domain::product_filter::ProductSort`].
    ProductSort of domain::product_filter::ProductSort;
    /// See [`domain::counter::CounterStatus`].
    CounterStatus of domain::counter::CounterStatus;
    /// See [`domain::batch::BatchStatus`].
    BatchStatus of domain::batch::BatchStatus;
    /// See [`domain::batch::BatchWork`].
    BatchWork of domain::batch::BatchWork;
    /// See [`domain::work_order::WorkOrderStatus`].
    WorkOrderStatus of domain::work_order::WorkOrderStatus;
    /// See [`domain::work_order::StepStatus`].
    StepStatus of domain::work_order::StepStatus;
    /// See [`domain::order::OrderKind`].
    OrderKind of domain::order::OrderKind;
    /// See [`domain::order::OrderStatus`].
    OrderStatus of domain::order::OrderStatus;
    /// See [`domain::shipping_method::ShippingKind`].
    ShippingKind of domain::shipping_method::ShippingKind;
    /// See [`domain::shipping_method::ShippingProvider`].
    ShippingProvider of domain::shipping_method::ShippingProvider;
    /// See [`domain::coupon::UserCouponStatus`].
    UserCouponStatus of domain::coupon::UserCouponStatus;
    /// See [`domain::payment::PaymentMethod`].
    PaymentMethod of domain::payment::PaymentMethod;
    /// See [`domain::payment::PaymentPurpose`].
    PaymentPurpose of domain::payment::PaymentPurpose;
    /// See [`domain::payment::PaymentStatus`].
    PaymentStatus of domain::payment::PaymentStatus;
    /// See [`domain::payment::TaskKind`].
    TaskKind of domain::payment::TaskKind;
    /// See [`domain::notification::Channel`].
    Channel of domain::notification::Channel;
    /// See [`domain::notification::NotificationStatus`].
    NotificationStatus of domain::notification::NotificationStatus;
    /// See [`domain::notification::Language`].
    Language of domain::notification::Language;
    /// See [`domain::notification::TemplateKey`].
    TemplateKey of domain::notification::TemplateKey;
    /// See [`domain::points::EntryType`].
    EntryType of domain::points::EntryType;
    /// See [`domain::outbox::OutboxStatus`].
    OutboxStatus of domain::outbox::OutboxStatus;
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

/// The media types of [`domain::image::ImageFormat`].
#[derive(Debug)]
pub enum ImageType {}

impl PartialSchema for ImageType {
    fn schema() -> RefOr<Schema> {
        let types: Vec<&str> = domain::image::ImageFormat::ALL.iter().map(|format| format.content_type()).collect();
        one_of(&types)
    }
}

impl ToSchema for ImageType {}

/// The payment methods that a customer can choose.
#[derive(Debug)]
pub enum OfferedPaymentMethod {}

impl PartialSchema for OfferedPaymentMethod {
    fn schema() -> RefOr<Schema> {
        one_of(&domain::payment::PaymentMethod::ALL.map(domain::payment::PaymentMethod::as_str))
    }
}

impl ToSchema for OfferedPaymentMethod {}

/// The payment methods whose money a provider takes.
#[derive(Debug)]
pub enum ProviderMethod {}

impl PartialSchema for ProviderMethod {
    fn schema() -> RefOr<Schema> {
        one_of(&domain::payment::PaymentMethod::AT_PROVIDERS.map(domain::payment::PaymentMethod::as_str))
    }
}

impl ToSchema for ProviderMethod {}

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

/// The effect on an offer if its sell window ended now.
#[derive(Debug)]
pub enum ForecastOutcome {}

impl PartialSchema for ForecastOutcome {
    fn schema() -> RefOr<Schema> {
        one_of(&["CONFIRMABLE", "CANCELED", "EXTENDED"])
    }
}

impl ToSchema for ForecastOutcome {}

/// The kinds of [`crate::customers::PersonalDataView`].
#[derive(Debug)]
pub enum PersonalDataKind {}

impl PartialSchema for PersonalDataKind {
    fn schema() -> RefOr<Schema> {
        one_of(&["ORDER", "COUPON", "POINTS_ENTRY", "PROFILE"])
    }
}

impl ToSchema for PersonalDataKind {}

/// `true` or `false`.
#[derive(Debug)]
pub enum Truth {}

impl PartialSchema for Truth {
    fn schema() -> RefOr<Schema> {
        one_of(&["true", "false"])
    }
}

impl ToSchema for Truth {}

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
