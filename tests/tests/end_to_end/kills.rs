//! Functions that are killed at any moment.
//!
//! In the local stack a function is a process, so it can be killed with SIGKILL at any point.

use crate::fixtures::{POINTS, cart};
use crate::http::Reply;
use crate::listener::Listener;
use crate::shop::{Shop, now, unique};
use crate::users::Customer;
use crate::wait::until;
use futures_util::future::{join_all, select};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::pin::pin;
use std::process::Command;
use std::time::Duration;

/// Concurrent customers.
const CUSTOMERS: usize = 6;
/// Sequential orders of each customer: enough for many rounds of kills, the first of which hits idle environments.
const ORDERS_EACH: usize = 25;
/// The number of orders, and the quantity that the stock must lose.
const ORDERS: i64 = 150;
/// Attempts of one request before the test fails.
const TRIES_MAX: usize = 60;
/// Time between two rounds of kills: a few requests complete within it, most do not.
const KILL_EVERY: Duration = Duration::from_millis(120);
/// The number of rounds is limited, so that the orders complete in the end.
const KILLS_MAX: usize = 60;

pub(crate) async fn killed_functions_lose_no_data(shop: &Shop) {
    let heard = Listener::to(shop, &["order.reserved.v1"]).await;
    let goods = shop.goods(200).await;
    let customers = join_all((0..CUSTOMERS).map(|_| shop.customer_with(POINTS))).await;
    let body = cart(&goods.variant, 1);
    let ordering = join_all(customers.iter().map(|customer| async {
        let mut answers = Vec::new();
        for _ in 0..ORDERS_EACH {
            answers.push(until_definite(shop, customer, &body).await);
        }
        answers
    }));
    let mut killed = 0;
    let mut interrupted = 0;
    let answers = {
        let killing = async {
            for _ in 0..KILLS_MAX {
                tokio::time::sleep(KILL_EVERY).await;
                killed += kill(shop, "place_order") + kill(shop, "relay_outbox");
            }
            std::future::pending::<()>().await;
        };
        match select(pin!(ordering), pin!(killing)).await {
            futures_util::future::Either::Left((answers, _)) => answers,
            futures_util::future::Either::Right(((), _)) => unreachable!("killing goes on until all is ordered"),
        }
    };
    let mut told = BTreeSet::new();
    for (reply, tries) in answers.into_iter().flatten() {
        told.insert(reply.expect(201)["order_id"].as_str().unwrap().to_owned());
        interrupted += tries - 1;
    }
    assert!(
        killed >= 5 && interrupted >= 1,
        "{killed} kills and {interrupted} interrupted requests: too few to prove anything"
    );

    // One order per key, however often it was sent, and exactly those that were confirmed.
    assert_eq!(told.len(), CUSTOMERS * ORDERS_EACH);
    let mut placed = BTreeSet::new();
    for customer in &customers {
        let list = shop.get("/orders?limit=100").by(&customer.token).send().await.expect(200);
        placed.extend(
            list["items"].as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(placed, told);
    assert_eq!(shop.available(&goods).await, 200 - ORDERS);

    // The sweep publishes what the relay missed: it runs with a time at which all of it is overdue.
    let mine = |detail: &Value| told.contains(detail["data"]["order_id"].as_str().unwrap());
    until("every order's event is on the bus", || async {
        shop.tick("sweep_outbox", now() + SignedDuration::from_mins(1)).await;
        let heard: BTreeSet<String> =
            heard.all(mine).await.iter().map(|event| event["detail"]["data"]["order_id"].to_string()).collect();
        (heard.len() == told.len()).then_some(())
    })
    .await;
    heard.close().await;
    let audit = until("the audit finds no difference", || async {
        let audit = shop.get("/admin/audit").by(shop.admin()).send().await.expect(200);
        (audit["differences"] == json!([])).then_some(audit)
    })
    .await;
    assert!(audit["checked_at"].is_string());
}

/// Sends an order with one key until there is a definite response. Also returns the number of attempts.
async fn until_definite(shop: &Shop, customer: &Customer, body: &Value) -> (Reply, usize) {
    let ask = shop.post("/orders", body).by(&customer.token).key(&unique());
    for tries in 1..=TRIES_MAX {
        let reply = ask.send_once().await;
        if reply.status < 500 {
            return (reply, tries);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no definite answer after {TRIES_MAX} tries");
}

/// Kills all processes of a function of this stack. Returns their number.
fn kill(shop: &Shop, use_case: &str) -> usize {
    processes(shop).iter().filter(|(function, process)| function == use_case && kill_process(*process)).count()
}

/// Kills any one process of this stack. Returns the number of killed processes.
pub(crate) fn kill_one(shop: &Shop, choices: &mut fastrand::Rng) -> usize {
    let all = processes(shop);
    choices.choice(&all).map_or(0, |(_, process)| usize::from(kill_process(*process)))
}

fn kill_process(process: u32) -> bool {
    Command::new("kill").args(["-KILL", &process.to_string()]).status().is_ok_and(|status| status.success())
}

/// The function processes of this stack, each with its function.
pub(crate) fn processes(shop: &Shop) -> Vec<(String, u32)> {
    let endpoint = format!("AWS_ENDPOINT_URL={}", shop.about.functions_endpoint);
    let function = format!("AWS_LAMBDA_FUNCTION_NAME={}", shop.about.function_prefix);
    let ids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment);
        let mut variables = environment.split('\0');
        let is_ours = variables.clone().any(|variable| variable == endpoint);
        let use_case = variables.find_map(|variable| variable.strip_prefix(&function))?;
        is_ours.then(|| (use_case.to_owned(), id))
    })
    .collect()
}
