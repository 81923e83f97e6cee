//! Every refusal, so that the document lists every code.

use domain::id::{ProductId, VariantId};
use domain::{Invalid, Refusal};

macro_rules! every {
    ($($name:ident $(($inside:expr))? $({ $($field:ident: $value:expr),* })?;)*) => {
        /// One example of each refusal.
        pub(super) fn every() -> Vec<Refusal> {
            vec![$(Refusal::$name $(($inside))? $({ $($field: $value),* })?),*]
        }

        // Fails to compile when a refusal is not listed.
        const _: fn(&Refusal) = |refusal| match refusal { $(Refusal::$name { .. } => {})* };
    };
}

every! {
    MalformedRequest(String::new());
    Unauthenticated;
    Forbidden;
    RouteNotFound;
    BodyTooLarge { limit_bytes: 0 };
    EncodingNotAccepted;
    Invalid(Invalid::default());
    IdempotencyKeyReused;
    ProductNotFound;
    VariantNotFound;
    ProductNotOnSale { variant: variant() };
    SkuTaken;
    VariantLimitReached;
    ImageNotFound;
    ImageNotUploaded;
    ImageNotAsDeclared;
    ImageUnreadable;
    ImageTooLarge { max_pixels: 0 };
    ImageLimitReached;
    OutOfStock { variant: variant() };
    OrderNotFound;
    PriceChanged { total_cents: 0 };
    TooManyOpenOrders { max: 0 };
    AddressNotFound;
    ShippingMethodNotFound;
    ShippingMethodRequired;
    ShippingMethodUnfit;
    ShippingMethodLimitReached;
    OrderNotPayable;
    OrderNotCancelable;
    OrderNotShippable;
    ContactNotChangeable;
    SellWindowNotFound;
    SellWindowNotOpen;
    OfferFull;
    PerCustomerLimit { max_qty: 0 };
    OfferLimitReached;
    OfferNotConfigurable;
    CapacityBelowReserved { reserved_qty: 0 };
    BatchNotFound;
    BatchNotConfirmable;
    BatchNotCancelable;
    BatchNotSchedulable;
    WorkOrderNotFound;
    WorkStepNotFound;
    WorkOrderNotStartable;
    WorkOrderNotInProgress;
    WorkOrderNotFinished;
    ChargeBelowMinimum { min_cents: 0 };
    BalanceLimitExceeded { max_cents: 0 };
    InsufficientPoints;
    PaymentInProgress;
    PaymentMethodNotOffered;
    CheckoutNotOpen;
    CallbackNotAccepted;
    OrderNotRefundable;
    RefundTooLarge { max_cents: 0 };
    RefundNotManual;
    RefundAmountDiffers { owed_cents: 0 };
    CouponNotFound;
    CouponNotUsable;
    CouponExpired;
    CouponAlreadyUsed;
    CouponAlreadyIssued;
    CouponSoldOut;
    CouponNotStarted;
    CouponEnded;
    CouponRequestNotFound;
    PaymentNotFound;
    EventNotFound;
    CustomerNotFound;
    CustomerHasOpenOrders;
    SellWindowBegun;
    PaymentTaskNotFound;
    PaymentTaskDone;
    NotificationNotFound;
    NotificationNotFailed;
}

fn variant() -> VariantId {
    VariantId::new(ProductId::new(uuid::Uuid::nil()), 0)
}

/// The refusal with this code.
pub(super) fn of(code: &str) -> Option<Refusal> {
    every().into_iter().find(|refusal| refusal.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_refusal_has_a_code_of_its_own() {
        let codes: BTreeSet<&str> = every().iter().map(Refusal::code).collect();
        assert_eq!(codes.len(), every().len(), "two refusals share a code: clients could not tell them apart");
        assert!(!codes.contains("busy") && !codes.contains("internal_error"), "these two are failures, not refusals");
    }
}
