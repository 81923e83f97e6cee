//! Telling people: from an event to a message that a channel took.

mod deliver;
pub mod list_notifications;
mod message;
pub mod request_notifications;
pub mod retry_notifications;
pub mod send_notification;
