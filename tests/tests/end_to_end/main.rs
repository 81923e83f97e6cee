//! End to end: over HTTP with real tokens against the deployed local stack that `MILLRUN_STACK` describes (see
//! tools/local/describe.py). Without it there is nothing to talk to, and the scenarios are left out.
//!
//! All scenarios share one shop that goes on running. Most keep to customers and products of their own and run side by side;
//! those that reach over to others (a sweep at a later time, a killed process, a planted difference) run alone; the books are
//! audited at the end. So the order is the runner's, and the test harness of Rust is off.

#[cfg(test)]
mod access;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod aws;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod daily_sales;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod events;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod export;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod goods;
#[cfg(test)]
mod http;
#[cfg(test)]
mod instant_order;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod load;
#[cfg(test)]
mod money_back;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod preorder;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refund;
#[cfg(test)]
mod runner;
#[cfg(test)]
mod rushes;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod told;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod wait;

#[cfg(test)]
fn main() -> std::process::ExitCode {
    use runner::{Plan, scenarios};

    runner::run(&Plan {
        together: scenarios![
            access::every_route_admits_whom_it_is_for_and_nobody_else,
            access::another_customers_things_are_not_found,
            access::a_key_belongs_to_its_caller,
            access::only_the_very_group_admin_is_an_admin,
            bodies::every_bad_body_is_refused_and_never_a_fault,
            bodies::a_body_that_is_too_large_is_refused,
            bodies::a_body_is_json_whatever_its_content_type_says,
            bodies::an_idempotency_key_is_short_and_means_one_request,
            contract::the_contract_is_served_as_it_is_checked_in,
            contract::what_the_gateway_refuses_never_reaches_a_function,
            contract::a_browser_of_an_allowed_origin_may_call,
            contract::a_refusal_is_a_problem_document,
            daily_sales::the_night_writes_down_what_was_sold,
            events::the_same_event_twice_counts_once,
            export::a_paid_order_is_in_the_files_once_although_its_event_came_twice,
            outbox::a_replayed_event_is_published_again_and_counts_nothing_twice,
            outbox::an_admin_pages_through_the_outbox,
            pages::lists_are_read_page_by_page,
            pages::an_admin_finds_an_order_by_number_id_and_status,
            pages::bad_pages_and_forged_cursors_are_refused,
            providers::an_order_is_paid_at_each_provider,
            providers::ten_results_at_once_pay_once,
            providers::results_in_any_order_pay_once,
            providers::a_result_is_read_in_every_shape_that_newebpay_sends,
            providers::a_result_that_is_late_or_slow_still_pays,
            providers::what_was_not_agreed_on_is_parked_and_never_paid,
            providers::a_wrong_signature_changes_nothing,
            providers::a_declined_payment_keeps_the_order_for_another_try,
            races::fifty_buyers_and_one_unit_make_one_order,
            races::two_hundred_customers_and_fifty_coupons_make_exactly_fifty,
            races::one_key_sent_fifty_times_at_once_makes_one_order,
            tokens::a_token_that_was_changed_is_refused,
        ],
        alone: scenarios![
            instant_order::an_instant_order_goes_from_cart_to_paid,
            rushes::three_hundred_at_once_for_a_hundred_coupons_make_exactly_a_hundred,
            rushes::three_hundred_tickets_for_a_hundred_coupons_make_exactly_a_hundred,
            rushes::sixty_four_buyers_of_one_variant_get_every_piece_once_over_1_4_and_16_shards,
            rushes::an_order_that_does_not_wait_is_reserved_or_fails_with_its_reason,
            refund::an_admin_cancels_a_paid_order_and_the_money_goes_back,
            preorder::a_preorder_goes_from_a_sell_window_to_a_shipped_batch,
            preorder::a_window_that_ends_below_the_threshold_is_missed_and_everyone_gets_everything_back,
            preorder::a_window_that_is_extended_takes_orders_again_once,
            expiry::an_unpaid_order_expires_once_and_gives_everything_back,
            races::of_pay_cancel_and_expire_at_once_one_wins,
            events::a_poison_message_does_not_stop_its_neighbours,
            providers::a_payment_that_nobody_told_of_is_found,
            providers::a_confirmation_without_an_answer_is_looked_up,
            money_back::money_for_a_canceled_order_takes_it_again_or_goes_back,
            money_back::a_part_goes_back_twice_and_never_more_than_was_paid,
            money_back::an_order_that_is_canceled_after_it_was_paid_gets_all_of_it_back,
            told::a_shipment_is_told_by_every_channel_and_completes_the_order,
            told::a_push_that_line_took_without_an_answer_is_not_sent_twice,
            told::admins_hear_of_a_threshold_and_customers_are_asked_and_reminded,
            kills::killed_functions_lose_nothing,
            faults::nothing_is_lost_while_requests_to_aws_fail,
        ],
        last: scenarios![
            outbox::in_the_end_every_event_is_sent,
            export::in_the_end_every_paid_order_is_in_the_files,
            leaks::contact_data_tokens_and_secrets_are_written_nowhere,
            audit::the_books_agree_and_a_planted_difference_is_found,
        ],
        load: &scenarios![load::nothing_is_lost_and_nothing_grows_under_load][0],
    })
}

#[cfg(not(test))]
fn main() {}
