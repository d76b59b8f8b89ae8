//! Dropping is cancelling, and the server sees it.

use std::rc::Rc;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use purerouter::Client;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{Server, asked, builder, delta, request, service, silent, unfinished, until};

async fn served() -> (Rc<Server>, Client) {
    let server = Rc::new(Server::new());
    let url = server.start().await.as_string().unwrap();
    let client = Client::builder().base_url(&url).build().unwrap();
    (server, client)
}

#[wasm_bindgen_test]
async fn an_answer_over_a_socket() {
    let (server, client) = served().await;
    assert_eq!(client.deployment("whole").stream("Hi.").text().await.unwrap(), "Hello there");
    assert_eq!((server.connections(), server.cancelled()), (1, 0));
    server.stop();
}

#[wasm_bindgen_test]
async fn a_stream_that_is_dropped_closes_its_connection() {
    let (server, client) = served().await;
    let mut stream = client.deployment("endless").stream("Hi.");
    assert_eq!(stream.next().await.unwrap().unwrap().text(), "Hello");
    assert_eq!(server.cancelled(), 0);
    drop(stream);
    let seen = Rc::clone(&server);
    until(move || seen.cancelled() == 1).await;

    let mut text = client.deployment("endless").stream("Hi.").into_text_stream();
    assert_eq!(text.next().await.unwrap().unwrap(), "Hello");
    drop(text);
    let seen = Rc::clone(&server);
    until(move || seen.cancelled() == 2).await;

    // Before its head, and in the middle of a read.
    let mut stream = client.deployment("silent").stream("Hi.");
    let seen = Rc::clone(&server);
    let came = until(move || seen.connections() == 3);
    pin_mut!(came);
    {
        let read = StreamExt::next(&mut stream);
        assert!(matches!(select(read, came).await, Either::Right(_)));
    }
    drop(stream);
    let seen = Rc::clone(&server);
    until(move || seen.cancelled() == 3).await;
    server.stop();
}

#[wasm_bindgen_test]
async fn a_future_that_is_dropped_closes_its_connection() {
    let (server, client) = served().await;
    let deployment = client.deployment("silent");
    {
        let call = deployment.invoke("Hi.");
        let seen = Rc::clone(&server);
        let came = until(move || seen.connections() == 1);
        pin_mut!(call, came);
        assert!(matches!(select(call, came).await, Either::Right(_)));
        assert_eq!(server.cancelled(), 0);
    }
    let seen = Rc::clone(&server);
    until(move || seen.cancelled() == 1).await;
    server.stop();
}

#[wasm_bindgen_test]
async fn both_branches_have_to_be_dropped() {
    let (server, client) = served().await;
    let (one, mut other) = client.deployment("endless").stream("Hi.").tee().unwrap();
    drop(one);
    assert_eq!(other.next().await.unwrap().unwrap().text(), "Hello");
    assert_eq!(server.cancelled(), 0);
    drop(other);
    let seen = Rc::clone(&server);
    until(move || seen.cancelled() == 1).await;
    server.stop();
}

#[wasm_bindgen_test]
async fn a_retry_that_is_waited_for_is_not_made() {
    let fetch = service(&[crate::answers::whole(503, "{}", &[("retry-after-ms", "60")]), silent()]);
    let deployment = builder(&fetch).max_retries(4).build().unwrap().deployment("a");
    {
        let call = deployment.invoke("Hi.");
        let first = fetch.clone();
        let came = until(move || asked(&first) == 1);
        pin_mut!(call, came);
        assert!(matches!(select(call, came).await, Either::Right(_)));
    }
    let start = js_sys::Date::now();
    until(move || js_sys::Date::now() - start > 200.0).await;
    assert_eq!(asked(&fetch), 1);
}

#[wasm_bindgen_test]
async fn every_target_under_way_is_cancelled() {
    let fetch = service(&[silent()]);
    let client = builder(&fetch).build().unwrap();
    let targets = [client.deployment("a").into(), client.deployment("b").into()];
    let hedge = client.hedge(targets, std::time::Duration::ZERO);
    {
        let call = hedge.invoke("Hi.");
        let both = fetch.clone();
        let came = until(move || asked(&both) == 2);
        pin_mut!(call, came);
        assert!(matches!(select(call, came).await, Either::Right(_)));
    }
    let both = fetch.clone();
    until(move || (0..2).all(|at| request(&both, at, "signal.aborted") == true)).await;
}

#[wasm_bindgen_test]
async fn a_body_is_let_go() {
    let fetch = service(&[unfinished(&[&delta("Hello")])]);
    let client = builder(&fetch).build().unwrap();
    let mut stream = client.deployment("a").stream("Hi.");
    let _ = stream.next().await.unwrap().unwrap();
    assert_eq!(request(&fetch, 0, "cancelled"), JsValue::UNDEFINED);
    drop(stream);
    until(move || !request(&fetch, 0, "cancelled").is_undefined()).await;
}
