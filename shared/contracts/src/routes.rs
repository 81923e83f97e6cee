//! A route of the HTTP API: use case, method, path and access. Each use case declares its own (`functions::ROUTES`).

/// The callers that a route admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; tokens are ignored.
    Public,
    /// Signed-in users.
    Customer,
    /// Members of the groups that [`crate::staff`] lists for the route.
    Admin,
}

/// One route of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The use case, for example `cancel_order`.
    pub use_case: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{parameters}` as API Gateway writes them.
    pub path: &'static str,
    /// The callers that it admits.
    pub access: Access,
    /// The maximum body size, in bytes.
    pub body_bytes_max: usize,
    /// The query parameters that it accepts.
    pub query: QueryParameters,
}

/// The query parameters that a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryParameters {
    /// These, each once and with a value. Any other is refused: a misspelt filter must not answer with everything.
    Known(&'static [&'static str]),
    /// Any: a provider or a page that leads a browser to the shop adds parameters of its own.
    Any,
}

/// The base of every path.
pub const BASE: &str = "/api/v1";

impl Route {
    /// The route of a request, with the values of its path parameters. A literal segment takes precedence over a
    /// parameter, as in API Gateway.
    pub fn find<'p>(
        routes: &'static [Self],
        method: &str,
        path: &'p str,
    ) -> Option<(&'static Self, Vec<(&'static str, &'p str)>)> {
        routes
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

    const fn get(use_case: &'static str, path: &'static str) -> Route {
        Route { use_case, method: "GET", path, access: Access::Public, body_bytes_max: 0, query: QueryParameters::Any }
    }

    #[test]
    fn a_literal_segment_takes_precedence_over_a_parameter() {
        static ROUTES: [Route; 2] = [
            get("get_product", "/api/v1/products/{product_id}"),
            get("get_best_sellers", "/api/v1/products/best-sellers"),
        ];
        let find = |method, path| Route::find(&ROUTES, method, path);
        assert_eq!(find("GET", "/api/v1/products/best-sellers").unwrap().0.use_case, "get_best_sellers");
        let (route, parameters) = find("GET", "/api/v1/products/p-1").unwrap();
        assert_eq!((route.use_case, parameters), ("get_product", vec![("product_id", "p-1")]));
        assert!(find("GET", "/api/v1/products/").is_none());
        assert!(find("DELETE", "/api/v1/products/p-1").is_none());
    }
}
