//! Unit tests of the checkout pages. They are compiled here and not with the whole package, which would take ten times as
//! long.

#[path = "../src/payments/checkout/pages.rs"]
#[allow(dead_code, reason = "used by the package, but not by its tests")]
mod pages;
