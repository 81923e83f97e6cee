//! End-to-end tests over HTTP with real tokens against the deployed local stack that `MILLRUN_STACK` describes (see
//! tools/local/describe.py). Without it, the scenarios are skipped.
//!
//! All scenarios share one running shop. Most use their own customers and products and run in parallel. Scenarios that
//! affect others (a sweep at a later time, a killed process, a planted difference) run alone, and the audit comes last. The
//! order is therefore that of the runner, and Rust's test harness is disabled.

#[cfg(test)]
mod access;
#[cfg(test)]
mod admins_day;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod aws;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod daily_sales;
#[cfg(test)]
mod data_leaks;
#[cfg(test)]
mod events;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod export;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod flash_sales;
#[cfg(test)]
mod http;
#[cfg(test)]
mod instant_order;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod load;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod pagination;
#[cfg(test)]
mod preorder;
#[cfg(test)]
mod product_images;
#[cfg(test)]
mod provider_pages;
#[cfg(test)]
mod provider_refunds;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refund;
#[cfg(test)]
mod request_bodies;
#[cfg(test)]
mod runner;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod users;
#[cfg(test)]
mod wait;

#[cfg(test)]
fn main() -> std::process::ExitCode {
    use runner::{Plan, scenarios};

    runner::run(&Plan {
        together: scenarios![
            access::every_route_admits_only_its_callers,
            access::resources_of_another_customer_are_not_found,
            access::an_idempotency_key_is_scoped_to_its_caller,
            access::only_the_exact_group_admin_grants_admin_rights,
            admins_day::a_campaign_is_ended,
            admins_day::a_customer_is_found_by_email_and_given_points,
            admins_day::an_order_is_found_by_phone_and_its_address_corrected,
            request_bodies::every_invalid_body_is_refused_without_an_internal_error,
            request_bodies::a_body_that_is_too_large_is_refused,
            request_bodies::a_body_is_parsed_as_json_for_any_content_type,
            request_bodies::an_idempotency_key_is_limited_and_identifies_one_request,
            contract::the_served_contract_equals_the_checked_in_contract,
            contract::requests_refused_by_the_gateway_never_reach_a_function,
            contract::cors_allows_a_configured_origin,
            contract::a_refusal_is_a_problem_document,
            daily_sales::the_nightly_run_records_daily_sales,
            events::the_same_event_twice_counts_once,
            export::a_paid_order_is_exported_once_although_its_event_was_duplicated,
            outbox::a_replayed_event_is_published_again_and_counts_nothing_twice,
            outbox::an_admin_pages_through_the_outbox,
            pagination::lists_are_paginated,
            pagination::an_admin_finds_an_order_by_number_id_and_status,
            pagination::bad_pages_and_forged_cursors_are_refused,
            providers::an_order_is_paid_at_each_provider,
            providers::ten_concurrent_results_pay_once,
            providers::results_in_any_order_pay_once,
            providers::every_result_format_of_newebpay_is_parsed,
            providers::a_late_or_slow_result_still_pays,
            providers::a_mismatching_result_is_parked_and_never_pays,
            providers::a_wrong_signature_changes_nothing,
            providers::a_declined_payment_keeps_the_order_payable,
            races::fifty_buyers_and_one_unit_make_one_order,
            races::two_hundred_customers_and_fifty_coupons_make_exactly_fifty,
            races::one_key_sent_fifty_times_concurrently_creates_one_order,
            tokens::a_modified_token_is_refused,
        ],
        alone: scenarios![
            instant_order::an_instant_order_goes_from_cart_to_paid,
            flash_sales::three_hundred_concurrent_requests_issue_exactly_one_hundred_coupons,
            flash_sales::three_hundred_tickets_issue_exactly_one_hundred_coupons,
            flash_sales::sixty_four_buyers_buy_every_unit_once_over_1_4_and_16_shards,
            flash_sales::an_asynchronous_order_is_reserved_or_fails_with_a_reason,
            refund::a_paid_order_canceled_by_an_admin_is_refunded,
            preorder::a_preorder_goes_from_a_sell_window_to_a_shipped_batch,
            preorder::a_window_below_its_threshold_is_missed_and_releases_everything,
            preorder::an_extended_window_accepts_orders_once_more,
            expiry::an_unpaid_order_expires_once_and_releases_everything,
            races::concurrent_pay_cancel_and_expire_have_one_winner,
            events::a_poison_message_does_not_block_the_rest_of_its_batch,
            providers::reconciliation_finds_a_payment_without_a_callback,
            providers::a_confirmation_without_a_response_is_looked_up,
            provider_refunds::late_money_for_a_canceled_order_pays_it_or_is_refunded,
            provider_refunds::two_partial_refunds_never_exceed_the_payment,
            provider_refunds::a_paid_order_that_is_canceled_is_refunded_in_full,
            notifications::a_shipment_is_notified_on_every_channel_and_completes_the_order,
            notifications::a_line_push_without_a_response_is_not_sent_twice,
            notifications::admins_are_notified_of_a_threshold_and_customers_of_payment_requests_and_reminders,
            product_images::an_image_is_uploaded_served_at_the_sites_address_and_deleted_after_its_removal,
            kills::killed_functions_lose_no_data,
            faults::no_data_is_lost_while_requests_to_aws_fail,
            admins_day::a_whole_batch_is_shipped_from_its_csv,
        ],
        last: scenarios![
            outbox::every_event_is_published_in_the_end,
            export::every_paid_order_is_exported_in_the_end,
            data_leaks::contact_data_tokens_and_secrets_are_not_stored_or_logged,
            audit::the_audit_finds_no_difference_but_a_planted_one,
        ],
        load: &scenarios![load::no_data_is_lost_and_memory_stays_bounded_under_load][0],
    })
}

#[cfg(not(test))]
fn main() {}
