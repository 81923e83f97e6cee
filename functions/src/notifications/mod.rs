//! Notifications: from an event to a message that a channel accepted.

mod deliver;
pub mod list_notifications;
mod message;
pub mod request_notifications;
pub mod retry_notification;
pub mod retry_notifications;
pub mod send_notification;
