//! Payments and refunds.
//!
//! The use cases share three modules: [`checkout`] (the start of a payment and the pages of the customer's browser),
//! [`notices`] (results from providers, each applied once), [`refunds`] (refunds of all methods).

mod checkout;
pub mod confirm_line_pay;
pub mod get_payment;
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

pub(crate) use refunds::request_refund;
