//! Upgrades: this version goes on with what the ones before have left, and beside the next one (docs/upgrade.md).

use tests::Shop;
use tests::golden::{Golden, THIS, goes_on, releases, stage};

#[tokio::test(start_paused = true)]
async fn what_this_version_leaves_is_laid_out_as_its_golden_set_says() {
    fastrand::seed(1);
    let left = stage(Shop::open_in_virtual_time(1)).await;
    if std::env::var_os("BLESS").is_some() {
        left.write(THIS);
    }
    assert_eq!(
        left.layout(),
        Golden::read(THIS).layout(),
        "what is stored is laid out anew: docs/upgrade.md says what must hold then, and how the set of {THIS} is written"
    );
}

#[tokio::test(start_paused = true)]
async fn every_flow_goes_on_from_what_each_release_has_left() {
    for release in releases() {
        let shop = Shop::open();
        Golden::read(&release).continue_in(&shop);
        goes_on(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn both_versions_live_at_once_pass_every_flow_and_neither_drops_what_the_other_wrote() {
    // In turn, and in an order without a pattern.
    for turns in [0x5555_5555_5555_5555, 0x2d9b_e4c3_71a6_0f58] {
        let shop = Shop::open().rolling(turns);
        let left = stage(shop.clone()).await;
        assert_eq!(shop.wire.forgotten(), Vec::new());
        let shop = Shop::open().rolling(!turns);
        left.continue_in(&shop);
        goes_on(&shop).await;
        assert_eq!(shop.wire.forgotten(), Vec::new());
    }
}
