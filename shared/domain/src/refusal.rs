//! Refusals: every reason for which a request is refused, each with a permanent code.
//!
//! To find the rule behind a code, search for its variant: the domain checks it, and the store names it beside the
//! condition of the write.

use crate::Invalid;
use crate::id::VariantId;
use std::fmt;

/// A refusal: the request was understood and nothing was changed. `Display` is the `detail` of the problem response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not JSON, or a header or cursor is malformed.
    MalformedRequest(String),
    /// The request has no verified customer.
    Unauthenticated,
    /// The caller lacks the permission.
    Forbidden,
    /// No such route.
    RouteNotFound,
    /// The body exceeds the route's limit.
    BodyTooLarge {
        /// In bytes.
        limit_bytes: usize,
    },
    /// The body is compressed.
    EncodingNotAccepted,
    /// Invalid fields.
    Invalid(Invalid),
    /// The idempotency key was used for a different request.
    IdempotencyKeyReused,

    /// No such product, or not visible to customers.
    ProductNotFound,
    /// No such variant.
    VariantNotFound,
    /// The product or the variant is not for sale.
    ProductNotOnSale { variant: VariantId },
    /// Another variant has this SKU.
    SkuTaken,
    /// The product has the maximum number of variants.
    VariantLimitReached,
    /// The product has no such image, or its upload was requested too long ago.
    ImageNotFound,
    /// The image's file has not been uploaded.
    ImageNotUploaded,
    /// The uploaded file has another format or size than was declared.
    ImageNotAsDeclared,
    /// The uploaded file's header does not say its width and height.
    ImageUnreadable,
    /// The uploaded image has too many pixels.
    ImageTooLarge {
        /// The maximum of width × height.
        max_pixels: u64,
    },
    /// The product has the maximum number of images.
    ImageLimitReached,
    /// Less stock is left than was ordered.
    OutOfStock { variant: VariantId },

    /// No such order, or another customer's.
    OrderNotFound,
    /// The total is not the expected one.
    PriceChanged {
        /// The current total, in minor units.
        total_cents: i64,
    },
    /// The customer has the maximum number of unpaid orders.
    TooManyOpenOrders {
        /// In orders.
        max: u32,
    },
    /// The customer has saved no address under this name.
    AddressNotFound,
    /// No such shipping method, or the shop does not offer it now.
    ShippingMethodNotFound,
    /// The shop has shipping methods, and the order names none.
    ShippingMethodRequired,
    /// The shipping method does not reach the address.
    ShippingMethodUnfit,
    /// The shop has the maximum number of shipping methods.
    ShippingMethodLimitReached,
    /// The order does not wait for a payment, or its hold has ended.
    OrderNotPayable,
    /// The order's status does not allow canceling.
    OrderNotCancelable,
    /// The order does not wait for shipping.
    OrderNotShippable,
    /// The order is shipped or has ended, or only an admin may still change its contact data.
    ContactNotChangeable,

    /// No such sell window, or not visible to customers.
    SellWindowNotFound,
    /// The sell window or the offer does not accept orders now.
    SellWindowNotOpen,
    /// Less capacity is left in the offer than was ordered.
    OfferFull,
    /// The customer would exceed the offer's limit per customer.
    PerCustomerLimit {
        /// In pieces.
        max_qty: u32,
    },
    /// The sell window has the maximum number of offers.
    OfferLimitReached,
    /// The offer's status does not allow the change.
    OfferNotConfigurable,
    /// The new capacity is below the reserved quantity.
    CapacityBelowReserved {
        /// In pieces.
        reserved_qty: u64,
    },
    /// No such batch.
    BatchNotFound,
    /// The batch is canceled or missed.
    BatchNotConfirmable,
    /// The batch's status does not allow canceling.
    BatchNotCancelable,
    /// The batch is canceled and has no schedule any more.
    BatchNotSchedulable,
    /// No such work order.
    WorkOrderNotFound,
    /// No such step in the work order.
    WorkStepNotFound,
    /// The work order's status does not allow starting.
    WorkOrderNotStartable,
    /// The work order is not in progress.
    WorkOrderNotInProgress,
    /// The work order has unfinished steps.
    WorkOrderNotFinished,

    /// The charge of points is below the minimum.
    ChargeBelowMinimum {
        /// In minor units.
        min_cents: i64,
    },
    /// The balance would exceed its limit.
    BalanceLimitExceeded {
        /// In minor units.
        max_cents: i64,
    },
    /// Fewer points than the order's total.
    InsufficientPoints,

    /// No such coupon, or the customer does not hold it.
    CouponNotFound,
    /// The coupon is held by another order, or the order is below the coupon's minimum.
    CouponNotUsable,
    /// The coupon is no longer valid.
    CouponExpired,
    /// The coupon was used.
    CouponAlreadyUsed,
    /// The customer already holds a coupon of the campaign.
    CouponAlreadyIssued,
    /// The campaign's quota is exhausted.
    CouponSoldOut,
    /// The issue period has not started.
    CouponNotStarted,
    /// The issue period has ended.
    CouponEnded,
    /// No such coupon request, or another customer's.
    CouponRequestNotFound,

    /// No such payment, or another customer's.
    PaymentNotFound,
    /// Another payment of the order is in progress: its checkout was active a moment ago.
    PaymentInProgress,
    /// The shop has no contract with the method's provider.
    PaymentMethodNotOffered,
    /// The checkout cannot be opened: its URL is wrong or too old, or the payment has ended.
    CheckoutNotOpen,
    /// The callback is not signed by the provider.
    CallbackNotAccepted,
    /// The order was not paid, or is shipped and not completed yet.
    OrderNotRefundable,
    /// More than is left to refund.
    RefundTooLarge {
        /// In minor units.
        max_cents: i64,
    },
    /// No manual refund of the payment is due.
    RefundNotManual,
    /// The recorded manual refund is not the amount that is owed.
    RefundAmountDiffers {
        /// In minor units.
        owed_cents: i64,
    },
    /// No such event, or its retention has ended.
    EventNotFound,
    /// No such customer.
    CustomerNotFound,
    /// The customer has an order that has not ended, so that its contact data is still needed.
    CustomerHasOpenOrders,
    /// The sell window has begun, so that its start cannot change.
    SellWindowBegun,
    /// No such payment task.
    PaymentTaskNotFound,
    /// The payment task is done.
    PaymentTaskDone,
    /// No such message, or its retention has ended.
    NotificationNotFound,
    /// The message is sent, or will still be tried.
    NotificationNotFailed,
}

/// The kind of a refusal. `runtime::problem` is the one place that maps kinds to HTTP statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be parsed.
    Malformed,
    /// The caller is not authenticated.
    Unauthenticated,
    /// The caller lacks the permission.
    Forbidden,
    /// The resource does not exist, or the caller may not see it.
    NotFound,
    /// The current state of the resource does not allow the request.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body is in a format that no route accepts.
    UnsupportedMedia,
    /// The request was parsed and is invalid.
    Invalid,
}

impl Refusal {
    /// The permanent code, the kind and the title.
    const fn facts(&self) -> (&'static str, Kind, &'static str) {
        use Kind::{Conflict, Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthenticated, UnsupportedMedia};
        match self {
            Self::MalformedRequest(_) => ("malformed_request", Malformed, "The request cannot be parsed"),
            Self::Unauthenticated => ("unauthenticated", Unauthenticated, "A valid token is needed"),
            Self::Forbidden => ("forbidden", Forbidden, "Not allowed"),
            Self::RouteNotFound => ("route_not_found", NotFound, "No such route"),
            Self::BodyTooLarge { .. } => ("body_too_large", TooLarge, "The body is too large"),
            Self::EncodingNotAccepted => ("encoding_not_accepted", UnsupportedMedia, "The body must not be compressed"),
            Self::Invalid(_) => ("invalid_request", Invalid, "Some fields are invalid"),
            Self::IdempotencyKeyReused => {
                ("idempotency_key_reused", Invalid, "The idempotency key was used for another request")
            }
            Self::ProductNotFound => ("product_not_found", NotFound, "No such product"),
            Self::VariantNotFound => ("variant_not_found", NotFound, "No such variant"),
            Self::ProductNotOnSale { .. } => ("product_not_on_sale", Conflict, "Not for sale"),
            Self::SkuTaken => ("sku_taken", Conflict, "The SKU is already in use"),
            Self::VariantLimitReached => {
                ("variant_limit_reached", Conflict, "The product has the maximum number of variants")
            }
            Self::ImageNotFound => ("image_not_found", NotFound, "No such image"),
            Self::ImageNotUploaded => ("image_not_uploaded", Conflict, "The image is not uploaded"),
            Self::ImageNotAsDeclared => {
                ("image_not_as_declared", Invalid, "The file does not have the declared format and size")
            }
            Self::ImageUnreadable => ("image_unreadable", Invalid, "The image cannot be read"),
            Self::ImageTooLarge { .. } => ("image_too_large", Invalid, "The image has too many pixels"),
            Self::ImageLimitReached => {
                ("image_limit_reached", Conflict, "The product has the maximum number of images")
            }
            Self::OutOfStock { .. } => ("out_of_stock", Conflict, "Out of stock"),
            Self::OrderNotFound => ("order_not_found", NotFound, "No such order"),
            Self::PriceChanged { .. } => ("price_changed", Conflict, "The price has changed"),
            Self::TooManyOpenOrders { .. } => ("too_many_open_orders", Conflict, "Too many unpaid orders"),
            Self::AddressNotFound => ("address_not_found", NotFound, "No such saved address"),
            Self::ShippingMethodNotFound => ("shipping_method_not_found", NotFound, "No such shipping method"),
            Self::ShippingMethodRequired => ("shipping_method_required", Conflict, "A shipping method must be chosen"),
            Self::ShippingMethodUnfit => {
                ("shipping_method_unfit", Conflict, "The shipping method does not reach the address")
            }
            Self::ShippingMethodLimitReached => {
                ("shipping_method_limit_reached", Conflict, "The shop has the maximum number of shipping methods")
            }
            Self::OrderNotPayable => ("order_not_payable", Conflict, "The order cannot be paid"),
            Self::OrderNotCancelable => ("order_not_cancelable", Conflict, "The order cannot be canceled"),
            Self::OrderNotShippable => ("order_not_shippable", Conflict, "The order cannot be shipped"),
            Self::ContactNotChangeable => ("contact_not_changeable", Conflict, "The contact cannot be changed"),
            Self::SellWindowNotFound => ("sell_window_not_found", NotFound, "No such sell window"),
            Self::SellWindowNotOpen => ("sell_window_not_open", Conflict, "The sell window is not open"),
            Self::OfferFull => ("offer_full", Conflict, "The offer is full"),
            Self::PerCustomerLimit { .. } => ("per_customer_limit", Conflict, "The limit per customer is exceeded"),
            Self::OfferLimitReached => {
                ("offer_limit_reached", Conflict, "The sell window has the maximum number of offers")
            }
            Self::OfferNotConfigurable => ("offer_not_configurable", Conflict, "The offer cannot be changed"),
            Self::CapacityBelowReserved { .. } => {
                ("capacity_below_reserved", Conflict, "The capacity is below the reserved quantity")
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
            Self::ChargeBelowMinimum { .. } => ("charge_below_minimum", Invalid, "The charge is below the minimum"),
            Self::BalanceLimitExceeded { .. } => ("balance_limit_exceeded", Conflict, "The balance limit is exceeded"),
            Self::InsufficientPoints => ("insufficient_points", Conflict, "Not enough points"),
            Self::CouponNotFound => ("coupon_not_found", NotFound, "No such coupon"),
            Self::CouponNotUsable => ("coupon_not_usable", Conflict, "The coupon cannot be used here"),
            Self::CouponExpired => ("coupon_expired", Conflict, "The coupon has expired"),
            Self::CouponAlreadyUsed => ("coupon_already_used", Conflict, "The coupon is already used"),
            Self::CouponAlreadyIssued => ("coupon_already_issued", Conflict, "You already have this coupon"),
            Self::CouponSoldOut => ("coupon_sold_out", Conflict, "No coupon is left"),
            Self::CouponNotStarted => ("coupon_not_started", Conflict, "The issue period has not started"),
            Self::CouponEnded => ("coupon_ended", Conflict, "The issue period has ended"),
            Self::CouponRequestNotFound => ("coupon_request_not_found", NotFound, "No such coupon request"),
            Self::PaymentNotFound => ("payment_not_found", NotFound, "No such payment"),
            Self::PaymentInProgress => ("payment_in_progress", Conflict, "Another payment is in progress"),
            Self::PaymentMethodNotOffered => {
                ("payment_method_not_offered", Conflict, "The shop does not offer this payment method")
            }
            Self::CheckoutNotOpen => ("checkout_not_open", NotFound, "No such checkout"),
            Self::CallbackNotAccepted => {
                ("callback_not_accepted", Malformed, "The callback is not signed by the provider")
            }
            Self::OrderNotRefundable => ("order_not_refundable", Conflict, "The order cannot be refunded"),
            Self::RefundTooLarge { .. } => ("refund_too_large", Conflict, "The refund is too large"),
            Self::RefundNotManual => ("refund_not_manual", Conflict, "No manual refund of this payment is due"),
            Self::RefundAmountDiffers { .. } => ("refund_amount_differs", Conflict, "The amount is not what is owed"),
            Self::EventNotFound => ("event_not_found", NotFound, "No such event"),
            Self::CustomerNotFound => ("customer_not_found", NotFound, "No such customer"),
            Self::CustomerHasOpenOrders => {
                ("customer_has_open_orders", Conflict, "An order of the customer has not ended")
            }
            Self::SellWindowBegun => ("sell_window_begun", Conflict, "The sell window has begun"),
            Self::PaymentTaskNotFound => ("payment_task_not_found", NotFound, "No such payment task"),
            Self::PaymentTaskDone => ("payment_task_done", Conflict, "The payment task is done"),
            Self::NotificationNotFound => ("notification_not_found", NotFound, "No such message"),
            Self::NotificationNotFailed => ("notification_not_failed", Conflict, "The message has not failed"),
        }
    }

    /// The permanent code that clients rely on.
    pub const fn code(&self) -> &'static str {
        self.facts().0
    }

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
            Self::BodyTooLarge { limit_bytes } => write!(f, "the body of this route has at most {limit_bytes} bytes"),
            Self::EncodingNotAccepted => {
                f.write_str("send the body without compression, and without the header Content-Encoding")
            }
            Self::Invalid(_) => f.write_str("`errors` lists the invalid fields"),
            Self::IdempotencyKeyReused => f.write_str("use a new key for a different request"),
            Self::ProductNotOnSale { variant } => write!(f, "variant {variant} is not for sale"),
            Self::ImageNotUploaded => f.write_str("send the file to upload.url first, then complete the image"),
            Self::ImageNotAsDeclared => f.write_str("request another upload with the file's own type and size"),
            Self::ImageUnreadable => f.write_str("the file is damaged: its width and height cannot be read"),
            Self::ImageTooLarge { max_pixels } => write!(f, "an image has at most {max_pixels} pixels"),
            Self::OutOfStock { variant } => write!(f, "there is not enough stock of variant {variant}"),
            Self::PriceChanged { total_cents } => {
                write!(f, "the total is now {total_cents} (minor units); show it to the customer and order again")
            }
            Self::TooManyOpenOrders { max } => {
                write!(f, "a customer can have at most {max} unpaid orders at a time; pay or cancel one of them first")
            }
            Self::ShippingMethodRequired => f.write_str("choose one of GET /shipping-methods"),
            Self::OrderNotPayable => f.write_str("the order is already paid, canceled or expired"),
            Self::OrderNotCancelable => f.write_str("the order is paid, has ended, or is not reserved yet"),
            Self::OrderNotShippable => f.write_str("the order does not wait for shipping, or is already shipped"),
            Self::ContactNotChangeable => f.write_str(
                "the order is shipped or has ended, or it waits for shipping and only an admin may change it",
            ),
            Self::PaymentInProgress => {
                f.write_str("finish its checkout, or try again after a quarter of an hour without activity")
            }
            Self::CheckoutNotOpen => f.write_str("start the payment again with POST /payments"),
            Self::OrderNotRefundable => {
                f.write_str("the order is not paid, already refunded, or shipped and not completed yet")
            }
            Self::RefundTooLarge { max_cents } => write!(f, "at most {max_cents} (minor units) can be refunded"),
            Self::RefundNotManual => {
                f.write_str("no refund is due, it is already recorded, or the shop makes it automatically")
            }
            Self::RefundAmountDiffers { owed_cents } => write!(f, "exactly {owed_cents} (minor units) is owed"),
            Self::SellWindowNotOpen => f.write_str("the sell window or its offer does not accept orders now"),
            Self::PerCustomerLimit { max_qty } => write!(f, "a customer can reserve at most {max_qty} pieces"),
            Self::OfferNotConfigurable => f.write_str("the threshold is already reached, or the offer has ended"),
            Self::CapacityBelowReserved { reserved_qty } => write!(f, "{reserved_qty} pieces are reserved"),
            Self::BatchNotConfirmable => f.write_str("the batch is canceled"),
            Self::BatchNotCancelable => f.write_str("the batch is already canceled, or production has started"),
            Self::WorkOrderNotStartable => {
                f.write_str("the payment window is still open, the work order has started, or its batch is canceled")
            }
            Self::WorkOrderNotFinished => f.write_str("set every step to DONE first"),
            Self::ChargeBelowMinimum { min_cents } => write!(f, "the minimum charge is {min_cents} (minor units)"),
            Self::BalanceLimitExceeded { max_cents } => write!(f, "the maximum balance is {max_cents} (minor units)"),
            Self::CouponNotUsable => {
                f.write_str("another order holds the coupon, or the order is below the coupon's minimum")
            }
            Self::SellWindowBegun => {
                f.write_str("start_at cannot change any more; leave it out, or send the same time")
            }
            Self::NotificationNotFailed => f.write_str("the message is sent, or will still be tried"),
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
    fn the_detail_of_a_refusal_says_what_to_do() {
        let variant = VariantId::new(ProductId::new(Uuid::nil()), 1);
        let said = [
            (Refusal::MalformedRequest("the body is not JSON".to_owned()), "the body is not JSON"),
            (Refusal::BodyTooLarge { limit_bytes: 65_536 }, "65536 bytes"),
            (Invalid::field("lines", "must have 1 to 50 lines").into(), "`errors`"),
            (Refusal::IdempotencyKeyReused, "a new key"),
            (Refusal::ProductNotOnSale { variant }, "is not for sale"),
            (Refusal::OutOfStock { variant }, "not enough stock"),
            (Refusal::ImageNotUploaded, "upload.url"),
            (Refusal::ImageNotAsDeclared, "own type and size"),
            (Refusal::ImageUnreadable, "damaged"),
            (Refusal::ImageTooLarge { max_pixels: 25 }, "25 pixels"),
            (Refusal::PriceChanged { total_cents: 700 }, "700"),
            (Refusal::TooManyOpenOrders { max: 10 }, "at most 10"),
            (Refusal::ShippingMethodRequired, "GET /shipping-methods"),
            (Refusal::OrderNotPayable, "expired"),
            (Refusal::OrderNotCancelable, "is paid"),
            (Refusal::OrderNotShippable, "already shipped"),
            (Refusal::PaymentInProgress, "a quarter of an hour"),
            (Refusal::CheckoutNotOpen, "start the payment again"),
            (Refusal::OrderNotRefundable, "already refunded"),
            (Refusal::RefundTooLarge { max_cents: 300 }, "300"),
            (Refusal::RefundNotManual, "automatically"),
            (Refusal::RefundAmountDiffers { owed_cents: 500 }, "exactly 500"),
            (Refusal::SellWindowNotOpen, "does not accept orders now"),
            (Refusal::PerCustomerLimit { max_qty: 3 }, "at most 3"),
            (Refusal::OfferNotConfigurable, "already reached"),
            (Refusal::CapacityBelowReserved { reserved_qty: 9 }, "9 pieces are reserved"),
            (Refusal::BatchNotConfirmable, "is canceled"),
            (Refusal::BatchNotCancelable, "production has started"),
            (Refusal::WorkOrderNotStartable, "the payment window"),
            (Refusal::WorkOrderNotFinished, "every step to DONE"),
            (Refusal::ChargeBelowMinimum { min_cents: 1_000 }, "1000"),
            (Refusal::BalanceLimitExceeded { max_cents: 2_000 }, "2000"),
            (Refusal::CouponNotUsable, "another order holds the coupon"),
            (Refusal::CouponSoldOut, "No coupon is left"),
        ];
        for (refusal, part) in said {
            let text = refusal.to_string();
            assert!(text.contains(part), "{}: {text}", refusal.code());
            // The response has the title anyway: a detail does not repeat it.
            assert_eq!(text == refusal.title(), refusal == Refusal::CouponSoldOut, "{}", refusal.code());
        }
    }
}
