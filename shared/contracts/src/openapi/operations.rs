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
    catalog create_product "An admin adds a product", takes::<CreateProduct>() => 201 one::<ProductView>();
    catalog update_product "An admin renames, describes, publishes or withdraws a product",
        takes::<UpdateProduct>() => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog add_variant "An admin adds a priced variant, with its first stock",
        takes::<AddVariant>() => 201 one::<VariantView>(),
        refuses ["product_not_found", "sku_taken", "variant_limit_reached"];
    catalog update_variant "An admin renames, prices or withdraws a variant",
        takes::<UpdateVariant>() => 200 one::<VariantView>(), refuses ["variant_not_found"];
    catalog adjust_stock "An admin adds or takes stock, with a reason",
        takes::<AdjustStock>() => 200 one::<StockView>(), refuses ["variant_not_found", "out_of_stock"];
    catalog create_sell_window "An admin opens a period in which preorders are taken",
        takes::<CreateSellWindow>() => 201 one::<SellWindowView>();
    catalog configure_offer "An admin offers a product in a window, or changes the rules of an offer",
        takes::<ConfigureOffer>() => 200 one::<OfferView>(),
        refuses [
            "sell_window_not_found", "product_not_found", "offer_limit_reached", "offer_not_configurable",
            "capacity_below_reserved"
        ];
    catalog list_products "What is on sale, newest first", Body::None => 200 page::<ProductView>();
    catalog get_product "One product on sale, with what is left of it",
        Body::None => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog list_sell_windows "Periods in which preorders are taken, newest first, with what is reserved and paid",
        Body::None => 200 page::<SellWindowView>();
    catalog get_sell_window "One of them", Body::None => 200 one::<SellWindowView>(), refuses ["sell_window_not_found"];

    orders place_order "A customer turns a cart into an order; stock and coupon are held",
        takes::<PlaceOrder>() => 201 one::<OrderView>(),
        later one::<OrderView>(),
        refuses [
            "variant_not_found", "coupon_not_found", "product_not_on_sale", "price_changed", "out_of_stock",
            "insufficient_points", "coupon_not_usable", "coupon_expired", "coupon_already_used", "sell_window_not_found",
            "sell_window_not_open", "offer_full", "per_customer_limit"
        ];
    orders get_order "A customer's own order, or any order for an admin",
        Body::None => 200 one::<OrderView>(), refuses ["order_not_found"];
    orders list_orders "A customer's orders, newest first", Body::None => 200 page::<OrderView>();
    orders cancel_order "A customer gives up an order that is not paid, an admin one that is not shipped",
        Body::Optional(schemas::<CancelOrder>) => 200 one::<OrderView>(),
        refuses ["order_not_found", "order_not_cancelable"];
    orders search_orders "An admin looks orders up by number, by id or by status",
        Body::None => 200 page::<OrderView>(), query ["order_no", "order_id", "status": super::words::OrderStatus];

    points charge_points "A customer puts points in", takes::<ChargePoints>() => 200 one::<ChargeView>(),
        refuses ["charge_below_minimum", "balance_limit_exceeded"];
    points get_points "A customer's balance", Body::None => 200 one::<PointsView>();
    points list_point_history "A customer's ledger, newest first", Body::None => 200 page::<EntryView>();

    coupons create_coupon "An admin opens a campaign", takes::<CreateCoupon>() => 201 one::<CouponView>();
    coupons update_coupon "An admin adds coupons to a campaign, or splits its quota anew",
        takes::<UpdateCoupon>() => 200 one::<CouponView>(), refuses ["coupon_not_found"];
    coupons get_coupon "A campaign and what is left of it",
        Body::None => 200 one::<CouponView>(), refuses ["coupon_not_found"];
    coupons issue_coupon "A customer takes one coupon of a campaign", Body::None => 201 one::<IssuedView>(),
        later one::<TicketView>(),
        refuses [
            "coupon_not_found", "coupon_already_issued", "coupon_sold_out", "coupon_not_started", "coupon_ended"
        ];
    coupons get_coupon_request "What has become of a customer's request for a coupon",
        Body::None => 200 one::<TicketView>(), refuses ["coupon_not_found", "coupon_request_not_found"];
    coupons list_my_coupons "A customer's coupons", Body::None => 200 page::<UserCouponView>();

    payments pay_order "A customer pays an order", takes::<PayOrder>() => 201 one::<PaymentView>(),
        refuses [
            "order_not_found", "order_not_payable", "insufficient_points", "payment_in_progress",
            "payment_method_not_offered"
        ];
    payments get_payment "One of a customer's payments",
        Body::None => 200 one::<PaymentView>(), refuses ["payment_not_found"];
    payments open_checkout "The page that leads a customer's browser to the provider, at the payment's `checkout_url`",
        Body::None => 200 ResponseBody::Text("text/html"), query ["token"],
        refuses ["checkout_not_open", "order_not_payable", "payment_method_not_offered"];
    payments receive_ecpay_callback "ECPay says what became of a trade: a signed form",
        Body::None => 200 ResponseBody::Text("text/plain");
    payments receive_newebpay_callback "NewebPay says what became of a trade: a sealed and signed form",
        Body::None => 200 ResponseBody::Text("text/plain"), refuses ["callback_not_accepted"];
    payments return_from_line_pay "The page that a customer comes back to from LINE Pay; it reloads itself until it knows",
        Body::None => 200 ResponseBody::Text("text/html"), query ["transactionId", "orderId"], refuses ["checkout_not_open"];
    payments refund_order "An admin gives back an order's money, all of it or a part",
        takes::<RefundOrder>() => 200 one::<OrderView>(),
        refuses ["order_not_found", "order_not_refundable", "refund_too_large"];
    payments record_refund "An admin gave back by hand what no machine could, and says so",
        takes::<RecordRefund>() => 200 one::<PaymentView>(),
        refuses ["payment_not_found", "refund_not_manual", "refund_amount_differs"];
    payments list_payment_tasks "What an admin has to know or to do about money, latest first",
        Body::None => 200 page::<PaymentTaskView>();

    batches list_batches "An admin looks at the batches, newest first",
        Body::None => 200 page::<BatchView>(), query ["status": super::words::BatchStatus];
    batches get_batch "One batch, and how far the shop is with it",
        Body::None => 200 one::<BatchView>(), refuses ["batch_not_found"];
    batches confirm_batch "An admin decides that a batch is made; everyone is asked to pay",
        Body::Optional(schemas::<ConfirmBatch>) => 200 one::<BatchView>(),
        refuses ["batch_not_found", "batch_not_confirmable"];
    batches cancel_batch "An admin decides that a batch is not made; its orders are canceled",
        takes::<CancelBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_cancelable"];
    batches schedule_batch "An admin moves the planned dates of a batch",
        takes::<ScheduleBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_schedulable"];
    production list_work_orders "An admin looks at the work orders, newest first",
        Body::None => 200 page::<WorkOrderView>(), query ["status": super::words::WorkOrderStatus];
    production start_work_order "Production begins, for what was paid",
        takes::<StartWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_startable"];
    production update_work_step "How far one step of the production is",
        takes::<UpdateWorkStep>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_step_not_found", "work_order_not_in_progress"];
    production complete_work_order "The goods are made; their orders are shipped",
        Body::None => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress", "work_order_not_finished"];
    production fail_work_order "The goods will not be made; their orders are refunded",
        takes::<FailWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress"];

    shipping ship_order "An admin says how an order's goods left the shop: by parcel, or to be picked up",
        takes::<ShipOrder>() => 200 one::<OrderView>(), refuses ["order_not_found", "order_not_shippable"];

    notifications list_notifications "An admin looks at messages, latest first",
        Body::None => 200 page::<NotificationView>(), query ["status": super::words::NotificationStatus];

    rankings get_best_sellers "What sold most in the last shop days", Body::None => 200 one::<BestSellersView>();
    rankings list_daily_sales "An admin looks at what was sold per shop day, oldest day first",
        Body::None => 200 page::<DailySaleView>(), query ["from": super::words::Day, "to": super::words::Day];

    platform list_outbox "An admin looks at events on their way out, newest first",
        Body::None => 200 page::<OutboxItemView>(), query ["status": super::words::OutboxStatus];
    platform replay_event "An admin has an event sent again",
        Body::None => 200 one::<OutboxItemView>(), refuses ["event_not_found"];
    platform audit_ledgers "An admin has every sum recomputed", Body::None => 200 one::<AuditView>();
    platform get_openapi "This document", Body::None => 200 ResponseBody::Object;
};
