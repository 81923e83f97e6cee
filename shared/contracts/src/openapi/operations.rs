//! The request and response of every use case: the table that connects routes with types. A test fails for a route
//! whose use case is not listed.

use crate::batches::{BatchView, CancelBatch, ConfirmBatch, ScheduleBatch};
use crate::catalog::{
    AddVariant, AdjustStock, CreateProduct, ProductView, StockView, UpdateProduct, UpdateVariant, VariantView,
};
use crate::coupons::{CouponView, CreateCoupon, IssuedView, UpdateCoupon, UserCouponView};
use crate::notifications::NotificationView;
use crate::orders::{CancelOrder, OrderView, PlaceOrder};
use crate::payments::{PayOrder, PaymentTaskView, PaymentView, RecordRefund, RefundOrder};
use crate::platform::{AuditView, OutboxItemView};
use crate::points::{ChargePoints, ChargeView, EntryView, PointsView};
use crate::production::{FailWorkOrder, StartWorkOrder, UpdateWorkStep, WorkOrderView};
use crate::rankings::{BestSellersView, DailySaleView};
use crate::sell_windows::{ConfigureOffer, CreateSellWindow, OfferView, SellWindowView};
use crate::shipping::ShipOrder;
use crate::tickets::TicketView;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// The schemas of a type, its own first.
pub(super) type Schemas = fn() -> Vec<(String, RefOr<Schema>)>;

/// A request body.
#[derive(Clone, Copy)]
pub(super) enum Body {
    None,
    Optional(Schemas),
    Required(Schemas),
}

/// A response body.
#[derive(Clone, Copy)]
pub(super) enum ResponseBody {
    One(Schemas),
    Page(Schemas),
    /// Any JSON object.
    Object,
    /// Text with this media type.
    Text(&'static str),
}

/// The request and response of one use case.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) use_case: &'static str,
    /// The folder in `functions/`.
    pub(super) area: &'static str,
    pub(super) summary: &'static str,
    pub(super) body: Body,
    pub(super) status: u16,
    pub(super) answer: ResponseBody,
    /// The body of a 202 response for a client that asks for asynchronous processing, if the use case supports it.
    pub(super) later: Option<ResponseBody>,
    /// Query parameters besides those of pagination, with the schema of their values.
    pub(super) query: &'static [(&'static str, Option<Schemas>)],
    /// The codes of its own refusals.
    pub(super) refuses: &'static [&'static str],
}

fn schemas<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut all = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    all
}

const fn takes<T: ToSchema>() -> Body {
    Body::Required(schemas::<T>)
}

const fn one<T: ToSchema>() -> ResponseBody {
    ResponseBody::One(schemas::<T>)
}

const fn page<T: ToSchema>() -> ResponseBody {
    ResponseBody::Page(schemas::<T>)
}

macro_rules! operations {
    ($($area:ident $use_case:ident $summary:literal, $body:expr => $status:literal $answer:expr
        $(, later $later:expr)? $(, query [$($name:literal $(: $words:ty)?),*])? $(, refuses [$($code:literal),*])?;)*) => {
        &[$(Operation {
            use_case: stringify!($use_case),
            area: stringify!($area),
            summary: $summary,
            body: $body,
            status: $status,
            answer: $answer,
            later: operations!(@later $($later)?),
            query: operations!(@query $($(($name $(, $words)?))*)?),
            refuses: &[$($($code),*)?],
        }),*]
    };
    (@query $(($name:literal $(, $words:ty)?))*) => { &[$(($name, operations!(@words $($words)?))),*] };
    (@later) => { None };
    (@later $later:expr) => { Some($later) };
    (@words) => { None };
    (@words $words:ty) => { Some(schemas::<$words>) };
}

/// In the order of the routes.
pub(super) const OPERATIONS: &[Operation] = operations! {
    catalog create_product "Create a product", takes::<CreateProduct>() => 201 one::<ProductView>();
    catalog update_product "Change a product's name, description or status",
        takes::<UpdateProduct>() => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog add_variant "Add a variant to a product, with its initial stock",
        takes::<AddVariant>() => 201 one::<VariantView>(),
        refuses ["product_not_found", "sku_taken", "variant_limit_reached"];
    catalog update_variant "Change a variant's name, price, availability or stock shards",
        takes::<UpdateVariant>() => 200 one::<VariantView>(), refuses ["variant_not_found"];
    catalog adjust_stock "Add or remove stock of a variant, with a reason",
        takes::<AdjustStock>() => 200 one::<StockView>(), refuses ["variant_not_found", "out_of_stock"];
    catalog create_sell_window "Create a sell window for preorders",
        takes::<CreateSellWindow>() => 201 one::<SellWindowView>();
    catalog configure_offer "Offer a product in a sell window, or change an offer's terms",
        takes::<ConfigureOffer>() => 200 one::<OfferView>(),
        refuses [
            "sell_window_not_found", "product_not_found", "offer_limit_reached", "offer_not_configurable",
            "capacity_below_reserved"
        ];
    catalog list_products "List products on sale, newest first", Body::None => 200 page::<ProductView>();
    catalog get_product "Get a product on sale, with its stock",
        Body::None => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog list_sell_windows "List sell windows with reserved and paid quantities, newest first",
        Body::None => 200 page::<SellWindowView>();
    catalog get_sell_window "Get a sell window", Body::None => 200 one::<SellWindowView>(), refuses ["sell_window_not_found"];

    orders place_order "Place an order; stock and coupon are held",
        takes::<PlaceOrder>() => 201 one::<OrderView>(),
        later one::<OrderView>(),
        refuses [
            "variant_not_found", "coupon_not_found", "product_not_on_sale", "price_changed", "out_of_stock",
            "insufficient_points", "coupon_not_usable", "coupon_expired", "coupon_already_used", "sell_window_not_found",
            "sell_window_not_open", "offer_full", "per_customer_limit"
        ];
    orders get_order "Get an order: a customer's own, or any for an admin",
        Body::None => 200 one::<OrderView>(), refuses ["order_not_found"];
    orders list_orders "List the customer's orders, newest first", Body::None => 200 page::<OrderView>();
    orders cancel_order "Cancel an order: unpaid for a customer, not shipped for an admin",
        Body::Optional(schemas::<CancelOrder>) => 200 one::<OrderView>(),
        refuses ["order_not_found", "order_not_cancelable"];
    orders search_orders "Search orders by number, id or status",
        Body::None => 200 page::<OrderView>(), query ["order_no", "order_id", "status": super::words::OrderStatus];

    points charge_points "Buy points", takes::<ChargePoints>() => 200 one::<ChargeView>(),
        refuses ["charge_below_minimum", "balance_limit_exceeded"];
    points get_points "Get the customer's balance", Body::None => 200 one::<PointsView>();
    points list_point_history "List the customer's ledger entries, newest first", Body::None => 200 page::<EntryView>();

    coupons create_coupon "Create a coupon campaign", takes::<CreateCoupon>() => 201 one::<CouponView>();
    coupons update_coupon "Add coupons to a campaign, or change its quota shards",
        takes::<UpdateCoupon>() => 200 one::<CouponView>(), refuses ["coupon_not_found"];
    coupons get_coupon "Get a campaign with its remaining quota",
        Body::None => 200 one::<CouponView>(), refuses ["coupon_not_found"];
    coupons issue_coupon "Issue a coupon to the customer", Body::None => 201 one::<IssuedView>(),
        later one::<TicketView>(),
        refuses [
            "coupon_not_found", "coupon_already_issued", "coupon_sold_out", "coupon_not_started", "coupon_ended"
        ];
    coupons get_coupon_request "Get the status of a coupon request",
        Body::None => 200 one::<TicketView>(), refuses ["coupon_not_found", "coupon_request_not_found"];
    coupons list_my_coupons "List the customer's coupons", Body::None => 200 page::<UserCouponView>();

    payments pay_order "Pay an order", takes::<PayOrder>() => 201 one::<PaymentView>(),
        refuses [
            "order_not_found", "order_not_payable", "insufficient_points", "payment_in_progress",
            "payment_method_not_offered"
        ];
    payments get_payment "Get one of the customer's payments",
        Body::None => 200 one::<PaymentView>(), refuses ["payment_not_found"];
    payments open_checkout "Redirect the customer's browser to the provider; the address is the payment's `checkout_url`",
        Body::None => 200 ResponseBody::Text("text/html"), query ["token"],
        refuses ["checkout_not_open", "order_not_payable", "payment_method_not_offered"];
    payments receive_ecpay_callback "Receive ECPay's signed callback about a trade",
        Body::None => 200 ResponseBody::Text("text/plain");
    payments receive_newebpay_callback "Receive NewebPay's encrypted and signed callback about a trade",
        Body::None => 200 ResponseBody::Text("text/plain"), refuses ["callback_not_accepted"];
    payments return_from_line_pay "Show the page to which LINE Pay returns the customer; it reloads until the result is known",
        Body::None => 200 ResponseBody::Text("text/html"), query ["transactionId", "orderId"], refuses ["checkout_not_open"];
    payments refund_order "Refund an order, in full or in part",
        takes::<RefundOrder>() => 200 one::<OrderView>(),
        refuses ["order_not_found", "order_not_refundable", "refund_too_large"];
    payments record_refund "Record a manual refund that the provider could not make",
        takes::<RecordRefund>() => 200 one::<PaymentView>(),
        refuses ["payment_not_found", "refund_not_manual", "refund_amount_differs"];
    payments list_payment_tasks "List the admins' payment tasks, latest first",
        Body::None => 200 page::<PaymentTaskView>();

    batches list_batches "List batches, newest first",
        Body::None => 200 page::<BatchView>(), query ["status": super::words::BatchStatus];
    batches get_batch "Get a batch with the progress of its orders",
        Body::None => 200 one::<BatchView>(), refuses ["batch_not_found"];
    batches confirm_batch "Confirm a batch; its customers are asked to pay",
        Body::Optional(schemas::<ConfirmBatch>) => 200 one::<BatchView>(),
        refuses ["batch_not_found", "batch_not_confirmable"];
    batches cancel_batch "Cancel a batch; its orders are canceled and refunded",
        takes::<CancelBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_cancelable"];
    batches schedule_batch "Change a batch's planned dates",
        takes::<ScheduleBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_schedulable"];
    production list_work_orders "List work orders, newest first",
        Body::None => 200 page::<WorkOrderView>(), query ["status": super::words::WorkOrderStatus];
    production start_work_order "Start production with the paid quantity",
        takes::<StartWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_startable"];
    production update_work_step "Set the status of a production step",
        takes::<UpdateWorkStep>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_step_not_found", "work_order_not_in_progress"];
    production complete_work_order "Complete a work order; its orders are shipped",
        Body::None => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress", "work_order_not_finished"];
    production fail_work_order "Fail a work order; its orders are refunded",
        takes::<FailWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress"];

    shipping ship_order "Record how an order was shipped: by parcel, or for pick-up",
        takes::<ShipOrder>() => 200 one::<OrderView>(), refuses ["order_not_found", "order_not_shippable"];

    notifications list_notifications "List notification jobs, latest first",
        Body::None => 200 page::<NotificationView>(), query ["status": super::words::NotificationStatus];

    rankings get_best_sellers "Get the best sellers of the last shop days", Body::None => 200 one::<BestSellersView>();
    rankings list_daily_sales "List daily sales, oldest day first",
        Body::None => 200 page::<DailySaleView>(), query ["from": super::words::Day, "to": super::words::Day];

    platform list_outbox "List events of the outbox, newest first",
        Body::None => 200 page::<OutboxItemView>(), query ["status": super::words::OutboxStatus];
    platform replay_event "Replay an event",
        Body::None => 200 one::<OutboxItemView>(), refuses ["event_not_found"];
    platform audit_ledgers "Recompute every sum and report differences", Body::None => 200 one::<AuditView>();
    platform get_openapi "Get this document", Body::None => 200 ResponseBody::Object;
};
