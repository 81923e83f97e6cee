//! The customers' stored credit.

pub mod charge_points;
pub mod get_points;
pub mod list_point_history;
