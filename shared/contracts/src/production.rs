//! Bodies of the production routes.

use domain::Invalid;
use domain::text::Reason;
use domain::work_order::{Operator, StepNotes, StepStatus, WorkOrder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /admin/work-orders/{work_order_id}/start`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartWorkOrder {
    /// The name of the person who works on it, 1 to 60 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub operator: String,
}

/// `PATCH /admin/work-orders/{work_order_id}/steps/{n}`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateWorkStep {
    /// `TODO`, `DOING` or `DONE`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::StepStatus))]
    pub status: String,
    /// At most 500 characters. If absent, the notes stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub notes: Option<String>,
}

/// `POST /admin/work-orders/{work_order_id}/fail`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailWorkOrder {
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

impl StartWorkOrder {
    /// # Errors
    /// [`Invalid`] for `operator` when it is not a line of text.
    pub fn parse(&self) -> Result<Operator, Invalid> {
        Operator::parse("operator", &self.operator)
    }
}

impl UpdateWorkStep {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<(StepStatus, Option<StepNotes>), Invalid> {
        let mut wrong = Invalid::default();
        let status = wrong.check(StepStatus::parse("status", &self.status));
        let notes = self.notes.as_deref().and_then(|text| wrong.check(StepNotes::parse("notes", text)));
        wrong.into_result(status.map(|status| (status, notes)))
    }
}

impl FailWorkOrder {
    /// # Errors
    /// [`Invalid`] for `reason` when it is not a line of text.
    pub fn parse(&self) -> Result<Reason, Invalid> {
        Reason::parse("reason", &self.reason)
    }
}

/// One step of a work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkStepView {
    /// The number, from 1.
    pub n: usize,
    /// The step's name.
    pub step_name: String,
    /// `TODO`, `DOING` or `DONE`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::StepStatus))]
    pub status: String,
    /// The notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// The production of one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkOrderView {
    /// The id.
    pub work_order_id: String,
    /// The batch.
    pub batch_id: String,
    /// The sell window.
    pub sell_window_id: String,
    /// The product.
    pub product_id: String,
    /// Pieces to produce: the reserved quantity; from the start on, the paid quantity.
    pub quantity: i64,
    /// `READY`, `IN_PROGRESS`, `DONE` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::WorkOrderStatus))]
    pub status: String,
    /// The person who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The steps, in order.
    pub steps: Vec<WorkStepView>,
    /// The time at which production started; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_at: Option<Timestamp>,
    /// The time at which production was completed or failed; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_at: Option<Timestamp>,
    /// The reason for the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// `GET /admin/work-orders/{work_order_id}`: a work order with the names of what it produces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedWorkOrderView {
    /// The work order.
    #[serde(flatten)]
    pub work_order: WorkOrderView,
    /// The product's name.
    pub product_name: String,
    /// The sell window's name.
    pub window_name: String,
}

impl From<&WorkOrder> for WorkOrderView {
    fn from(order: &WorkOrder) -> Self {
        let offer = order.id.offer();
        let steps = (1..).zip(&order.steps).map(|(n, step)| WorkStepView {
            n,
            step_name: step.step_name.to_string(),
            status: step.status.as_str().to_owned(),
            notes: step.notes.as_ref().map(|notes| notes.as_str().to_owned()),
        });
        Self {
            work_order_id: order.id.to_string(),
            batch_id: order.batch().to_string(),
            sell_window_id: offer.window.to_string(),
            product_id: offer.product.to_string(),
            quantity: order.quantity,
            status: order.status.as_str().to_owned(),
            operator: order.operator.as_ref().map(ToString::to_string),
            steps: steps.collect(),
            start_at: order.start_at,
            end_at: order.end_at,
            reason: order.reason.clone(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
