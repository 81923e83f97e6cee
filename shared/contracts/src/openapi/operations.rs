//! The request and response of every use case: the table that connects routes with types. A test fails for a route
//! whose use case is not listed.

use crate::batches::{BatchView, CancelBatch, ConfirmBatch, ScheduleBatch};
use crate::catalog::{
    AddVariant, AdjustStock, AdjustmentView, CreateProduct, ProductView, StockView, UpdateProduct, UpdateVariant,
    VariantView,
};
use crate::coupons::{AdminCouponView, CouponView, CreateCoupon, IssuedView, UpdateCoupon, UserCouponView};
use crate::customers::{AccountView, CustomerView, ErasedView, PersonalDataView};
use crate::images::{ArrangeImages, ImageUploadView, UploadImage};
use crate::notifications::NotificationView;
use crate::orders::{AdminOrderView, BatchOrderView, CancelOrder, ChangeContact, OrderView, PlaceOrder};
use crate::payments::{
    AdminPaymentView, FinishPaymentTask, PayOrder, PaymentTaskView, PaymentView, RecordRefund, RefundOrder,
};
use crate::platform::{
    ActivityView, AuditView, OutboxEventView, OutboxItemView, ReplayEvents, ReplayedView, SummaryView,
};
use crate::points::{ChargePoints, ChargeView, EntryView, GrantPoints, PointsView};
use crate::production::{FailWorkOrder, NamedWorkOrderView, StartWorkOrder, UpdateWorkStep, WorkOrderView};
use crate::profile::{ProfileView, SetProfile};
use crate::quotes::{QuoteOrder, QuoteView};
use crate::rankings::{BestSellersView, DailySaleView};
use crate::sell_windows::{
    ConfigureOffer, CreateSellWindow, ForecastView, OfferHistoryView, OfferView, SellWindowView, UpdateSellWindow,
};
use crate::shipping::{ShipOrder, ShipOrders, ShippedView};
use crate::shipping_methods::{SetShippingMethod, ShippingMethodView};
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
    /// A page as JSON, or with `Accept: text/csv` the whole list as CSV.
    PageOrCsv(Schemas),
    /// Any JSON object.
    Object,
    /// Text with this media type.
    Text(&'static str),
}

impl ResponseBody {
    /// Whether it is a page of a list, which has `limit` and `cursor`.
    pub(super) const fn is_paged(self) -> bool {
        matches!(self, Self::Page(_) | Self::PageOrCsv(_))
    }
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
    /// The body of a 200 response instead of `answer`, for shops with another setting.
    pub(super) instead: Option<(&'static str, ResponseBody)>,
    /// The target of a 303 response, if the use case redirects a browser.
    pub(super) redirect: Option<&'static str>,
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

const fn page_or_csv<T: ToSchema>() -> ResponseBody {
    ResponseBody::PageOrCsv(schemas::<T>)
}

macro_rules! operations {
    ($($area:ident $use_case:ident $summary:literal, $body:expr => $status:literal $answer:expr
        $(, later $later:expr)? $(, instead $when:literal $instead:expr)? $(, redirect $redirect:literal)? $(, query [$($name:literal $(: $words:ty)?),*])? $(, refuses [$($code:literal),*])?;)*) => {
        &[$(Operation {
            use_case: stringify!($use_case),
            area: stringify!($area),
            summary: $summary,
            body: $body,
            status: $status,
            answer: $answer,
            later: operations!(@later $($later)?),
            instead: operations!(@instead $($when $instead)?),
            redirect: operations!(@redirect $($redirect)?),
            query: operations!(@query $($(($name $(, $words)?))*)?),
            refuses: &[$($($code),*)?],
        }),*]
    };
    (@query $(($name:literal $(, $words:ty)?))*) => { &[$(($name, operations!(@words $($words)?))),*] };
    (@instead) => { None };
    (@instead $when:literal $instead:expr) => { Some(($when, $instead)) };
    (@redirect) => { None };
    (@redirect $redirect:literal) => { Some($redirect) };
    (@later) => { None };
    (@later $later:expr) => { Some($later) };
    (@words) => { None };
    (@words $words:ty) => { Some(schemas::<$words>) };
}

/// In the order of the routes.
pub(super) const OPERATIONS: &[Operation] = operations! {
    catalog create_product "Create a product", takes::<CreateProduct>() => 201 one::<ProductView>();
    catalog update_product "Change a product's name, description, category, tags or status",
        takes::<UpdateProduct>() => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog add_variant "Add a variant to a product, with its initial stock",
        takes::<AddVariant>() => 201 one::<VariantView>(),
        refuses ["product_not_found", "sku_taken", "variant_limit_reached"];
    catalog update_variant "Change a variant's name, SKU, price, availability, low-stock limit or stock shards",
        takes::<UpdateVariant>() => 200 one::<VariantView>(), refuses ["variant_not_found", "sku_taken"];
    catalog adjust_stock "Add or remove stock of a variant, with a reason",
        takes::<AdjustStock>() => 200 one::<StockView>(), refuses ["variant_not_found", "out_of_stock"];
    catalog upload_image "Begin the upload of an image: JPEG, PNG, WebP or AVIF, at most 5 MiB. Send the file with the pre-signed request of \
        the response, then complete the image",
        takes::<UploadImage>() => 201 one::<ImageUploadView>(), refuses ["product_not_found", "image_limit_reached"];
    catalog complete_image "Check an uploaded image and list it as the product's last one. The file's bytes must have the declared format and \
        size, and at most 25,000,000 pixels. An upload can be completed within an hour; a repeated request changes nothing",
        Body::None => 200 one::<ProductView>(),
        refuses [
            "product_not_found", "image_not_found", "image_not_uploaded", "image_not_as_declared", "image_unreadable",
            "image_too_large", "image_limit_reached"
        ];
    catalog arrange_images "Set the order and the alternative texts of a product's images; images that are not listed are removed",
        takes::<ArrangeImages>() => 200 one::<ProductView>(), refuses ["product_not_found", "image_not_found"];
    catalog create_sell_window "Create a sell window for preorders",
        takes::<CreateSellWindow>() => 201 one::<SellWindowView>();
    catalog configure_offer "Offer a product in a sell window, or change an offer's terms",
        takes::<ConfigureOffer>() => 200 one::<OfferView>(),
        refuses [
            "sell_window_not_found", "product_not_found", "offer_limit_reached", "offer_not_configurable",
            "capacity_below_reserved"
        ];
    catalog list_products "List products on sale, newest first or by their lowest price; `q` is a part of the name. The stock can be a \
        few seconds old. A filter or a sort order applies to the newest 2,000 products",
        Body::None => 200 page::<ProductView>(), query ["category", "sort": super::words::ProductSort, "q"];
    catalog get_product "Get a product on sale, with its stock",
        Body::None => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog list_sell_windows "List sell windows with reserved and paid quantities, newest first",
        Body::None => 200 page::<SellWindowView>();
    catalog get_sell_window "Get a sell window", Body::None => 200 one::<SellWindowView>(), refuses ["sell_window_not_found"];
    catalog update_sell_window "Change a sell window's name, its start while it has not begun, or its end to any time that is not past",
        takes::<UpdateSellWindow>() => 200 one::<SellWindowView>(), refuses ["sell_window_not_found", "sell_window_begun"];
    catalog end_sell_window "End a sell window now. Within a minute each of its offers is extended, is missed, or waits for the confirmation of its batch",
        Body::None => 200 one::<SellWindowView>(), refuses ["sell_window_not_found", "sell_window_not_open"];
    catalog list_all_products "List products in every status with all variants, newest first",
        Body::None => 200 page::<ProductView>(), query ["status": super::words::ProductStatus];
    catalog inspect_product "Get a product in any status with all variants and their stock",
        Body::None => 200 one::<ProductView>(), refuses ["product_not_found"];
    catalog list_all_sell_windows "List sell windows past and future with all offers, also disabled ones, newest first",
        Body::None => 200 page::<SellWindowView>();
    catalog inspect_sell_window "Get a sell window with all offers, also disabled ones, and their internal settings",
        Body::None => 200 one::<SellWindowView>(), refuses ["sell_window_not_found"];
    catalog list_adjustments "List the stock adjustments of a variant, newest first",
        Body::None => 200 page::<AdjustmentView>(), refuses ["variant_not_found"];

    orders place_order "Place an order; stock and coupon are held",
        takes::<PlaceOrder>() => 201 one::<OrderView>(),
        later one::<OrderView>(),
        refuses [
            "variant_not_found", "coupon_not_found", "product_not_on_sale", "price_changed", "out_of_stock",
            "insufficient_points", "coupon_not_usable", "coupon_expired", "coupon_already_used", "sell_window_not_found",
            "sell_window_not_open", "offer_full", "per_customer_limit", "too_many_open_orders", "shipping_method_not_found",
            "shipping_method_required", "shipping_method_unfit", "address_not_found"
        ];
    orders get_order "Get the customer's own order, with its contact",
        Body::None => 200 one::<OrderView>(), refuses ["order_not_found"];
    orders inspect_order "Get any order with its contact, payment attempts, messages, and the actor of each step",
        Body::None => 200 one::<AdminOrderView>(), refuses ["order_not_found"];
    orders change_contact "Correct the contact data: a customer until shipping is scheduled, an admin until the order is shipped",
        takes::<ChangeContact>() => 200 one::<OrderView>(),
        refuses ["order_not_found", "contact_not_changeable", "shipping_method_unfit"];
    orders list_orders "List the customer's orders, newest first", Body::None => 200 page::<OrderView>();
    orders cancel_order "Cancel an order: a customer while it is unpaid, an admin until it is shipped",
        Body::Optional(schemas::<CancelOrder>) => 200 one::<OrderView>(),
        refuses ["order_not_found", "order_not_cancelable"];
    orders search_orders "Search orders by all given filters; `created_from` and `created_to` are days in the shop's time zone",
        Body::None => 200 page_or_csv::<OrderView>(),
        query [
            "order_no", "order_id", "status": super::words::OrderStatus, "kind": super::words::OrderKind, "sell_window_id",
            "product_id", "customer_id", "phone", "email", "created_from": super::words::Day, "created_to": super::words::Day
        ];
    orders quote_order "Price an order without placing it. Each `code` is a refusal that `POST /orders` would return. Writes nothing",
        takes::<QuoteOrder>() => 200 one::<QuoteView>(),
        refuses ["variant_not_found", "coupon_not_found", "sell_window_not_found", "shipping_method_not_found"];

    points charge_points "Buy points: begin a payment at a provider. The points are credited when the payment succeeds",
        takes::<ChargePoints>() => 201 one::<PaymentView>(),
        instead "The points are credited immediately. Only with the setting `PointsCharging` = `trusted`." one::<ChargeView>(),
        refuses ["charge_below_minimum", "balance_limit_exceeded", "payment_method_not_offered"];
    points get_points "Get the customer's balance", Body::None => 200 one::<PointsView>();
    points list_point_history "List the customer's ledger entries, newest first", Body::None => 200 page::<EntryView>();
    points grant_points "Give points to a customer, or take points back, with a ledger entry of type `GRANT`",
        takes::<GrantPoints>() => 200 one::<ChargeView>(),
        refuses ["customer_not_found", "insufficient_points", "balance_limit_exceeded"];

    customers get_profile "Get the customer's saved addresses and language", Body::None => 200 one::<ProfileView>();
    customers set_profile "Replace the customer's saved addresses (at most 5) and language. Placed orders keep their contact data",
        takes::<SetProfile>() => 200 one::<ProfileView>();

    coupons create_coupon "Create a coupon campaign", takes::<CreateCoupon>() => 201 one::<CouponView>();
    coupons update_coupon "Change a campaign: its quantity, name, issue period, validity, visibility or quota shards",
        takes::<UpdateCoupon>() => 200 one::<CouponView>(), refuses ["coupon_not_found"];
    coupons list_coupons "List the visible campaigns whose coupons can be issued now, earliest end first. The remaining quantity can \
        be a few seconds old",
        Body::None => 200 page::<CouponView>();
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
    coupons list_all_coupons "List coupon campaigns with issued, held, used and remaining quantities, newest first",
        Body::None => 200 page::<AdminCouponView>();
    coupons inspect_coupon "Get a campaign with issued, held, used and remaining quantities",
        Body::None => 200 one::<AdminCouponView>(), refuses ["coupon_not_found"];

    customers export_my_data "Export the caller's personal data: orders with contact data, coupons, points entries, saved addresses and \
        language, in this order. A page may be empty and still have a next page",
        Body::None => 200 page::<PersonalDataView>();
    customers list_customers "List the accounts of the user pool, in its own order; `email` and `phone` match exactly",
        Body::None => 200 page::<AccountView>(), query ["email", "phone"];
    customers inspect_customer "Get a customer's account, points, coupons and latest orders",
        Body::None => 200 one::<CustomerView>(), refuses ["customer_not_found"];
    customers erase_customer "Erase a customer's account, saved addresses, and the contact data of the customer's orders. Orders, \
        payments and points are kept",
        Body::None => 202 one::<ErasedView>(), refuses ["customer_not_found", "customer_has_open_orders"];

    payments pay_order "Pay an order", takes::<PayOrder>() => 201 one::<PaymentView>(),
        refuses [
            "order_not_found", "order_not_payable", "insufficient_points", "payment_in_progress",
            "payment_method_not_offered"
        ];
    payments get_payment "Get one of the customer's payments",
        Body::None => 200 one::<PaymentView>(), refuses ["payment_not_found"];
    payments open_checkout "The page at a payment's `checkout_url`. GET shows a button and changes nothing; POST opens a trade at the \
        provider and redirects the browser to it. With `returned` it redirects to the shop",
        Body::None => 200 ResponseBody::Text("text/html"),
        redirect "The provider's page, or with `returned` the shop page of the order or of the points.", query ["token", "returned"],
        refuses ["checkout_not_open", "order_not_payable", "payment_in_progress", "payment_method_not_offered"];
    payments receive_ecpay_callback "Receive ECPay's signed callback about a trade",
        Body::None => 200 ResponseBody::Text("text/plain");
    payments receive_newebpay_callback "Receive NewebPay's encrypted and signed callback about a trade",
        Body::None => 200 ResponseBody::Text("text/plain"), refuses ["callback_not_accepted"];
    payments return_from_line_pay "Show the page to which LINE Pay returns the customer; it reloads until the result is known",
        Body::None => 200 ResponseBody::Text("text/html"), query ["transactionId", "orderId"], refuses ["checkout_not_open"];
    payments refund_order "Refund an order: everything that is left, an amount, or the price of some pieces and the delivery fee",
        takes::<RefundOrder>() => 200 one::<OrderView>(),
        refuses ["order_not_found", "variant_not_found", "order_not_refundable", "refund_too_large"];
    payments record_refund "Record a refund that an admin has made outside the shop, because the provider's API cannot make it",
        takes::<RecordRefund>() => 200 one::<PaymentView>(),
        refuses ["payment_not_found", "refund_not_manual", "refund_amount_differs"];
    payments list_payment_tasks "List payment tasks with their instructions, latest first, completed ones included",
        Body::None => 200 page::<PaymentTaskView>(), query ["kind": super::words::TaskKind, "done": super::words::Truth];
    payments inspect_payment "Get any payment with its provider's reports, without card data",
        Body::None => 200 one::<AdminPaymentView>(), refuses ["payment_not_found"];
    payments finish_payment_task "Mark a payment task as done, with a note",
        takes::<FinishPaymentTask>() => 200 one::<PaymentTaskView>(),
        refuses ["payment_task_not_found", "payment_task_done"];

    batches list_batches "List batches, newest first",
        Body::None => 200 page::<BatchView>(), query ["status": super::words::BatchStatus];
    batches get_batch "Get a batch with the progress and the funnel of its orders",
        Body::None => 200 one::<BatchView>(), refuses ["batch_not_found"];
    batches list_batch_orders "List a batch's orders with contact, in no particular order",
        Body::None => 200 page_or_csv::<BatchOrderView>(), query ["status": super::words::OrderStatus],
        refuses ["batch_not_found"];
    batches confirm_batch "Confirm a batch and request payment of its orders",
        Body::Optional(schemas::<ConfirmBatch>) => 200 one::<BatchView>(),
        refuses ["batch_not_found", "batch_not_confirmable"];
    batches cancel_batch "Cancel a batch; its orders are canceled and refunded",
        takes::<CancelBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_cancelable"];
    batches schedule_batch "Change a batch's planned dates",
        takes::<ScheduleBatch>() => 200 one::<BatchView>(), refuses ["batch_not_found", "batch_not_schedulable"];
    batches forecast_sell_window "Forecast the effect on each offer if its sell window ended now. Writes nothing",
        Body::None => 200 one::<ForecastView>(), refuses ["sell_window_not_found"];
    batches get_offer_history "Get the reserved and paid quantity of an offer over time: per hour for the last two weeks, before that per day; oldest first",
        Body::None => 200 one::<OfferHistoryView>(), refuses ["sell_window_not_found"];
    production list_work_orders "List work orders, newest first",
        Body::None => 200 page::<WorkOrderView>(), query ["status": super::words::WorkOrderStatus];
    production get_work_order "Get a work order with the names of its product and sell window",
        Body::None => 200 one::<NamedWorkOrderView>(), refuses ["work_order_not_found"];
    production start_work_order "Start production with the paid quantity",
        takes::<StartWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_startable"];
    production update_work_step "Set the status of a production step",
        takes::<UpdateWorkStep>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_step_not_found", "work_order_not_in_progress"];
    production complete_work_order "Complete a work order; the shipping of its paid orders is requested",
        Body::None => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress", "work_order_not_finished"];
    production fail_work_order "Fail a work order; its orders are refunded",
        takes::<FailWorkOrder>() => 200 one::<WorkOrderView>(),
        refuses ["work_order_not_found", "work_order_not_in_progress"];

    shipping ship_order "Record the shipment of an order: a parcel, or a pick-up",
        takes::<ShipOrder>() => 200 one::<OrderView>(), refuses ["order_not_found", "order_not_shippable"];
    shipping ship_orders "Record the shipments of up to 100 orders. Each order succeeds or is refused on its own",
        takes::<ShipOrders>() => 200 one::<ShippedView>();
    shipping set_shipping_method "Add or replace a shipping method: its name, fee, fee waiver and surcharge. Placed orders keep their terms; a \
        disabled method cannot be chosen",
        takes::<SetShippingMethod>() => 200 one::<ShippingMethodView>(), refuses ["shipping_method_limit_reached"];
    shipping list_all_shipping_methods "List every shipping method, disabled ones included",
        Body::None => 200 page::<ShippingMethodView>();
    shipping list_shipping_methods "List the enabled shipping methods by their position. If the list is not empty, an order must choose one of \
        them",
        Body::None => 200 page::<ShippingMethodView>();

    notifications list_notifications "List notification jobs, latest first",
        Body::None => 200 page::<NotificationView>(), query ["status": super::words::NotificationStatus];
    notifications retry_notification "Retry a failed message",
        Body::None => 200 one::<NotificationView>(), refuses ["notification_not_found", "notification_not_failed"];

    rankings get_best_sellers "Get the best sellers of the last shop days", Body::None => 200 one::<BestSellersView>();
    rankings list_daily_sales "List daily sales, oldest day first",
        Body::None => 200 page::<DailySaleView>(), query ["from": super::words::Day, "to": super::words::Day];

    platform list_outbox "List events of the outbox, newest first",
        Body::None => 200 page::<OutboxItemView>(), query ["status": super::words::OutboxStatus];
    platform get_event "Get an event of the outbox with its payload and its last publication error",
        Body::None => 200 one::<OutboxEventView>(), refuses ["event_not_found"];
    platform replay_event "Replay an event",
        Body::None => 200 one::<OutboxItemView>(), refuses ["event_not_found"];
    platform replay_events "Replay all failed events, or the events sent within a period; some hundreds per request",
        takes::<ReplayEvents>() => 202 one::<ReplayedView>();
    platform list_activity "List the staff's commands, newest first; `from` and `to` are days in the shop's time zone, `subject` is an id",
        Body::None => 200 page::<ActivityView>(),
        query ["by", "subject", "from": super::words::Day, "to": super::words::Day];
    platform audit_ledgers "Recompute every sum and report differences; in a large shop, one part of the customers per request",
        Body::None => 200 one::<AuditView>(), query ["cursor"];
    platform get_openapi "Get this document", Body::None => 200 ResponseBody::Object;
    platform get_summary "Get the work that waits for an admin, and the orders, pieces, revenue and refunds of the last `days` shop \
        days: 1 to 90, default 30",
        Body::None => 200 one::<SummaryView>(), query ["days"];
};
