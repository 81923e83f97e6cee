//! The only table of the admin routes that each group of the user pool may call.
//!
//! `Request::admit` enforces it, the OpenAPI document shows it (`x-roles`), and the access tests compare every route
//! and group with it.

use crate::routes::{Access, Route};

/// A group of the user pool whose members run the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// May call every route.
    Admin,
    /// Produces and ships.
    Fulfilment,
    /// Answers customers.
    Support,
    /// Reads everything and changes nothing.
    Viewer,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Fulfilment, Self::Support, Self::Viewer];

    /// The group's name in the user pool, which must be an exact element of a token's `cognito:groups`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Fulfilment => "fulfilment",
            Self::Support => "support",
            Self::Viewer => "viewer",
        }
    }

    /// Whether its members may call this route of the admins.
    pub fn may_call(self, route: &Route) -> bool {
        let Some(path) = route.path.strip_prefix(ADMIN).filter(|_| route.access == Access::Admin) else { return false };
        let allowed = TABLE.iter().filter(|(group, _)| *group == self);
        allowed.flat_map(|(_, allowed)| *allowed).any(|allowed| allowed.holds(route.method, path))
    }

    /// The groups that may call this route; none for a route that is not the admins'.
    pub fn of(route: &Route) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|group| group.may_call(route))
    }
}

/// The routes that a group may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// Every route.
    Everything,
    /// Every GET.
    EveryRead,
    /// The GETs of this resource and of what is below it.
    Read(&'static str),
    /// This route.
    Command(&'static str, &'static str),
}

use Allowed::{Command, EveryRead, Everything, Read};

/// The base of every path below.
const ADMIN: &str = "/api/v1/admin/";

/// The table. A new read below a resource, and a new route for `admin`, need no line.
const TABLE: &[(Group, &[Allowed])] = &[
    (Group::Admin, &[Everything]),
    (
        Group::Fulfilment,
        &[
            Read("summary"),
            Read("orders"),
            Read("batches"),
            Read("work-orders"),
            Read("shipments"),
            Command("POST", "shipments"),
            Command("POST", "orders/{order_id}/ship"),
            Command("POST", "work-orders/{work_order_id}/start"),
            Command("PATCH", "work-orders/{work_order_id}/steps/{n}"),
            Command("POST", "work-orders/{work_order_id}/complete"),
            Command("POST", "work-orders/{work_order_id}/fail"),
        ],
    ),
    (
        Group::Support,
        &[
            Read("summary"),
            Read("orders"),
            Read("customers"),
            Read("payments"),
            Read("payment-tasks"),
            Read("notifications"),
            Command("POST", "orders/{order_id}/cancel"),
            Command("PATCH", "orders/{order_id}/contact"),
            Command("POST", "notifications/{job_id}/retry"),
        ],
    ),
    (Group::Viewer, &[EveryRead]),
];

impl Allowed {
    /// Whether it is about this route; `path` is the part below [`ADMIN`].
    fn holds(self, method: &str, path: &str) -> bool {
        match self {
            Everything => true,
            EveryRead => method == "GET",
            Read(resource) => method == "GET" && path.split('/').next() == Some(resource),
            Command(of, command) => method == of && path == command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::QueryParameters;

    fn route(method: &'static str, path: &'static str) -> Route {
        let access = if path.starts_with(ADMIN) { Access::Admin } else { Access::Customer };
        Route { use_case: "", method, path, access, body_bytes_max: 0, query: QueryParameters::Any }
    }

    fn groups(method: &'static str, path: &'static str) -> Vec<&'static str> {
        Group::of(&route(method, path)).map(Group::name).collect()
    }

    #[test]
    fn a_group_reads_its_resources_and_gives_its_commands_only() {
        let all = ["admin", "fulfilment", "support", "viewer"];
        assert_eq!(groups("GET", "/api/v1/admin/orders/{order_id}"), all);
        assert_eq!(groups("GET", "/api/v1/admin/orders-of-others"), ["admin", "viewer"]);
        assert_eq!(groups("GET", "/api/v1/admin/batches/{batch_id}/orders"), ["admin", "fulfilment", "viewer"]);
        assert_eq!(groups("GET", "/api/v1/admin/payments/{payment_id}"), ["admin", "support", "viewer"]);
        assert_eq!(groups("POST", "/api/v1/admin/orders/{order_id}/ship"), ["admin", "fulfilment"]);
        assert_eq!(groups("POST", "/api/v1/admin/orders/{order_id}/cancel"), ["admin", "support"]);
        assert_eq!(groups("POST", "/api/v1/admin/orders/{order_id}/refund"), ["admin"]);
        assert_eq!(groups("PATCH", "/api/v1/admin/orders/{order_id}/ship"), ["admin"]);
    }

    #[test]
    fn no_group_may_call_a_route_by_being_a_group_that_is_not_the_admins() {
        assert!(groups("GET", "/api/v1/orders").is_empty());
    }
}
