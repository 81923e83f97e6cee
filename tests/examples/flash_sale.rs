//! A flash sale with a million requests in virtual time: 10,000 coupons, 200,000 customers with five requests each. Prints
//! the result and fails if a limit is exceeded. Run with `make rush`; `SEED=2` changes the seed, `SCALE=100` plays a
//! hundredth.

use std::process::ExitCode;
use std::time::Duration;
use tests::flash_sale::{FlashSale, run};
use tests::partitions::WRITE_UNITS_PER_SECOND;

/// The limit of write units for the whole sale.
const WRITE_UNITS_MAX: u64 = 50_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
#[expect(clippy::print_stdout, reason = "a figure is printed for who asked for it")]
async fn main() -> ExitCode {
    let scale = variable("SCALE").unwrap_or(1).max(1);
    let sale = FlashSale {
        coupons: i64::try_from(10_000 / scale).unwrap_or_default(),
        shards: 16,
        customers: usize::try_from(200_000 / scale).unwrap_or_default(),
        requests_each: 5,
        // A smaller sale is shorter, at the same rate.
        within: Duration::from_millis(60_000 / scale),
        doors: 200,
        seed: variable("SEED").unwrap_or(1),
    };
    let report = run(sale).await;
    println!("{}", report.to_text());
    let is_exact = i64::try_from(report.holders.len()) == Ok(sale.coupons) && report.left == 0;
    let is_announced = report.announced == report.holders.len();
    let is_cheap = report.write_units <= WRITE_UNITS_MAX / scale && report.load.hottest.0 <= WRITE_UNITS_PER_SECOND;
    if is_exact && is_announced && is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
