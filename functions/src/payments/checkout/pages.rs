//! The checkout pages that the API itself serves: the one with the button, the one that leads to a provider, and those with
//! a payment's status. Every value is escaped, nothing is loaded from elsewhere, and all work without JavaScript.

use askama::Template;
use contracts::Failure;
use contracts::payments::Links;
use domain::Refusal;
use domain::payment::{Payment, PaymentMethod, PaymentStatus};
use runtime::http::{Request, Response};

/// Seconds until the page of a pending payment reloads.
const AGAIN_AFTER_SECONDS: &str = "3";
/// Seconds until the page of a decided payment returns to the shop.
const BACK_AFTER_SECONDS: &str = "5";
/// Domains of the providers' pages, and the hosts to which a form may be redirected from there. A browser checks every
/// address in a form's chain of redirects.
const FAMILIES: [(&str, &str); 5] = [
    (".ecpay.com.tw", "https://*.ecpay.com.tw"),
    (".newebpay.com", "https://*.newebpay.com"),
    (".line.me", "https://*.line.me"),
    ("127.0.0.1", "http://127.0.0.1:* http://localhost:*"),
    ("localhost", "http://127.0.0.1:* http://localhost:*"),
];

#[derive(Template)]
#[template(path = "button.html")]
struct Button<'p> {
    amount: &'p str,
    provider: &'p str,
}

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

/// The page whose button opens a trade at the provider at `host`.
pub(crate) fn button(payment: &Payment, host: &str) -> Result<Response, Failure> {
    let cents = payment.amount.get();
    let amount = if cents % 100 == 0 {
        format!("{} {}", payment.currency, cents / 100)
    } else {
        format!("{} {}.{:02}", payment.currency, cents / 100, cents % 100)
    };
    let provider = match payment.method {
        PaymentMethod::Ecpay => "ECPay",
        PaymentMethod::Newebpay => "NewebPay",
        PaymentMethod::LinePay => "LINE Pay",
        PaymentMethod::Points | PaymentMethod::External => "",
    };
    let page = Button { amount: &amount, provider }.render().map_err(Failure::broken)?;
    Ok(html(200, page, &format!("form-action 'self' {}", hosts(host))))
}

/// The page whose form the browser submits to `action`, by itself or by its button.
pub(crate) fn checkout(action: &str, fields: &[(String, String)], nonce: &str) -> Result<Response, Failure> {
    let page = Checkout { action, fields, nonce }.render().map_err(Failure::broken)?;
    let policy = format!("script-src 'nonce-{nonce}'; form-action {}", hosts(action));
    Ok(html(200, page, &policy))
}

/// The redirect to a provider's page, or to the shop.
pub(crate) fn see_other(url: &str) -> Response {
    html(303, String::new(), "form-action 'none'").with("location", url)
}

/// The page with a payment's status: it reloads while the payment is pending, and returns to the shop afterwards.
pub(crate) fn returned(payment: &Payment, shop_url: &str) -> Result<Response, Failure> {
    let (english, chinese) = match payment.status {
        PaymentStatus::Init => ("Your payment is being confirmed.", "正在確認您的付款。"),
        PaymentStatus::Succeeded => ("Your payment has arrived. Thank you.", "已收到您的付款，謝謝。"),
        PaymentStatus::Failed | PaymentStatus::Expired => ("Your payment did not go through.", "付款未完成。"),
        PaymentStatus::RefundRequested | PaymentStatus::Refunded => {
            ("Your payment is being refunded.", "您的付款將退回。")
        }
    };
    let back = Links { api: "", shop: shop_url }.back_to_the_shop(payment);
    let page = message(200, payment.status.as_str(), (english, chinese), &back)?;
    let again = match payment.status {
        PaymentStatus::Init => AGAIN_AFTER_SECONDS.to_owned(),
        _ => format!("{BACK_AFTER_SECONDS}; url={back}"),
    };
    Ok(page.with("refresh", &again))
}

/// The page of a checkout that cannot open trades any more.
pub(crate) fn over(payment: &Payment, shop_url: &str) -> Result<Response, Failure> {
    if payment.status == PaymentStatus::Init {
        let words = match payment.order {
            Some(_) => ("This order can no longer be paid here.", "此訂單已無法由此付款。"),
            None => ("This payment can no longer be made here.", "此付款頁面已失效。"),
        };
        let back = Links { api: "", shop: shop_url }.back_to_the_shop(payment);
        return message(200, payment.status.as_str(), words, &back);
    }
    returned(payment, shop_url)
}

/// The page for browsers in place of a JSON problem.
pub(crate) fn or_page(
    request: &Request,
    shop_url: &str,
    answer: Result<Response, Failure>,
) -> Result<Response, Failure> {
    let (status, words) = match &answer {
        _ if !request.accepts_html() => return answer,
        Ok(_) | Err(Failure::Broken(_)) => return answer,
        Err(Failure::Busy) => (
            503,
            ("The payment provider does not respond. Please try again in a moment.", "付款服務暫無回應，請稍後再試。"),
        ),
        Err(Failure::Refused(Refusal::PaymentMethodNotOffered)) => (
            409,
            (
                "This payment method is not available now. Nothing was charged; please choose another one.",
                "目前無法使用此付款方式，尚未扣款，請改用其他方式。",
            ),
        ),
        Err(Failure::Refused(Refusal::CheckoutNotOpen)) => {
            (404, ("This payment page does not exist, or has expired.", "此付款頁面不存在或已失效。"))
        }
        Err(Failure::Refused(_)) => (409, ("This order can no longer be paid here.", "此訂單已無法由此付款。")),
    };
    message(status, "", words, shop_url)
}

fn message(status: u16, state: &str, words: (&str, &str), back: &str) -> Result<Response, Failure> {
    let (english, chinese) = words;
    let page = Returned { status: state, english, chinese, shop_url: back }.render().map_err(Failure::broken)?;
    Ok(html(status, page, "form-action 'none'"))
}

fn html(status: u16, page: String, policy: &str) -> Response {
    let policy = format!("default-src 'none'; {policy}; base-uri 'none'; frame-ancestors 'none'");
    Response::new(status, "text/html; charset=utf-8", page)
        .with("content-security-policy", &policy)
        .with("x-content-type-options", "nosniff")
        // The address of a checkout opens it, so it must not be sent to other sites.
        .with("referrer-policy", "no-referrer")
}

/// The addresses to which a form may be redirected: this host, and the provider's other ones.
fn hosts(url: &str) -> String {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let host = origin.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default();
    match FAMILIES.iter().find(|(end, _)| host.ends_with(end)) {
        Some((_, family)) => format!("{origin} {family}"),
        None => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(page: &Response) -> &str {
        page.headers.iter().find(|(name, _)| name == "content-security-policy").map(|(_, text)| text.as_str()).unwrap()
    }

    #[test]
    fn every_value_of_the_form_is_escaped() {
        let fields = [("ItemName".to_owned(), "Tom's \"Tea\" & <Cake>".to_owned())];
        let page = checkout("https://pay.test/a\"b", &fields, "n0").unwrap();
        assert!(!page.body.contains("<Cake>") && !page.body.contains("a\"b") && !page.body.contains("\"Tea\""));
        assert!(page.body.contains("&lt;Cake&gt;") || page.body.contains("&#60;Cake&#62;"), "{}", page.body);
    }

    #[test]
    fn a_page_may_send_its_form_to_the_provider_alone_and_be_led_on_by_it() {
        let page = checkout("https://pay.test/Cashier/V5", &[], "n0").unwrap();
        let wanted = "default-src 'none'; script-src 'nonce-n0'; form-action https://pay.test;";
        assert!(policy(&page).starts_with(wanted), "{}", policy(&page));
        for (url, wanted) in [
            ("https://payment.ecpay.com.tw/x", "https://payment.ecpay.com.tw https://*.ecpay.com.tw"),
            ("https://core.newebpay.com/x", "https://core.newebpay.com https://*.newebpay.com"),
            ("https://api-pay.line.me", "https://api-pay.line.me https://*.line.me"),
            ("http://127.0.0.1:5201/x", "http://127.0.0.1:5201 http://127.0.0.1:* http://localhost:*"),
            ("https://evil-ecpay.com.tw.example/x", "https://evil-ecpay.com.tw.example"),
        ] {
            assert_eq!(hosts(url), wanted);
        }
    }
}
