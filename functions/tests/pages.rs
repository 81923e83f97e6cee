//! The pages of the checkout, by their unit tests. They are compiled here and not with the whole package, which takes ten times as
//! long.

#[path = "../src/payments/page.rs"]
#[allow(dead_code, reason = "the package uses what its tests do not")]
mod page;
