//! Which test proves which use case against which fault: the one list behind `docs/fault-matrix.md`.

use functions::{ROUTES, Trigger, USE_CASES};

/// The cells of the rows in which each use case has a test of its own: the row, and the use cases. A test is made of each
/// (`tests/simulation/src/cells.rs`).
pub const TROUBLED: &[(&str, &[&str])] = &[
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
    (
        "ticked_twice",
        &[
            "expire_orders",
            "reconcile_payments",
            "close_sell_windows",
            "finalize_batches",
            "retry_notifications",
            "refresh_best_sellers",
            "record_daily_sales",
            "sweep_outbox",
        ],
    ),
];

/// Whatever changes something.
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
    "reserve_order",
    "expire_orders",
    "complete_order",
    "charge_points",
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
    "request_notifications",
    "send_notification",
    "retry_notifications",
    "count_sales",
    "refresh_best_sellers",
    "record_daily_sales",
    "relay_outbox",
    "sweep_outbox",
    "replay_event",
    "export_orders",
];

/// A fault, and what it takes to have survived it.
#[derive(Debug)]
pub struct Row {
    /// What goes wrong.
    pub fault: &'static str,
    /// What must hold all the same.
    pub invariants: &'static str,
    /// The rows of [`TROUBLED`] that are its own.
    pub troubles: &'static [&'static str],
    /// Tests of several use cases or of a whole flow: whom they are about, and their names.
    pub others: &'static [(&'static [&'static str], &'static [&'static str])],
    /// Which use cases must have a test.
    pub applies: fn() -> Vec<&'static str>,
}

impl Row {
    /// The tests of a use case in this row.
    pub fn tests_of(&self, use_case: &str) -> Vec<String> {
        let cells = TROUBLED.iter().filter(|(row, cells)| self.troubles.contains(row) && cells.contains(&use_case));
        let own = cells.map(|(row, _)| format!("{row}::{use_case}"));
        let others = self.others.iter().filter(|(about, _)| about.contains(&use_case));
        own.chain(others.flat_map(|(_, tests)| tests.iter().map(|test| (*test).to_owned()))).collect()
    }
}

fn named(wanted: impl Fn(&Trigger) -> bool) -> Vec<&'static str> {
    USE_CASES.iter().filter(|use_case| wanted(&use_case.trigger)).map(|use_case| use_case.name).collect()
}

/// Whatever changes something: all but the routes that only read.
fn writers() -> Vec<&'static str> {
    let reads = |name: &str| {
        let mut routes = ROUTES.iter().filter(|route| route.use_case == name).peekable();
        // Two routes are opened by a browser, and write all the same.
        routes.peek().is_some()
            && !matches!(name, "open_checkout" | "return_from_line_pay")
            && routes.all(|route| route.method == "GET")
    };
    USE_CASES.iter().map(|use_case| use_case.name).filter(|name| !reads(name)).collect()
}

fn posts() -> Vec<&'static str> {
    let has_key = |path: &str| !path.contains("/webhooks/");
    ROUTES.iter().filter(|route| route.method == "POST" && has_key(route.path)).map(|route| route.use_case).collect()
}

fn queues() -> Vec<&'static str> {
    named(|trigger| matches!(trigger, Trigger::Queue(_)))
}

fn schedules() -> Vec<&'static str> {
    named(|trigger| matches!(trigger, Trigger::Schedule(_)))
}

/// Every fault to survive.
pub const ROWS: &[Row] = &[
    Row {
        fault: "the same request twice, in turn and 50 at once; the same key with another body",
        invariants: "I2 I4 I5",
        troubles: &["repeated"],
        others: &[
            (
                &["place_order", "charge_points"],
                &[
                    "one_key_sent_fifty_times_at_once_makes_one_order_and_fifty_equal_answers",
                    "one_charge_sent_fifty_times_at_once_charges_once",
                    "a_key_with_another_body_is_refused_and_changes_nothing",
                ],
            ),
            (&["record_refund"], &["a_manual_refund_is_recorded_and_the_order_shows_it_once"]),
        ],
        applies: posts,
    },
    Row {
        fault: "committed, but the answer was lost; the SDK or the client tries again, also after ten minutes",
        invariants: "I1–I7 I15",
        troubles: &["answer_lost"],
        others: &[
            (
                &["place_order", "pay_order", "charge_points"],
                &[
                    "after_an_answer_that_was_lost_the_same_key_gets_it",
                    "a_lost_answer_that_the_sdk_asks_for_again_is_a_success_even_if_its_token_is_forgotten",
                ],
            ),
            (&["record_refund"], &["a_manual_refund_is_written_down_once_whatever_goes_wrong"]),
            (&["receive_payment_result"], &["an_external_result_survives_kills_and_many_deliveries_at_once"]),
        ],
        applies: writers,
    },
    Row {
        fault: "`TransactionConflict`, also beside a failed condition; `TransactionInProgress`; throttling",
        invariants: "I1 I5 I7 I15",
        troubles: &["contention"],
        others: &[
            (
                &["place_order", "expire_orders"],
                &[
                    "a_storm_of_conflicts_ends_in_busy_and_changes_nothing",
                    "a_storm_on_any_item_of_a_sharded_sale_is_never_called_sold_out",
                    "every_reason_that_passes_by_itself_is_tried_again",
                    "a_transaction_still_in_progress_is_awaited_and_counts_once",
                ],
            ),
            (&["record_refund"], &["a_manual_refund_is_written_down_once_whatever_goes_wrong"]),
            (&["receive_payment_result"], &["an_external_result_survives_kills_and_many_deliveries_at_once"]),
        ],
        applies: writers,
    },
    Row {
        fault: "killed or timed out at any await point",
        invariants: "I1–I8 I15",
        troubles: &["killed"],
        others: &[
            (
                &["place_order", "pay_order", "issue_coupon", "charge_points"],
                &["a_customers_story_goes_on_after_a_kill_at_any_request"],
            ),
            (&["record_refund"], &["a_manual_refund_is_written_down_once_whatever_goes_wrong"]),
            (&["receive_payment_result"], &["an_external_result_survives_kills_and_many_deliveries_at_once"]),
        ],
        applies: writers,
    },
    Row {
        fault: "crash after commit before publishing; after publishing before marking",
        invariants: "I8 I11",
        troubles: &[],
        others: &[
            (
                &["relay_outbox"],
                &[
                    "a_relay_that_is_killed_loses_no_event",
                    "a_relay_that_never_comes_back_is_replaced_by_the_sweep",
                    "a_mark_that_was_lost_publishes_again_under_the_same_id",
                ],
            ),
            (
                &["sweep_outbox"],
                &[
                    "a_sweep_that_is_killed_anywhere_loses_no_event",
                    "two_sweeps_and_a_relay_at_once_leave_nothing_behind",
                ],
            ),
        ],
        applies: || vec!["relay_outbox", "sweep_outbox"],
    },
    Row {
        fault: "`PutEvents` partly failed, wholly failed, more than 10 entries, an entry too large",
        invariants: "I8 I10",
        troubles: &[],
        others: &[(
            &["relay_outbox", "sweep_outbox"],
            &[
                "entries_that_the_bus_refuses_stay_and_the_others_leave",
                "a_bus_that_fails_whole_or_loses_its_answer_is_asked_again",
                "more_than_ten_events_go_in_several_requests",
                "after_five_tries_an_event_is_set_aside_and_an_admin_sends_it_again",
            ],
        )],
        applies: || vec!["relay_outbox", "sweep_outbox"],
    },
    Row {
        fault: "an event delivered twice, out of order, days late; a bad record in a batch",
        invariants: "I7–I10 I12 I13",
        troubles: &["doubled"],
        others: &[
            (&["count_sales"], &["a_poison_message_does_not_stop_its_neighbours"]),
            (
                &["receive_payment_result"],
                &[
                    "an_external_payment_system_takes_the_request_and_its_answer_counts_once",
                    "an_external_result_survives_kills_and_many_deliveries_at_once",
                ],
            ),
            (&["export_orders"], &["a_poison_message_does_not_stop_its_neighbours_on_their_way_to_the_files"]),
            (
                &["count_reservations"],
                &["a_poison_message_does_not_stop_the_counting_and_a_redrive_days_later_is_safe"],
            ),
            (
                &["count_reservations", "request_payments", "open_work_order", "schedule_shipping", "abandon_batch"],
                &["every_consumer_of_a_batch_catches_up_after_a_redrive_a_day_later"],
            ),
            (&["issue_requested_coupons"], &["a_request_that_cannot_be_read_fails_alone"]),
            (&["request_notifications", "send_notification"], &["a_request_that_cannot_be_read_keeps_nobody"]),
        ],
        applies: queues,
    },
    Row {
        fault: "a schedule fires twice, overlaps, skips ticks",
        invariants: "I3 I6 I11 I12",
        troubles: &["ticked_twice"],
        others: &[
            (
                &["expire_orders"],
                &["two_sweeps_at_once_give_a_hold_back_once", "a_sweep_that_was_away_for_weeks_still_finds_everything"],
            ),
            (&["sweep_outbox"], &["a_sweep_that_was_away_for_hours_catches_up"]),
            (&["record_daily_sales"], &["a_night_that_was_skipped_is_made_up_for"]),
        ],
        applies: schedules,
    },
    Row {
        fault: "pay, expire and cancel at the same moment, in every order of commits",
        invariants: "I1 I3 I4 I6",
        troubles: &[],
        others: &[
            (
                &["pay_order", "expire_orders", "cancel_order"],
                &["pay_cancel_and_expire_at_the_same_moment_have_one_winner_whatever_the_order_of_commits"],
            ),
            (
                &["pay_order", "expire_orders"],
                &["a_payment_in_the_same_moment_as_the_deadline_pays_or_expires_and_never_both"],
            ),
            (&["ship_order", "cancel_order"], &["of_shipping_and_canceling_at_once_one_wins"]),
        ],
        applies: || vec!["pay_order", "expire_orders", "cancel_order"],
    },
    Row {
        fault: "clocks five minutes apart",
        invariants: "I3 I11",
        troubles: &[],
        others: &[(
            &["place_order", "pay_order", "expire_orders"],
            &["clocks_five_minutes_apart_do_not_break_a_deadline"],
        )],
        applies: || vec!["place_order", "pay_order", "expire_orders"],
    },
    Row {
        fault: "an index that lags",
        invariants: "I3 I7",
        troubles: &["contention"],
        others: &[],
        applies: || vec!["expire_orders", "reconcile_payments", "retry_notifications"],
    },
    Row {
        fault: "the threshold crossed by two updates at once; killed between count and batch; cancel at the edge",
        invariants: "I7 I11",
        troubles: &[],
        others: &[(
            &["count_reservations"],
            &[
                "the_threshold_crossed_by_two_deliveries_at_once_makes_one_batch",
                "a_count_that_is_killed_or_meets_a_fault_is_made_once",
                "cancels_lower_what_is_reserved_until_the_threshold_is_reached_and_not_afterwards",
            ],
        )],
        applies: || vec!["count_reservations"],
    },
    Row {
        fault: "provider callbacks: wrong signature, replayed, wrong amount or merchant, success after failure, failure \
                after success, after expiry",
        invariants: "I3 I14",
        troubles: &[],
        others: &[
            (
                &["receive_ecpay_callback", "receive_newebpay_callback"],
                &[
                    "what_is_not_signed_changes_nothing_and_the_true_one_still_pays",
                    "what_does_not_fit_is_parked_once_and_pays_nothing",
                    "a_failure_or_a_number_may_be_followed_by_the_success",
                    "ten_callbacks_at_once_make_one_transition",
                    "late_money_goes_back_by_itself_when_the_goods_are_gone",
                ],
            ),
            (
                &["return_from_line_pay", "confirm_line_pay"],
                &["a_confirmation_whose_answer_got_lost_is_found_done", "money_for_a_canceled_order_is_late_money"],
            ),
        ],
        applies: || {
            vec!["receive_ecpay_callback", "receive_newebpay_callback", "return_from_line_pay", "confirm_line_pay"]
        },
    },
    Row {
        fault: "a notification provider times out after sending",
        invariants: "I13",
        troubles: &[],
        others: &[(
            &["send_notification", "retry_notifications"],
            &[
                "an_answer_of_line_that_comes_too_late_is_no_second_message",
                "killed_between_lines_yes_and_our_write_it_is_sent_once",
                "without_a_key_an_unknown_end_is_followed_by_one_more_try",
            ],
        )],
        applies: || vec!["send_notification", "retry_notifications"],
    },
];

/// The document: a table for each row.
pub fn document() -> String {
    let mut text = String::from(
        "# Which test proves which use case against which fault\n\nWritten by `BLESS=1 cargo test -p tests --test architecture \
         fault_matrix` from the list in `tests/src/fault_matrix.rs`. A\nname with `::` is a test of its own for that use \
         case in `tests/simulation`: a story is played with the fault at each kind of\nrequest that the use case sends, \
         one run each, and must end as without it. The others are scenarios.\n",
    );
    for row in ROWS {
        text.push_str(&format!("\n## {}\n\n{}\n\n| use case | tests |\n|---|---|\n", row.fault, row.invariants));
        for use_case in USE_CASES {
            let tests = row.tests_of(use_case.name);
            if (row.applies)().contains(&use_case.name) || (row.troubles.is_empty() && !tests.is_empty()) {
                let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
                text.push_str(&format!("| `{}` | {} |\n", use_case.name, tests.join(" · ")));
            }
        }
    }
    text
}
