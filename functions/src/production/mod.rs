//! Production: work orders of confirmed batches.

pub mod complete_work_order;
pub mod fail_work_order;
pub mod get_work_order;
pub mod list_work_orders;
pub mod open_work_order;
pub mod start_work_order;
pub mod update_work_step;

use domain::Refusal;
use domain::id::WorkOrderId;
use runtime::http::Request;

/// The work order that a request's path names.
fn named(request: &Request) -> Result<WorkOrderId, Refusal> {
    WorkOrderId::parse(request.path("work_order_id")).ok_or(Refusal::WorkOrderNotFound)
}
