//! The two pages that a customer's browser sees of the shop itself: the one that leads to a provider and the one that it
//! comes back to. Every value is escaped, nothing is loaded from anywhere, and both can be read without script.

use askama::Template;
use contracts::Failure;
use domain::payment::PaymentStatus;
use runtime::http::Response;

/// Seconds after which the page of a payment that is under way asks again.
const AGAIN_AFTER_SECONDS: &str = "3";

#[derive(Template)]
#[template(path = "checkout.html")]
struct Checkout<'p> {
    action: &'p str,
    fields: &'p [(String, String)],
    nonce: &'p str,
}

#[derive(Template)]
#[template(path = "returned.html")]
struct Returned<'p> {
    status: &'p str,
    english: &'p str,
    chinese: &'p str,
    shop_url: &'p str,
}

/// The page whose form the browser sends to `action`, by itself or by a press on its button.
pub(super) fn checkout(action: &str, fields: &[(String, String)], nonce: &str) -> Result<Response, Failure> {
    let page = Checkout { action, fields, nonce }.render().map_err(Failure::broken)?;
    let policy = format!("script-src 'nonce-{nonce}'; form-action {}", origin(action));
    Ok(html(page, &policy))
}

/// The redirect to a provider's page.
pub(super) fn redirect(url: &str) -> Response {
    html(String::new(), "form-action 'none'").with_status(302).with("location", url)
}

/// The page that says where a payment is; it asks again while that is not known.
pub(super) fn returned(status: PaymentStatus, shop_url: &str) -> Result<Response, Failure> {
    let (english, chinese) = match status {
        PaymentStatus::Init => ("Your payment is being confirmed.", "正在確認您的付款。"),
        PaymentStatus::Succeeded => ("Your payment has arrived. Thank you.", "已收到您的付款，謝謝。"),
        PaymentStatus::Failed | PaymentStatus::Expired => ("Your payment did not go through.", "付款未完成。"),
        PaymentStatus::RefundRequested | PaymentStatus::Refunded => {
            ("Your payment is on its way back to you.", "您的付款將退回。")
        }
    };
    let page = Returned { status: status.as_str(), english, chinese, shop_url };
    let page = html(page.render().map_err(Failure::broken)?, "form-action 'none'");
    Ok(if status == PaymentStatus::Init { page.with("refresh", AGAIN_AFTER_SECONDS) } else { page })
}

fn html(page: String, policy: &str) -> Response {
    let policy = format!("default-src 'none'; {policy}; base-uri 'none'; frame-ancestors 'none'");
    Response::new(200, "text/html; charset=utf-8", page)
        .with("content-security-policy", &policy)
        .with("x-content-type-options", "nosniff")
        // The address of a checkout opens it: it is nobody else's to know.
        .with("referrer-policy", "no-referrer")
}

/// `https://` and the host of an address.
fn origin(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_form_is_escaped() {
        let fields = [("ItemName".to_owned(), "Tom's \"Tea\" & <Cake>".to_owned())];
        let page = checkout("https://pay.test/a\"b", &fields, "n0").unwrap();
        assert!(!page.body.contains("<Cake>") && !page.body.contains("a\"b") && !page.body.contains("\"Tea\""));
        assert!(page.body.contains("&lt;Cake&gt;") || page.body.contains("&#60;Cake&#62;"), "{}", page.body);
    }

    #[test]
    fn a_page_may_send_its_form_to_the_provider_alone() {
        let page = checkout("https://pay.test/Cashier/V5", &[], "n0").unwrap();
        let policy = page.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
        assert!(policy.1.starts_with("default-src 'none'; script-src 'nonce-n0'; form-action https://pay.test;"));
    }

    #[test]
    fn only_a_payment_that_is_under_way_asks_again() {
        let asks = |status| {
            returned(status, "https://shop.example").unwrap().headers.iter().any(|(name, _)| name == "refresh")
        };
        assert!(asks(PaymentStatus::Init));
        assert!(!asks(PaymentStatus::Succeeded) && !asks(PaymentStatus::Failed));
    }
}
