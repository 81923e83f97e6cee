//! The HTTP API as a table: which use case answers where, for whom. The template and the OpenAPI document are held to it
//! by tests.

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: no token is looked at.
    Public,
    /// Whoever is signed in.
    Customer,
    /// Who is in the group `admin`.
    Admin,
}

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The use case that answers.
    pub use_case: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{parameters}` as API Gateway writes them.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// The base of every path.
pub const BASE: &str = "/api/v1";

const fn route(use_case: &'static str, method: &'static str, path: &'static str, access: Access) -> Route {
    Route { use_case, method, path, access }
}

/// Every route, in the order of `functions/`.
pub const ROUTES: &[Route] = &[
    route("create_product", "POST", "/api/v1/admin/products", Access::Admin),
    route("update_product", "PATCH", "/api/v1/admin/products/{product_id}", Access::Admin),
    route("add_variant", "POST", "/api/v1/admin/products/{product_id}/variants", Access::Admin),
    route("update_variant", "PATCH", "/api/v1/admin/variants/{variant_id}", Access::Admin),
    route("adjust_stock", "POST", "/api/v1/admin/variants/{variant_id}/stock", Access::Admin),
    route("create_sell_window", "POST", "/api/v1/admin/sell-windows", Access::Admin),
    route("configure_offer", "PUT", "/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}", Access::Admin),
    route("list_products", "GET", "/api/v1/products", Access::Public),
    route("get_product", "GET", "/api/v1/products/{product_id}", Access::Public),
    route("list_sell_windows", "GET", "/api/v1/sell-windows", Access::Public),
    route("get_sell_window", "GET", "/api/v1/sell-windows/{sell_window_id}", Access::Public),
    route("place_order", "POST", "/api/v1/orders", Access::Customer),
    route("get_order", "GET", "/api/v1/orders/{order_id}", Access::Customer),
    route("get_order", "GET", "/api/v1/admin/orders/{order_id}", Access::Admin),
    route("list_orders", "GET", "/api/v1/orders", Access::Customer),
    route("cancel_order", "POST", "/api/v1/orders/{order_id}/cancel", Access::Customer),
    route("cancel_order", "POST", "/api/v1/admin/orders/{order_id}/cancel", Access::Admin),
    route("search_orders", "GET", "/api/v1/admin/orders", Access::Admin),
    route("charge_points", "POST", "/api/v1/points/charge", Access::Customer),
    route("get_points", "GET", "/api/v1/points", Access::Customer),
    route("list_point_history", "GET", "/api/v1/points/history", Access::Customer),
    route("create_coupon", "POST", "/api/v1/admin/coupons", Access::Admin),
    route("update_coupon", "PATCH", "/api/v1/admin/coupons/{coupon_id}", Access::Admin),
    route("get_coupon", "GET", "/api/v1/coupons/{coupon_id}", Access::Customer),
    route("issue_coupon", "POST", "/api/v1/coupons/{coupon_id}/issue", Access::Customer),
    route("get_coupon_request", "GET", "/api/v1/coupons/{coupon_id}/requests/{ticket_id}", Access::Customer),
    route("list_my_coupons", "GET", "/api/v1/me/coupons", Access::Customer),
    route("pay_order", "POST", "/api/v1/payments", Access::Customer),
    route("get_payment", "GET", "/api/v1/payments/{payment_id}", Access::Customer),
    route("open_checkout", "GET", "/api/v1/payments/{payment_id}/checkout", Access::Public),
    route("receive_ecpay_callback", "POST", "/api/v1/webhooks/ecpay", Access::Public),
    route("receive_newebpay_callback", "POST", "/api/v1/webhooks/newebpay", Access::Public),
    route("return_from_line_pay", "GET", "/api/v1/webhooks/line-pay/confirm", Access::Public),
    route("refund_order", "POST", "/api/v1/admin/orders/{order_id}/refund", Access::Admin),
    route("record_refund", "POST", "/api/v1/admin/payments/{payment_id}/manual-refund", Access::Admin),
    route("list_payment_tasks", "GET", "/api/v1/admin/payment-tasks", Access::Admin),
    route("list_batches", "GET", "/api/v1/admin/batches", Access::Admin),
    route("get_batch", "GET", "/api/v1/admin/batches/{batch_id}", Access::Admin),
    route("confirm_batch", "POST", "/api/v1/admin/batches/{batch_id}/confirm", Access::Admin),
    route("cancel_batch", "POST", "/api/v1/admin/batches/{batch_id}/cancel", Access::Admin),
    route("schedule_batch", "PUT", "/api/v1/admin/batches/{batch_id}/schedule", Access::Admin),
    route("list_work_orders", "GET", "/api/v1/admin/work-orders", Access::Admin),
    route("start_work_order", "POST", "/api/v1/admin/work-orders/{work_order_id}/start", Access::Admin),
    route("update_work_step", "PATCH", "/api/v1/admin/work-orders/{work_order_id}/steps/{n}", Access::Admin),
    route("complete_work_order", "POST", "/api/v1/admin/work-orders/{work_order_id}/complete", Access::Admin),
    route("fail_work_order", "POST", "/api/v1/admin/work-orders/{work_order_id}/fail", Access::Admin),
    route("ship_order", "POST", "/api/v1/admin/orders/{order_id}/ship", Access::Admin),
    route("list_notifications", "GET", "/api/v1/admin/notifications", Access::Admin),
    route("get_best_sellers", "GET", "/api/v1/products/best-sellers", Access::Public),
    route("list_daily_sales", "GET", "/api/v1/admin/daily-sales", Access::Admin),
    route("list_outbox", "GET", "/api/v1/admin/outbox", Access::Admin),
    route("replay_event", "POST", "/api/v1/admin/outbox/{event_id}/replay", Access::Admin),
    route("audit_ledgers", "GET", "/api/v1/admin/audit", Access::Admin),
    route("get_openapi", "GET", "/api/v1/openapi.json", Access::Public),
];

impl Route {
    /// The largest body that the route takes, in bytes: what its fields can fill, with room for escapes.
    pub const fn body_bytes_max(&self) -> usize {
        const KIB: usize = 1024;
        match self.use_case.as_bytes() {
            b"place_order" | b"receive_ecpay_callback" | b"receive_newebpay_callback" => 64 * KIB,
            b"create_product" | b"update_product" => 32 * KIB,
            _ => 8 * KIB,
        }
    }

    /// The route that a request takes, with the values of its path's parameters. What is written out goes before a
    /// parameter, as in API Gateway.
    pub fn find<'p>(method: &str, path: &'p str) -> Option<(&'static Self, Vec<(&'static str, &'p str)>)> {
        ROUTES
            .iter()
            .filter(|route| route.method == method)
            .filter_map(|route| Some((route, route.match_path(path)?)))
            .min_by_key(|(_, parameters)| parameters.len())
    }

    fn match_path<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        let mut parameters = Vec::new();
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(parameters),
                (Some(part), Some(value)) => match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                    Some(name) if !value.is_empty() => parameters.push((name, value)),
                    None if part == value => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_goes_before_a_parameter() {
        assert_eq!(Route::find("GET", "/api/v1/products/best-sellers").unwrap().0.use_case, "get_best_sellers");
        let (route, parameters) = Route::find("GET", "/api/v1/products/p-1").unwrap();
        assert_eq!((route.use_case, parameters), ("get_product", vec![("product_id", "p-1")]));
        assert!(Route::find("GET", "/api/v1/products/").is_none());
        assert!(Route::find("DELETE", "/api/v1/products").is_none());
    }

    #[test]
    fn admin_routes_are_exactly_those_under_admin() {
        for route in ROUTES {
            assert_eq!(route.access == Access::Admin, route.path.starts_with("/api/v1/admin/"), "{}", route.path);
            assert!(route.path.starts_with(BASE));
        }
    }
}
