//! The customers' points.

pub mod charge_points;
pub mod get_points;
pub mod grant_points;
pub mod list_point_history;
