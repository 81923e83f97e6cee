//! Upgrades: this version works with the data of its predecessors, and together with the next version (docs/upgrade.md).

use tests::Shop;
use tests::upgrade_fixtures::{THIS, UpgradeFixture, complete_flows, create_fixture, releases};

#[tokio::test(start_paused = true)]
async fn this_version_stores_data_in_the_layout_of_its_upgrade_fixture() {
    fastrand::seed(1);
    let left = create_fixture(Shop::open_in_virtual_time(1)).await;
    if std::env::var_os("BLESS").is_some() {
        left.write(THIS);
    }
    assert_eq!(
        left.layout(),
        UpgradeFixture::read(THIS).layout(),
        "the stored layout changed: docs/upgrade.md has the rules, and how to write the fixture of {THIS}"
    );
}

#[tokio::test(start_paused = true)]
async fn every_flow_completes_from_the_data_of_each_release() {
    for release in releases() {
        let shop = Shop::open();
        UpgradeFixture::read(&release).continue_in(&shop);
        complete_flows(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_flow_completes_while_two_versions_run_and_neither_drops_fields_of_the_other() {
    // Alternating, and in an irregular order.
    for turns in [0x5555_5555_5555_5555, 0x2d9b_e4c3_71a6_0f58] {
        let shop = Shop::open().rolling(turns);
        let left = create_fixture(shop.clone()).await;
        assert_eq!(shop.aws.forgotten(), Vec::new());
        let shop = Shop::open().rolling(!turns);
        left.continue_in(&shop);
        complete_flows(&shop).await;
        assert_eq!(shop.aws.forgotten(), Vec::new());
    }
}
