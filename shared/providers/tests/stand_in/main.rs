//! The three providers over real sockets, with a fake that was written in another language from their documentation and
//! shares no code with them, so that a mistake in one of the two shows.

#[cfg(test)]
mod fakes;

#[cfg(test)]
mod tests {
    use crate::fakes::{AMOUNT, Fakes};
    use domain::money::Cents;
    use providers::payment::ecpay::Ecpay;
    use providers::payment::line_pay::LinePay;
    use providers::payment::newebpay::Newebpay;
    use providers::payment::{Notice, PaymentProvider, ProviderError, Refunded, Verdict};
    use serde_json::json;

    const A_PART: Cents = Cents::new(10_000);
    const ECPAY: &str = r#"{"merchant_id":"3002607","credit_check_code":"59997889",
        "keys":[{"hash_key":"pwFHCqoQZGmho4w6","hash_iv":"EkRm7iFT261dpevs"}]}"#;
    const NEWEBPAY: &str = r#"{"merchant_id":"MS127874575",
        "keys":[{"hash_key":"Fs5cX1TGqYM2PpdbE14a9H83YQSQF5jn","hash_iv":"C6AcmfqJILwgnhIP"}]}"#;
    const LINE_PAY: &str =
        r#"{"channel_id":"1656900000","keys":[{"channel_secret":"a917ab6a2367b536f8e5a6e2977e06f4"}]}"#;

    fn ecpay(fakes: &Fakes) -> Ecpay {
        Ecpay::open(fakes.http.clone(), &fakes.url, ECPAY).unwrap().unwrap()
    }

    fn newebpay(fakes: &Fakes) -> Newebpay {
        Newebpay::open(fakes.http.clone(), &fakes.url, NEWEBPAY).unwrap().unwrap()
    }

    fn line_pay(fakes: &Fakes) -> LinePay {
        LinePay::open(fakes.http.clone(), &fakes.url, LINE_PAY).unwrap().unwrap()
    }

    async fn begin(fakes: &Fakes, provider: &dyn PaymentProvider, trade_no: &str) {
        let page = fakes.go(&provider.start(&fakes.charge(trade_no)).await.unwrap()).await;
        assert!(page.contains("value=\"pay\""), "{page}");
    }

    fn is_of(notice: &Notice, trade_no: &str) {
        assert_eq!((notice.trade_no.as_str(), notice.amount), (trade_no, Some(AMOUNT)));
        assert!(notice.provider_no.is_some());
        let said = format!("{notice:?}");
        assert!(!said.contains("2222") && !said.contains("400022") && !said.contains("431195"), "a card: {said}");
    }

    #[tokio::test]
    async fn a_payment_with_ecpay_or_newebpay_is_heard_of_and_found() {
        let Some(mut fakes) = Fakes::open().await else { return };
        let both: [(Box<dyn PaymentProvider>, &str); 2] =
            [(Box::new(ecpay(&fakes)), "E1"), (Box::new(newebpay(&fakes)), "N1")];
        for (provider, trade_no) in &both {
            let unopened = fakes.trade(trade_no, None).await;
            assert_eq!(provider.look_up(&unopened).await.unwrap().verdict, Verdict::Unseen);
            begin(&fakes, provider.as_ref(), trade_no).await;
            let trade = fakes.trade(trade_no, None).await;
            assert_eq!(provider.look_up(&trade).await.unwrap().verdict, Verdict::Waiting);
            fakes.press(trade_no, "pay").await;
            let heard = provider.read_callback(&fakes.hear().await).unwrap();
            assert_eq!(
                (heard.verdict, heard.simulated, heard.merchant.as_str()),
                (Verdict::Paid, false, provider.merchant())
            );
            is_of(&heard, trade_no);
            let found = provider.look_up(&trade).await.unwrap();
            assert_eq!((found.verdict, &found.provider_no), (Verdict::Paid, &heard.provider_no));
            is_of(&found, trade_no);
        }
    }

    #[tokio::test]
    async fn every_result_is_understood_and_none_with_a_wrong_signature() {
        let Some(mut fakes) = Fakes::open().await else { return };
        let both: [(Box<dyn PaymentProvider>, &str); 2] =
            [(Box::new(ecpay(&fakes)), "ECPAY"), (Box::new(newebpay(&fakes)), "NEWEBPAY")];
        for (provider, name) in &both {
            let mark = &name[..1];
            for (button, shape) in [("pay", "object"), ("pay", "text"), ("pay", "string"), ("simulate", "object")] {
                let trade_no = format!("{mark}{button}{shape}");
                fakes
                    .turn(
                        name,
                        &trade_no,
                        json!({"callback": {"shape": shape, "before": ["number_taken"], "after": ["failed"]}}),
                    )
                    .await;
                begin(&fakes, provider.as_ref(), &trade_no).await;
                fakes.press(&trade_no, button).await;
                for verdict in [Verdict::NumberTaken, Verdict::Paid, Verdict::Declined] {
                    let heard = provider.read_callback(&fakes.hear().await).unwrap();
                    assert_eq!(
                        (heard.verdict, heard.trade_no.as_str()),
                        (verdict, trade_no.as_str()),
                        "{name} {shape}"
                    );
                    assert!(verdict != Verdict::Paid || heard.simulated == (button == "simulate"), "{name} {button}");
                }
            }
            let trade_no = format!("{mark}wrong");
            fakes.turn(name, &trade_no, json!({"callback": {"signature": "wrong"}})).await;
            begin(&fakes, provider.as_ref(), &trade_no).await;
            fakes.press(&trade_no, "pay").await;
            assert!(provider.read_callback(&fakes.hear().await).is_err(), "{name}");
        }
    }

    #[tokio::test]
    async fn money_goes_back_in_parts_after_the_night_and_whole_before_it() {
        let Some(mut fakes) = Fakes::open().await else { return };
        let both: [(Box<dyn PaymentProvider>, &str); 2] =
            [(Box::new(ecpay(&fakes)), "ECPAY"), (Box::new(newebpay(&fakes)), "NEWEBPAY")];
        for (provider, name) in &both {
            let [day, night] = ["D", "G"].map(|mark| format!("{}{mark}", &name[..1]));
            let mut known = Vec::new();
            for trade_no in [&day, &night] {
                begin(&fakes, provider.as_ref(), trade_no).await;
                fakes.press(trade_no, "pay").await;
                known.push(provider.read_callback(&fakes.hear().await).unwrap().authorization);
            }
            let trade = fakes.trade(&day, known[0].as_deref()).await;
            let answer = provider.refund(&trade, A_PART, Cents::ZERO).await;
            assert!(
                matches!(answer, Err(ProviderError::NotYet(_))),
                "{name}: a part of what is only authorized: {answer:?}"
            );
            assert!(matches!(provider.refund(&trade, AMOUNT, Cents::ZERO).await, Ok(Refunded::Done(_))), "{name}");
            assert_eq!(fakes.books(&day).await["money"], "VOID", "{name}");

            fakes.settle(name, &night).await;
            let trade = fakes.trade(&night, known[1].as_deref()).await;
            assert_eq!(provider.refunded(&trade).await, Ok(Cents::ZERO));
            assert!(matches!(provider.refund(&trade, A_PART, Cents::ZERO).await, Ok(Refunded::Done(_))), "{name}");
            assert_eq!(provider.refunded(&trade).await, Ok(A_PART), "{name}");
            let over = provider.refund(&trade, AMOUNT, A_PART).await;
            assert!(
                matches!(over, Err(ProviderError::Refused(_) | ProviderError::NotYet(_) | ProviderError::Unknown(_))),
                "{name}: {over:?}"
            );
            // Executed, with a lost response: the books show it.
            fakes.turn(name, &night, json!({"answers": {"refund": [{"do": "lose"}]}})).await;
            assert!(matches!(provider.refund(&trade, A_PART, A_PART).await, Err(ProviderError::Unknown(_))), "{name}");
            assert_eq!(provider.refunded(&trade).await, Ok(Cents::new(20_000)), "{name}");
            assert_eq!(fakes.books(&night).await["refunded"], 200, "{name}");
        }
    }

    #[tokio::test]
    async fn a_payment_with_line_pay_is_agreed_on_confirmed_and_given_back() {
        let Some(fakes) = Fakes::open().await else { return };
        let provider = line_pay(&fakes);
        begin(&fakes, &provider, "L1").await;
        let trade = fakes.trade("L1", None).await;
        assert_eq!(provider.look_up(&trade).await.unwrap().verdict, Verdict::Waiting);
        fakes.press("L1", "pay").await;
        assert_eq!(provider.look_up(&trade).await.unwrap().verdict, Verdict::Approved);
        fakes
            .turn(
                "LINE_PAY",
                "L1",
                json!({"answers": {"confirm": [{"do": "lose"}], "refund": [{"do": "usual"}, {"do": "lose"}]}}),
            )
            .await;
        assert!(matches!(provider.confirm(&trade).await, Err(ProviderError::Unknown(_))));
        for paid in [provider.look_up(&trade).await.unwrap(), provider.confirm(&trade).await.unwrap()] {
            assert_eq!(paid.verdict, Verdict::Paid);
            is_of(&paid, "L1");
        }
        assert!(matches!(provider.refund(&trade, A_PART, Cents::ZERO).await, Ok(Refunded::Done(Some(_)))));
        assert!(matches!(provider.refund(&trade, A_PART, A_PART).await, Err(ProviderError::Unknown(_))));
        assert_eq!(provider.refunded(&trade).await, Ok(Cents::new(20_000)));
        assert!(matches!(
            provider.refund(&trade, AMOUNT, Cents::new(20_000)).await,
            Err(ProviderError::Refused(_) | ProviderError::NotYet(_))
        ));
        assert_eq!(fakes.books("L1").await["refunded"], 200);
    }

    #[tokio::test]
    async fn a_declined_card_and_a_canceled_page_are_no_payment() {
        let Some(fakes) = Fakes::open().await else { return };
        let provider = line_pay(&fakes);
        for (trade_no, button) in [("L1", "fail"), ("L2", "cancel")] {
            begin(&fakes, &provider, trade_no).await;
            fakes.press(trade_no, button).await;
            let trade = fakes.trade(trade_no, None).await;
            if button == "fail" {
                assert_eq!(provider.confirm(&trade).await.unwrap().verdict, Verdict::Declined);
            }
            assert_eq!(provider.look_up(&trade).await.unwrap().verdict, Verdict::Ended, "{button}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_is_down_or_refuses_is_told_apart() {
        let Some(fakes) = Fakes::open().await else { return };
        let provider = ecpay(&fakes);
        begin(&fakes, &provider, "E1").await;
        let trade = fakes.trade("E1", None).await;
        fakes.turn("ECPAY", "E1", json!({"answers": {"query": [{"do": "down"}, {"do": "lose"}]}})).await;
        for _ in 0..2 {
            assert!(matches!(provider.look_up(&trade).await, Err(ProviderError::Unknown(_))));
        }
        assert_eq!(provider.look_up(&trade).await.unwrap().verdict, Verdict::Waiting);
    }
}
