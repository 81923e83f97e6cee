//! A small flash sale of coupons in virtual time. `make rush` plays it in full size.

use std::time::Duration;
use tests::flash_sale::{FlashSale, Report, run};
use tests::partitions::WRITE_UNITS_PER_SECOND;

/// A two-hundredth of the full size: requests and coupons.
fn small(seed: u64) -> FlashSale {
    FlashSale {
        coupons: 50,
        shards: 4,
        customers: 1_000,
        requests_each: 5,
        within: Duration::from_secs(5),
        doors: 10,
        seed,
    }
}

fn check(sale: &FlashSale, report: &Report) {
    let coupons = usize::try_from(sale.coupons).unwrap();
    assert_eq!((report.holders.len(), report.left, report.announced), (coupons, 0, coupons), "{}", report.to_text());
    let answered: usize = report.answers.values().sum();
    assert_eq!(answered, sale.customers * sale.requests_each);
    let known = ["202", "coupon_sold_out", "busy"];
    assert!(report.answers.keys().all(|word| known.contains(&word.as_str())), "{:?}", report.answers);
    assert!(report.write_units <= 5 * report.holders.len() as u64, "{}", report.to_text());
    assert!(report.load.hottest.0 <= WRITE_UNITS_PER_SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_flash_sale_issues_exactly_the_quantity_within_its_budget() {
    let sale = small(1);
    let report = run(sale).await;
    check(&sale, &report);
    assert!(report.answers["coupon_sold_out"] > 1_000, "{}", report.to_text());
}

#[test]
fn one_seed_reproduces_a_flash_sale_exactly() {
    let replay = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(FlashSale { customers: 300, coupons: 40, ..small(7) }))
    };
    assert_eq!(replay(), replay());
}
