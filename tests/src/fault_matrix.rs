//! Which test covers which use case under which fault: the source of `docs/fault-matrix.md`.

use contracts::routes::{Access, Route};
use functions::{ROUTES, Trigger, USE_CASES};

/// The cells that have a generated test (`tests/simulation/src/cells.rs`): row and use cases.
pub const CELLS: &[(&str, &[&str])] = &[
    ("answer_lost", CHANGING),
    ("contention", CHANGING),
    ("killed", CHANGING),
    (
        "repeated",
        &[
            "create_product",
            "add_variant",
            "adjust_stock",
            "create_sell_window",
            "place_order",
            "cancel_order",
            "charge_points",
            "create_coupon",
            "issue_coupon",
            "pay_order",
            "refund_order",
            "confirm_batch",
            "cancel_batch",
            "start_work_order",
            "complete_work_order",
            "fail_work_order",
            "ship_order",
            "ship_orders",
            "replay_event",
        ],
    ),
    (
        "doubled",
        &[
            "reserve_order",
            "complete_order",
            "issue_requested_coupons",
            "confirm_line_pay",
            "request_payments",
            "refund_payment",
            "count_reservations",
            "abandon_batch",
            "open_work_order",
            "schedule_shipping",
            "request_notifications",
            "send_notification",
            "count_sales",
            "export_orders",
        ],
    ),
    ("index_lags", &["expire_orders", "reconcile_payments", "retry_notifications"]),
    ("bus_away", &["relay_outbox", "sweep_outbox"]),
    (
        "ticked_twice",
        &[
            "expire_orders",
            "reconcile_payments",
            "close_sell_windows",
            "finalize_batches",
            "retry_notifications",
            "refresh_best_sellers",
            "refresh_low_stock",
            "record_daily_sales",
            "sweep_outbox",
        ],
    ),
];

/// Every use case that writes.
const CHANGING: &[&str] = &[
    "create_product",
    "update_product",
    "add_variant",
    "update_variant",
    "adjust_stock",
    "create_sell_window",
    "configure_offer",
    "place_order",
    "cancel_order",
    "change_contact",
    "reserve_order",
    "expire_orders",
    "complete_order",
    "charge_points",
    "set_profile",
    "create_coupon",
    "update_coupon",
    "issue_coupon",
    "issue_requested_coupons",
    "pay_order",
    "open_checkout",
    "receive_ecpay_callback",
    "receive_newebpay_callback",
    "return_from_line_pay",
    "confirm_line_pay",
    "refund_order",
    "reconcile_payments",
    "request_payments",
    "refund_payment",
    "count_reservations",
    "confirm_batch",
    "cancel_batch",
    "schedule_batch",
    "abandon_batch",
    "close_sell_windows",
    "finalize_batches",
    "open_work_order",
    "start_work_order",
    "update_work_step",
    "complete_work_order",
    "fail_work_order",
    "schedule_shipping",
    "ship_order",
    "ship_orders",
    "set_shipping_method",
    "request_notifications",
    "send_notification",
    "retry_notifications",
    "count_sales",
    "refresh_best_sellers",
    "refresh_low_stock",
    "record_daily_sales",
    "relay_outbox",
    "sweep_outbox",
    "replay_event",
    "export_orders",
];

/// Commands of an admin that one test sends under every fault.
const ADMIN_COMMANDS: &[&str] = &[
    "upload_image",
    "complete_image",
    "arrange_images",
    "update_sell_window",
    "end_sell_window",
    "grant_points",
    "finish_payment_task",
    "retry_notification",
    "replay_events",
    "erase_customer",
];

/// Faults after which an image file could be lost, or left over.
const IMAGES: (&[&str], &[&str]) =
    (&["delete_images"], &["files_that_nothing_lists_are_deleted_under_any_fault_and_no_other_ones"]);

/// A fault, with the invariants that must hold under it and its tests.
#[derive(Debug)]
pub struct Row {
    pub fault: &'static str,
    /// The invariants that must hold.
    pub invariants: &'static str,
    /// Its rows in [`CELLS`].
    pub cells: &'static [&'static str],
    /// Other tests: the use cases that they cover, and their names.
    pub others: &'static [(&'static [&'static str], &'static [&'static str])],
    /// The use cases that must have a test.
    pub applies: fn() -> Vec<&'static str>,
}

impl Row {
    pub fn tests_of(&self, use_case: &str) -> Vec<String> {
        let cells = CELLS.iter().filter(|(row, cells)| self.cells.contains(row) && cells.contains(&use_case));
        let own = cells.map(|(row, _)| format!("{row}::{use_case}"));
        let others = self.others.iter().filter(|(about, _)| about.contains(&use_case));
        own.chain(others.flat_map(|(_, tests)| tests.iter().map(|test| (*test).to_owned()))).collect()
    }
}

fn named(wanted: impl Fn(&Trigger) -> bool) -> Vec<&'static str> {
    USE_CASES.iter().filter(|use_case| wanted(&use_case.trigger)).map(|use_case| use_case.name).collect()
}

/// Every use case that writes: all except routes that only read.
fn writers() -> Vec<&'static str> {
    let reads = |name: &str| {
        let mut routes = ROUTES.iter().filter(|route| route.use_case == name).peekable();
        // One route is opened by a browser, and writes all the same.
        let is_read = |route: &Route| route.method == "GET" || route.use_case == "quote_order";
        routes.peek().is_some() && name != "return_from_line_pay" && routes.all(is_read)
    };
    USE_CASES.iter().map(|use_case| use_case.name).filter(|name| !reads(name)).collect()
}

fn posts() -> Vec<&'static str> {
    // A provider and a browser's button send no key; a quote writes nothing.
    let has_key =
        |route: &&Route| route.method == "POST" && route.access != Access::Public && route.use_case != "quote_order";
    ROUTES.iter().filter(has_key).map(|route| route.use_case).collect()
}

fn queues() -> Vec<&'static str> {
    named(|trigger| matches!(trigger, Trigger::Queue(_)))
}

fn schedules() -> Vec<&'static str> {
    named(|trigger| matches!(trigger, Trigger::Schedule(_)))
}

pub const ROWS: &[Row] = &[
    Row {
        fault: "the same request twice sequentially and 50 times concurrently; the same key with another body",
        invariants: "I2 I4 I5",
        cells: &["repeated"],
        others: &[
            (
                &["place_order", "charge_points"],
                &[
                    "one_key_sent_fifty_times_concurrently_creates_one_order_and_fifty_equal_responses",
                    "one_charge_sent_fifty_times_concurrently_charges_once",
                    "a_reused_key_with_another_body_is_refused_and_changes_nothing",
                ],
            ),
            (&["record_refund"], &["an_admin_records_a_manual_refund_and_the_order_shows_it_once"]),
            (ADMIN_COMMANDS, &["every_admin_command_takes_effect_once_under_any_fault"]),
        ],
        applies: posts,
    },
    Row {
        fault: "committed, but the response was lost; the SDK or the client retries, also after ten minutes",
        invariants: "I1–I7 I15",
        cells: &["answer_lost"],
        others: &[
            (
                &["place_order", "pay_order", "charge_points"],
                &[
                    "a_lost_response_is_returned_to_the_same_key",
                    "an_sdk_retry_after_a_lost_response_succeeds_even_without_its_request_token",
                ],
            ),
            (&["record_refund"], &["a_manual_refund_is_recorded_once_under_any_fault"]),
            IMAGES,
            (ADMIN_COMMANDS, &["every_admin_command_takes_effect_once_under_any_fault"]),
            (&["receive_payment_result"], &["an_external_payment_result_survives_kills_and_concurrent_deliveries"]),
        ],
        applies: writers,
    },
    Row {
        fault: "`TransactionConflict`, also together with a failed condition; `TransactionInProgress`; throttling",
        invariants: "I1 I5 I7 I15",
        cells: &["contention"],
        others: &[
            (
                &["place_order", "expire_orders"],
                &[
                    "persistent_conflicts_end_in_busy_and_change_nothing",
                    "persistent_conflicts_on_any_item_are_never_reported_as_sold_out",
                    "every_temporary_cancellation_reason_is_retried",
                    "a_transaction_still_in_progress_is_retried_and_counts_once",
                ],
            ),
            (&["record_refund"], &["a_manual_refund_is_recorded_once_under_any_fault"]),
            IMAGES,
            (ADMIN_COMMANDS, &["every_admin_command_takes_effect_once_under_any_fault"]),
            (&["receive_payment_result"], &["an_external_payment_result_survives_kills_and_concurrent_deliveries"]),
        ],
        applies: writers,
    },
    Row {
        fault: "killed or timed out at any await point",
        invariants: "I1–I8 I15",
        cells: &["killed"],
        others: &[
            (
                &["place_order", "pay_order", "issue_coupon", "charge_points"],
                &["a_customer_flow_completes_after_a_kill_at_any_request"],
            ),
            (&["record_refund"], &["a_manual_refund_is_recorded_once_under_any_fault"]),
            IMAGES,
            (ADMIN_COMMANDS, &["every_admin_command_takes_effect_once_under_any_fault"]),
            (&["receive_payment_result"], &["an_external_payment_result_survives_kills_and_concurrent_deliveries"]),
        ],
        applies: writers,
    },
    Row {
        fault: "crash after commit before publishing; after publishing before marking",
        invariants: "I8 I11",
        cells: &[],
        others: &[
            (
                &["relay_outbox"],
                &[
                    "a_relay_that_is_killed_loses_no_event",
                    "the_sweep_publishes_what_a_failed_relay_left",
                    "an_event_whose_sent_mark_was_lost_is_published_again_under_the_same_id",
                ],
            ),
            (
                &["sweep_outbox"],
                &[
                    "a_sweep_killed_at_any_request_loses_no_event",
                    "two_concurrent_sweeps_and_a_relay_publish_everything",
                ],
            ),
        ],
        applies: || vec!["relay_outbox", "sweep_outbox"],
    },
    Row {
        fault: "`PutEvents` partly failed, wholly failed, more than 10 entries, an entry too large",
        invariants: "I8 I10",
        cells: &[],
        others: &[(
            &["relay_outbox", "sweep_outbox"],
            &[
                "entries_that_the_bus_rejects_stay_in_the_outbox_and_the_others_are_published",
                "a_failed_or_unanswered_put_events_call_is_retried",
                "more_than_ten_events_are_published_in_several_requests",
                "after_five_refusals_an_event_is_marked_failed_and_an_admin_replays_it",
            ],
        )],
        applies: || vec!["relay_outbox", "sweep_outbox"],
    },
    Row {
        fault: "an event delivered twice, out of order, days late; a bad record in a batch",
        invariants: "I7–I10 I12 I13",
        cells: &["doubled"],
        others: &[
            (&["count_sales"], &["a_poison_message_does_not_block_the_rest_of_its_batch"]),
            (
                &["receive_payment_result"],
                &[
                    "an_external_payment_system_receives_the_request_and_its_result_counts_once",
                    "an_external_payment_result_survives_kills_and_concurrent_deliveries",
                ],
            ),
            (&["export_orders"], &["a_poison_message_does_not_block_the_export_of_its_batch"]),
            (&["count_reservations"], &["a_poison_message_does_not_block_counting_and_a_redrive_days_later_is_safe"]),
            (
                &["count_reservations", "request_payments", "open_work_order", "schedule_shipping", "abandon_batch"],
                &["every_consumer_of_a_batch_catches_up_after_a_redrive_one_day_later"],
            ),
            (&["issue_requested_coupons"], &["a_request_that_cannot_be_read_fails_alone"]),
            (
                &["request_notifications", "send_notification"],
                &["an_unreadable_notification_request_does_not_block_others"],
            ),
        ],
        applies: queues,
    },
    Row {
        fault: "a schedule fires twice, overlaps, or skips runs",
        invariants: "I3 I6 I11 I12",
        cells: &["ticked_twice"],
        others: &[
            (
                &["expire_orders"],
                &[
                    "two_concurrent_sweeps_release_a_hold_once",
                    "a_sweep_that_was_down_for_weeks_still_finds_everything",
                ],
            ),
            (&["sweep_outbox"], &["a_sweep_that_was_down_for_hours_catches_up"]),
            (&["record_daily_sales"], &["a_skipped_nightly_run_is_caught_up_by_the_next"]),
            IMAGES,
        ],
        applies: schedules,
    },
    Row {
        fault: "concurrent pay, expire and cancel, in every order of commits",
        invariants: "I1 I3 I4 I6",
        cells: &[],
        others: &[
            (
                &["pay_order", "expire_orders", "cancel_order"],
                &["concurrent_pay_cancel_and_expire_have_one_winner_in_any_commit_order"],
            ),
            (&["pay_order", "expire_orders"], &["a_payment_at_the_deadline_pays_or_expires_and_never_both"]),
            (&["ship_order", "cancel_order"], &["concurrent_shipping_and_cancellation_have_one_winner"]),
        ],
        applies: || vec!["pay_order", "expire_orders", "cancel_order"],
    },
    Row {
        fault: "clocks five minutes apart",
        invariants: "I3 I11",
        cells: &[],
        others: &[(
            &["place_order", "pay_order", "expire_orders"],
            &["clocks_five_minutes_apart_do_not_break_a_deadline"],
        )],
        applies: || vec!["place_order", "pay_order", "expire_orders"],
    },
    Row {
        fault: "an index that lags, by minutes, and lists a moved item twice",
        invariants: "I3 I7",
        cells: &["contention", "index_lags"],
        others: &[(&["expire_orders"], &["an_order_that_an_index_lists_again_after_its_end_releases_its_hold_once"])],
        applies: || vec!["expire_orders", "reconcile_payments", "retry_notifications"],
    },
    Row {
        fault: "the bus is away for an hour",
        invariants: "I8 I11 I17",
        cells: &["bus_away"],
        others: &[(
            &["sweep_outbox"],
            &[
                "an_outage_of_the_bus_costs_no_tries_and_ends_by_itself",
                "a_hundred_thousand_waiting_events_drain_in_runs_that_end_before_their_deadline",
            ],
        )],
        applies: || vec!["relay_outbox", "sweep_outbox"],
    },
    Row {
        fault: "a provider answers \"cannot tell\", or locks for hours; it declines and then takes the money on the same page",
        invariants: "I3 I16",
        cells: &[],
        others: &[
            (
                &["receive_ecpay_callback", "receive_newebpay_callback", "reconcile_payments"],
                &[
                    "a_result_that_is_not_known_yet_ends_nothing",
                    "a_decline_that_the_customer_follows_by_paying_is_found_when_that_callback_is_lost",
                ],
            ),
            (
                &["reconcile_payments"],
                &["a_result_that_stays_unknown_for_days_is_asked_about_and_then_shown_to_an_admin"],
            ),
            (&["refund_payment"], &["refunds_that_are_locked_out_go_on_when_the_lock_ends"]),
        ],
        applies: || vec!["receive_ecpay_callback", "receive_newebpay_callback", "reconcile_payments", "refund_payment"],
    },
    Row {
        fault: "one customer orders without end and never pays; robots open every link",
        invariants: "I1 I17",
        cells: &[],
        others: &[
            (
                &["place_order"],
                &[
                    "a_customer_with_the_maximum_of_unpaid_orders_pays_or_cancels_one_before_the_next",
                    "a_customer_has_the_maximum_of_unpaid_preorders_in_each_window",
                ],
            ),
            (
                &["open_checkout"],
                &[
                    "a_robot_that_fetches_the_link_changes_nothing",
                    "a_customer_reaches_the_providers_page_as_often_as_they_like_while_the_order_is_payable",
                ],
            ),
            (
                &["reconcile_payments"],
                &[
                    "abandoned_checkouts_of_one_customer_keep_no_other_customer_waiting",
                    "forms_that_one_customer_never_sends_keep_no_other_customer_waiting",
                ],
            ),
        ],
        applies: || vec!["place_order", "open_checkout", "reconcile_payments"],
    },
    Row {
        fault: "the threshold crossed by two concurrent updates; killed between count and batch; a cancellation at the threshold",
        invariants: "I7 I11",
        cells: &[],
        others: &[(
            &["count_reservations"],
            &[
                "two_concurrent_deliveries_that_cross_the_threshold_create_one_batch",
                "a_reservation_count_that_is_killed_or_meets_a_fault_is_applied_once",
                "cancellations_lower_the_reserved_quantity_only_until_the_threshold_is_reached",
            ],
        )],
        applies: || vec!["count_reservations"],
    },
    Row {
        fault: "provider callbacks: wrong signature, replayed, wrong amount or merchant, success after failure, failure \
                after success, after expiry",
        invariants: "I3 I14",
        cells: &[],
        others: &[
            (
                &["receive_ecpay_callback", "receive_newebpay_callback"],
                &[
                    "a_callback_with_a_wrong_signature_changes_nothing_and_the_genuine_one_still_pays",
                    "a_mismatching_callback_is_parked_once_and_pays_nothing",
                    "a_failure_or_an_issued_payment_number_can_be_followed_by_success",
                    "ten_callbacks_at_once_make_one_transition",
                    "late_money_is_refunded_automatically_when_stock_is_gone",
                ],
            ),
            (
                &["return_from_line_pay", "confirm_line_pay"],
                &[
                    "a_line_pay_confirmation_with_a_lost_response_is_looked_up",
                    "a_payment_for_a_canceled_order_is_late_money",
                ],
            ),
        ],
        applies: || {
            vec!["receive_ecpay_callback", "receive_newebpay_callback", "return_from_line_pay", "confirm_line_pay"]
        },
    },
    Row {
        fault: "a notification provider times out after sending",
        invariants: "I13",
        cells: &[],
        others: &[(
            &["send_notification", "retry_notifications"],
            &[
                "a_late_response_of_line_causes_no_second_message",
                "a_kill_between_the_response_of_line_and_our_write_sends_once",
                "an_unknown_result_without_an_idempotency_key_is_retried_once",
            ],
        )],
        applies: || vec!["send_notification", "retry_notifications"],
    },
];

/// The document, with a table for each row.
pub fn document() -> String {
    let mut text = String::from(
        "# Fault matrix: the tests of each use case under each fault\n\nGenerated by `BLESS=1 cargo test -p tests --test \
         architecture fault_matrix` from `tests/src/fault_matrix.rs`.\nA name with `::` is a cell of `tests/simulation`: a \
         script is played with the fault at each kind of request that the use\ncase sends, one run each, and must end as \
         without it. The others are scenarios. Random runs play all\nof these faults together, several at a time.\n",
    );
    for row in ROWS {
        text.push_str(&format!("\n## {}\n\n{}\n\n| use case | tests |\n|---|---|\n", row.fault, row.invariants));
        for use_case in USE_CASES {
            let tests = row.tests_of(use_case.name);
            if (row.applies)().contains(&use_case.name) || (row.cells.is_empty() && !tests.is_empty()) {
                let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
                text.push_str(&format!("| `{}` | {} |\n", use_case.name, tests.join(" · ")));
            }
        }
    }
    text
}
