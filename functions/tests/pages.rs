//! Unit tests of the checkout pages, of paging and of the audit's parts. They are compiled here and not with the whole
//! package, which would take ten times as long.

#[path = "../src/payments/checkout/pages.rs"]
#[allow(dead_code, reason = "used by the package, but not by its tests")]
mod pages;

#[path = "../src/paging.rs"]
#[allow(dead_code, reason = "used by the package, but not by its tests")]
mod paging;

#[path = "../src/platform/audit_ledgers/part.rs"]
#[allow(dead_code, unreachable_pub, reason = "used by the package, but not by its tests")]
mod part;
