//! Events of work orders.

use super::{Aggregate, Event};
use domain::id::{BatchId, ProductId, SellWindowId, WorkOrderId};
use serde::{Deserialize, Serialize};

macro_rules! production_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The work order.
            pub work_order_id: WorkOrderId,
            /// The batch.
            pub batch_id: BatchId,
            /// The sell window.
            pub sell_window_id: SellWindowId,
            /// The product.
            pub product_id: ProductId,
            /// The quantity, in pieces.
            pub quantity: i64,
            /// The work order's version after the event.
            pub version: u64,
        }

        impl $name {
            /// The work order of this batch, with this quantity and version.
            pub const fn new(batch_id: BatchId, quantity: i64, version: u64) -> Self {
                let offer = batch_id.offer();
                Self {
                    work_order_id: WorkOrderId::of(offer),
                    batch_id,
                    sell_window_id: offer.window,
                    product_id: offer.product,
                    quantity,
                    version,
                }
            }
        }

        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "production";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("work_order", self.work_order_id, self.version)
            }
        }
    )*};
}

production_event! {
    /// `production.started.v1`: production has started.
    ProductionStartedV1 = "production.started.v1";
    /// `production.completed.v1`: the batch is produced.
    ProductionCompletedV1 = "production.completed.v1";
    /// `production.failed.v1`: the batch will not be produced.
    ProductionFailedV1 = "production.failed.v1";
}
