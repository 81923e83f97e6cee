//! Every way in which the shop says no, each with its permanent code.

use crate::Invalid;
use crate::id::VariantId;
use std::fmt;

/// A refusal: the request was understood, and nothing was changed. `Display` is the detail that the caller reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not JSON, or a header or cursor is not of its form.
    MalformedRequest(String),
    /// No verified customer behind the request.
    Unauthenticated,
    /// The customer may not do this.
    Forbidden,
    /// There is no such route.
    RouteNotFound,
    /// The body is larger than the route takes.
    BodyTooLarge {
        /// The route's limit, in bytes.
        limit_bytes: usize,
    },
    /// Fields that are not what they must be.
    Invalid(Invalid),
    /// The key came before with another request.
    IdempotencyKeyReused,

    /// No such product, or not one that customers may see.
    ProductNotFound,
    /// No such variant.
    VariantNotFound,
    /// The product or the variant is not for sale at present.
    ProductNotOnSale {
        /// Which one.
        variant: VariantId,
    },
    /// Another variant has this SKU.
    SkuTaken,
    /// The product has as many variants as it can.
    VariantLimitReached,
    /// Fewer pieces are left than were asked for.
    OutOfStock {
        /// Of which variant.
        variant: VariantId,
    },

    /// No such order, or somebody else's.
    OrderNotFound,
    /// The total is not the one that the customer expected.
    PriceChanged {
        /// What it would cost now, in minor units.
        total_cents: i64,
    },
    /// The order is not waiting for a payment, or its hold has ended.
    OrderNotPayable,
    /// The order has gone too far to be canceled.
    OrderNotCancelable,
    /// The order does not wait to be shipped.
    OrderNotShippable,

    /// No such sell window, or none that customers may see.
    SellWindowNotFound,
    /// The window or the offer does not take orders now.
    SellWindowNotOpen,
    /// Fewer places are left in the offer than were asked for.
    OfferFull,
    /// The customer would have more of the offer than one customer may.
    PerCustomerLimit {
        /// The most, in pieces.
        max_qty: u32,
    },
    /// The window has as many offers as it can.
    OfferLimitReached,
    /// The offer has gone too far for this change.
    OfferNotConfigurable,
    /// More is reserved than the new capacity.
    CapacityBelowReserved {
        /// What is reserved, in pieces.
        reserved_qty: u64,
    },
    /// No such batch.
    BatchNotFound,
    /// The batch was canceled or missed.
    BatchNotConfirmable,
    /// The batch has gone too far to be canceled.
    BatchNotCancelable,
    /// The batch was canceled: it has no dates any more.
    BatchNotSchedulable,
    /// No such work order.
    WorkOrderNotFound,
    /// No such step of the work order.
    WorkStepNotFound,
    /// The work order is not at a point where it could start.
    WorkOrderNotStartable,
    /// The work order is not in progress.
    WorkOrderNotInProgress,
    /// Steps are left to do.
    WorkOrderNotFinished,

    /// A charge below the least that is taken.
    ChargeBelowMinimum {
        /// The least, in minor units.
        min_cents: i64,
    },
    /// The balance would grow over its limit.
    BalanceLimitExceeded {
        /// The limit, in minor units.
        max_cents: i64,
    },
    /// Fewer points than the order costs.
    InsufficientPoints,

    /// No such coupon, or the customer has none.
    CouponNotFound,
    /// Held by another order, or the order is below its minimum.
    CouponNotUsable,
    /// Its time is over.
    CouponExpired,
    /// It paid for an order before.
    CouponAlreadyUsed,
    /// The customer has one already.
    CouponAlreadyIssued,
    /// None is left.
    CouponSoldOut,
    /// Its issue period has not begun.
    CouponNotStarted,
    /// Its issue period is over.
    CouponEnded,
    /// No such request for a coupon, or somebody else's.
    CouponRequestNotFound,

    /// No such payment, or somebody else's.
    PaymentNotFound,
    /// Another way of paying is under way, and its checkout was touched a moment ago.
    PaymentInProgress,
    /// The shop has no contract with the provider of this method.
    PaymentMethodNotOffered,
    /// The checkout cannot be opened: its address is wrong or too old, or the attempt has ended.
    CheckoutNotOpen,
    /// What came to a provider's address is not signed by it.
    CallbackNotAccepted,
    /// The order was not paid, or its goods are on their way and it is not completed yet.
    OrderNotRefundable,
    /// More than is left of what was paid.
    RefundTooLarge {
        /// What is left, in minor units.
        max_cents: i64,
    },
    /// No refund of the payment waits for people.
    RefundNotManual,
    /// What was given back by hand is not what is owed.
    RefundAmountDiffers {
        /// What is owed, in minor units.
        owed_cents: i64,
    },
    /// No such event, or it was forgotten after its retention.
    EventNotFound,
}

/// What sort of no it is. One place, `runtime::problem`, turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be read.
    Malformed,
    /// Who is asking?
    Unauthenticated,
    /// Not for this caller.
    Forbidden,
    /// There is no such thing, for this caller.
    NotFound,
    /// Not in the present state.
    Conflict,
    /// Too many bytes.
    TooLarge,
    /// It can be read and is wrong.
    Invalid,
}

impl Refusal {
    /// The permanent code, its kind and its title.
    const fn facts(&self) -> (&'static str, Kind, &'static str) {
        use Kind::{Conflict, Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthenticated};
        match self {
            Self::MalformedRequest(_) => ("malformed_request", Malformed, "The request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", Unauthenticated, "A valid token is needed"),
            Self::Forbidden => ("forbidden", Forbidden, "Not allowed"),
            Self::RouteNotFound => ("route_not_found", NotFound, "No such route"),
            Self::BodyTooLarge { .. } => ("body_too_large", TooLarge, "The body is too large"),
            Self::Invalid(_) => ("invalid_request", Invalid, "Some fields are wrong"),
            Self::IdempotencyKeyReused => {
                ("idempotency_key_reused", Invalid, "The idempotency key belongs to another request")
            }
            Self::ProductNotFound => ("product_not_found", NotFound, "No such product"),
            Self::VariantNotFound => ("variant_not_found", NotFound, "No such variant"),
            Self::ProductNotOnSale { .. } => ("product_not_on_sale", Conflict, "Not on sale"),
            Self::SkuTaken => ("sku_taken", Conflict, "The SKU is taken"),
            Self::VariantLimitReached => ("variant_limit_reached", Conflict, "The product has too many variants"),
            Self::OutOfStock { .. } => ("out_of_stock", Conflict, "Out of stock"),
            Self::OrderNotFound => ("order_not_found", NotFound, "No such order"),
            Self::PriceChanged { .. } => ("price_changed", Conflict, "The price has changed"),
            Self::OrderNotPayable => ("order_not_payable", Conflict, "The order cannot be paid"),
            Self::OrderNotCancelable => ("order_not_cancelable", Conflict, "The order cannot be canceled"),
            Self::OrderNotShippable => ("order_not_shippable", Conflict, "The order cannot be shipped"),
            Self::SellWindowNotFound => ("sell_window_not_found", NotFound, "No such sell window"),
            Self::SellWindowNotOpen => ("sell_window_not_open", Conflict, "The sell window is not open"),
            Self::OfferFull => ("offer_full", Conflict, "The offer is full"),
            Self::PerCustomerLimit { .. } => ("per_customer_limit", Conflict, "Too many for one customer"),
            Self::OfferLimitReached => ("offer_limit_reached", Conflict, "The window has too many offers"),
            Self::OfferNotConfigurable => ("offer_not_configurable", Conflict, "The offer cannot be changed so"),
            Self::CapacityBelowReserved { .. } => {
                ("capacity_below_reserved", Conflict, "More is reserved than this capacity")
            }
            Self::BatchNotFound => ("batch_not_found", NotFound, "No such batch"),
            Self::BatchNotConfirmable => ("batch_not_confirmable", Conflict, "The batch cannot be confirmed"),
            Self::BatchNotCancelable => ("batch_not_cancelable", Conflict, "The batch cannot be canceled"),
            Self::BatchNotSchedulable => ("batch_not_schedulable", Conflict, "The batch cannot be scheduled"),
            Self::WorkOrderNotFound => ("work_order_not_found", NotFound, "No such work order"),
            Self::WorkStepNotFound => ("work_step_not_found", NotFound, "No such step"),
            Self::WorkOrderNotStartable => ("work_order_not_startable", Conflict, "The work order cannot start"),
            Self::WorkOrderNotInProgress => {
                ("work_order_not_in_progress", Conflict, "The work order is not in progress")
            }
            Self::WorkOrderNotFinished => ("work_order_not_finished", Conflict, "The work order is not finished"),
            Self::ChargeBelowMinimum { .. } => ("charge_below_minimum", Invalid, "The charge is too small"),
            Self::BalanceLimitExceeded { .. } => ("balance_limit_exceeded", Conflict, "The balance would be too large"),
            Self::InsufficientPoints => ("insufficient_points", Conflict, "Not enough points"),
            Self::CouponNotFound => ("coupon_not_found", NotFound, "No such coupon"),
            Self::CouponNotUsable => ("coupon_not_usable", Conflict, "The coupon cannot be used here"),
            Self::CouponExpired => ("coupon_expired", Conflict, "The coupon has expired"),
            Self::CouponAlreadyUsed => ("coupon_already_used", Conflict, "The coupon was used"),
            Self::CouponAlreadyIssued => ("coupon_already_issued", Conflict, "The coupon was issued to you before"),
            Self::CouponSoldOut => ("coupon_sold_out", Conflict, "No coupon is left"),
            Self::CouponNotStarted => ("coupon_not_started", Conflict, "The coupon is not issued yet"),
            Self::CouponEnded => ("coupon_ended", Conflict, "The coupon is not issued any more"),
            Self::CouponRequestNotFound => ("coupon_request_not_found", NotFound, "No such request for a coupon"),
            Self::PaymentNotFound => ("payment_not_found", NotFound, "No such payment"),
            Self::PaymentInProgress => ("payment_in_progress", Conflict, "Another payment is under way"),
            Self::PaymentMethodNotOffered => {
                ("payment_method_not_offered", Conflict, "The shop does not offer this way of paying")
            }
            Self::CheckoutNotOpen => ("checkout_not_open", NotFound, "No such checkout"),
            Self::CallbackNotAccepted => ("callback_not_accepted", Malformed, "Not a message of the provider"),
            Self::OrderNotRefundable => ("order_not_refundable", Conflict, "The order cannot be refunded"),
            Self::RefundTooLarge { .. } => ("refund_too_large", Conflict, "More than is left of what was paid"),
            Self::RefundNotManual => ("refund_not_manual", Conflict, "No refund of this payment waits for people"),
            Self::RefundAmountDiffers { .. } => ("refund_amount_differs", Conflict, "Another amount is owed"),
            Self::EventNotFound => ("event_not_found", NotFound, "No such event"),
        }
    }

    /// The permanent code that clients rely on.
    pub const fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What sort of no it is.
    pub const fn kind(&self) -> Kind {
        self.facts().1
    }

    /// A short title, the same for every occurrence.
    pub const fn title(&self) -> &'static str {
        self.facts().2
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedRequest(what) => f.write_str(what),
            Self::BodyTooLarge { limit_bytes } => write!(f, "this route takes at most {limit_bytes} bytes"),
            Self::Invalid(_) => f.write_str("see `errors`"),
            Self::IdempotencyKeyReused => f.write_str("use a new key for a new request"),
            Self::ProductNotOnSale { variant } => write!(f, "variant {variant} is not on sale"),
            Self::OutOfStock { variant } => write!(f, "not enough of variant {variant} is left"),
            Self::PriceChanged { total_cents } => write!(f, "the total is now {total_cents}"),
            Self::OrderNotPayable => f.write_str("it was paid, canceled or has expired"),
            Self::OrderNotCancelable => f.write_str("it was paid, canceled or has expired, or is on its way"),
            Self::OrderNotShippable => f.write_str("it is not waiting to be shipped, or was shipped before"),
            Self::PaymentInProgress => f.write_str("finish it, or leave it alone for a quarter of an hour"),
            Self::CheckoutNotOpen => f.write_str("ask for the payment again"),
            Self::OrderNotRefundable => f.write_str("it was not paid, was refunded before, or is on its way"),
            Self::RefundTooLarge { max_cents } => write!(f, "at most {max_cents} can be refunded"),
            Self::RefundNotManual => {
                f.write_str("it was made already, was not asked for, or the shop makes it by itself")
            }
            Self::RefundAmountDiffers { owed_cents } => write!(f, "{owed_cents} is owed"),
            Self::SellWindowNotOpen => f.write_str("the window or its offer takes no orders now"),
            Self::PerCustomerLimit { max_qty } => write!(f, "one customer may have at most {max_qty}"),
            Self::OfferNotConfigurable => f.write_str("its threshold was reached, or it has ended"),
            Self::CapacityBelowReserved { reserved_qty } => write!(f, "{reserved_qty} are reserved"),
            Self::BatchNotConfirmable => f.write_str("it was canceled"),
            Self::BatchNotCancelable => f.write_str("it was canceled before, or its production has begun"),
            Self::WorkOrderNotStartable => {
                f.write_str("its payment window is still open, it began before, or its batch was canceled")
            }
            Self::WorkOrderNotFinished => f.write_str("every step must be DONE"),
            Self::ChargeBelowMinimum { min_cents } => write!(f, "charge at least {min_cents}"),
            Self::BalanceLimitExceeded { max_cents } => write!(f, "a balance is at most {max_cents}"),
            Self::CouponNotUsable => f.write_str("another order holds it, or the order is below its minimum"),
            _ => f.write_str(self.title()),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Invalid> for Refusal {
    fn from(wrong: Invalid) -> Self {
        Self::Invalid(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ProductId;
    use uuid::Uuid;

    #[test]
    fn a_code_is_the_name_of_its_refusal() {
        for refusal in [Refusal::SkuTaken, Refusal::PriceChanged { total_cents: 700 }, Refusal::EventNotFound] {
            let name: String = format!("{refusal:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
            assert_eq!(refusal.code().replace('_', ""), name.to_lowercase());
        }
    }

    #[test]
    fn a_refusal_says_what_would_be_right() {
        let variant = VariantId::new(ProductId::new(Uuid::nil()), 1);
        let said = [
            (Refusal::MalformedRequest("the body is not JSON".to_owned()), "the body is not JSON"),
            (Refusal::BodyTooLarge { limit_bytes: 65_536 }, "65536 bytes"),
            (Invalid::field("lines", "must have 1 to 50 lines").into(), "`errors`"),
            (Refusal::IdempotencyKeyReused, "a new key"),
            (Refusal::ProductNotOnSale { variant }, "is not on sale"),
            (Refusal::OutOfStock { variant }, "not enough"),
            (Refusal::PriceChanged { total_cents: 700 }, "700"),
            (Refusal::OrderNotPayable, "has expired"),
            (Refusal::OrderNotCancelable, "is on its way"),
            (Refusal::OrderNotShippable, "shipped before"),
            (Refusal::PaymentInProgress, "a quarter of an hour"),
            (Refusal::CheckoutNotOpen, "ask for the payment again"),
            (Refusal::OrderNotRefundable, "refunded before"),
            (Refusal::RefundTooLarge { max_cents: 300 }, "300"),
            (Refusal::RefundNotManual, "the shop makes it by itself"),
            (Refusal::RefundAmountDiffers { owed_cents: 500 }, "500 is owed"),
            (Refusal::SellWindowNotOpen, "takes no orders now"),
            (Refusal::PerCustomerLimit { max_qty: 3 }, "at most 3"),
            (Refusal::OfferNotConfigurable, "its threshold was reached"),
            (Refusal::CapacityBelowReserved { reserved_qty: 9 }, "9 are reserved"),
            (Refusal::BatchNotConfirmable, "it was canceled"),
            (Refusal::BatchNotCancelable, "its production has begun"),
            (Refusal::WorkOrderNotStartable, "its payment window"),
            (Refusal::WorkOrderNotFinished, "every step must be DONE"),
            (Refusal::ChargeBelowMinimum { min_cents: 1_000 }, "at least 1000"),
            (Refusal::BalanceLimitExceeded { max_cents: 2_000 }, "at most 2000"),
            (Refusal::CouponNotUsable, "another order holds it"),
            (Refusal::CouponSoldOut, "No coupon is left"),
        ];
        for (refusal, part) in said {
            let text = refusal.to_string();
            assert!(text.contains(part), "{}: {text}", refusal.code());
            // A title is said anyway: a detail that has more to say does not repeat it.
            assert_eq!(text == refusal.title(), refusal == Refusal::CouponSoldOut, "{}", refusal.code());
        }
    }
}
