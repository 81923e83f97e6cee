//! Payments.

use crate::db::{from_item, put, string};
use crate::{Store, Tx, time};
use contracts::Failure;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::payment::{Payment, PaymentMethod, PaymentStatus};
use domain::{Moment, Refusal};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct PaymentItem {
    pk: String,
    sk: String,
    payment_id: PaymentId,
    customer_id: CustomerId,
    order_id: OrderId,
    provider: PaymentMethod,
    status: PaymentStatus,
    amount_cents: Cents,
    currency: Currency,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

fn payment_pk(id: PaymentId) -> String {
    format!("PAYMENT#{id}")
}

pub(crate) fn read_payment(item: crate::db::Item) -> Result<Payment, Failure> {
    let item: PaymentItem = from_item(item)?;
    Ok(Payment {
        id: item.payment_id,
        customer: item.customer_id,
        order: item.order_id,
        method: item.provider,
        status: item.status,
        amount: item.amount_cents,
        currency: item.currency,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

impl Store {
    /// A payment.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn load_payment(&self, id: PaymentId) -> Result<Payment, Failure> {
        let item = self.get(&self.tables.payments, &payment_pk(id), "META", true).await?;
        read_payment(item.ok_or(Refusal::PaymentNotFound)?)
    }
}

impl Tx<'_> {
    /// A payment that was just named.
    pub fn insert_payment(&mut self, payment: &Payment) -> Result<(), Failure> {
        let put = self.payment(payment)?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.own();
        Ok(())
    }

    /// A payment that went on from `before`.
    pub fn save_payment(&mut self, payment: &Payment, before: PaymentStatus) -> Result<(), Failure> {
        let put = self
            .payment(payment)?
            .condition_expression("#status = :before")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":before", string(before.as_str()));
        self.put(put)?.or_stale();
        Ok(())
    }

    fn payment(&self, payment: &Payment) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, Failure> {
        let item = PaymentItem {
            pk: payment_pk(payment.id),
            sk: "META".to_owned(),
            payment_id: payment.id,
            customer_id: payment.customer.clone(),
            order_id: payment.order,
            provider: payment.method,
            status: payment.status,
            amount_cents: payment.amount,
            currency: payment.currency,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        };
        put(&self.tables().payments, &item)
    }
}
