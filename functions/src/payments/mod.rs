//! Money: paying an order or points, and giving it back.
//!
//! The use cases share three modules: [`checkout`] starts a payment attempt and renders its pages, [`notices`] applies what
//! a provider reports about a trade, once, and [`refunds`] pays money back.

mod checkout;
pub mod confirm_line_pay;
pub mod finish_payment_task;
pub mod get_payment;
pub mod inspect_payment;
pub mod list_payment_tasks;
mod notices;
pub mod open_checkout;
pub mod pay_order;
pub mod receive_ecpay_callback;
pub mod receive_newebpay_callback;
pub mod receive_payment_result;
pub mod reconcile_payments;
pub mod record_refund;
pub mod refund_order;
pub mod refund_payment;
mod refunds;
pub mod request_payments;
pub mod return_from_line_pay;
pub(crate) mod top_up;

pub(crate) use refunds::request_refund;
