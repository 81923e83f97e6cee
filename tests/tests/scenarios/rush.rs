//! A rush for coupons in virtual time, in small. In full it is `make rush`.

use std::time::Duration;
use tests::partitions::WRITE_UNITS_PER_SECOND;
use tests::rush::{Report, Rush, run};

/// A two-hundredth of a million requests, in a two-hundredth of the coupons.
fn small(seed: u64) -> Rush {
    Rush { coupons: 50, shards: 4, customers: 1_000, requests_each: 5, within: Duration::from_secs(5), doors: 10, seed }
}

fn check(rush: &Rush, report: &Report) {
    let coupons = usize::try_from(rush.coupons).unwrap();
    assert_eq!((report.holders.len(), report.left, report.announced), (coupons, 0, coupons), "{}", report.to_text());
    let answered: usize = report.answers.values().sum();
    assert_eq!(answered, rush.customers * rush.requests_each);
    let known = ["202", "coupon_sold_out", "busy"];
    assert!(report.answers.keys().all(|word| known.contains(&word.as_str())), "{:?}", report.answers);
    assert!(report.write_units <= 5 * report.holders.len() as u64, "{}", report.to_text());
    assert!(report.load.hottest.0 <= WRITE_UNITS_PER_SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_rush_issues_exactly_the_quantity_within_its_budget() {
    let rush = small(1);
    let report = run(rush).await;
    check(&rush, &report);
    assert!(report.answers["coupon_sold_out"] > 1_000, "{}", report.to_text());
}

#[test]
fn one_seed_replays_a_rush_exactly() {
    let replay = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(Rush { customers: 300, coupons: 40, ..small(7) }))
    };
    assert_eq!(replay(), replay());
}
