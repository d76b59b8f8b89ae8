//! Options and requests of every make: what can be read is taken, what cannot is refused where the caller reads.

use js_sys::{Array, Function, Object, Reflect};
use purerouter::js::PureRouter;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, ask, assert_error, assert_none, client, client_with, free, get, invoke, invoke_of, is_page,
    json, object, other_realm, page_address, read, request, stream, text,
};
use crate::service::{answer, asked, last_request, service};

#[wasm_bindgen(module = "/tests/boundary/options.js")]
extern "C" {
    fn odd(name: &str) -> JsValue;
    #[wasm_bindgen(js_name = headersAs)]
    fn headers_as(form: &str) -> JsValue;
    #[wasm_bindgen(js_name = optionsAs)]
    fn options_as(form: &str, fields: &JsValue) -> JsValue;
}

fn refused(options: &[(&str, JsValue)]) -> JsValue {
    PureRouter::new(&object(options)).err().unwrap_or_else(|| panic!("accepted: {options:?}"))
}

/// A call that was refused must leave nothing borrowed: `free` says so by throwing.
fn assert_unharmed(client: &JsValue) -> Option<String> {
    let deployments = get(client, "deployments");
    free(&deployments).and_then(|()| free(client)).err().map(|error| format!("free() threw {error:?}"))
}

#[wasm_bindgen_test]
async fn options_that_cannot_be_read_reject() {
    let table = [
        ("a proxy without keys", "a trap that throws"),
        ("a revoked proxy", "revoked"),
        ("headers whose values cannot be read", "a trap that throws"),
        ("headers that cannot be iterated", "a trap that throws"),
        ("headers that end in an error", "a trap that throws"),
    ];
    let mut failures = Vec::new();
    for (name, words) in table {
        for streaming in [false, true] {
            let fetch = service(&[answer("Hello")]);
            let client = client(&fetch);
            let outcome = if streaming {
                Outcome::of(stream(&client, &request(), &odd(name)).and_then(|stream| text(&stream))).await
            } else {
                Outcome::of(invoke(&client, &request(), &odd(name))).await
            };
            let failure = match &outcome {
                Outcome::Rejected(error) if format!("{error:?}").contains(words) => None,
                other => Some(format!("got {other:?}")),
            };
            let failure = failure.or_else(|| (asked(&fetch) > 0).then(|| "sent".into()));
            let failure = failure.or_else(|| assert_unharmed(&client));
            failures.extend(failure.map(|failure| format!("{name}, streaming {streaming}: {failure}")));
        }
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn options_that_are_none_reject_with_a_type_error() {
    let table = [
        "a revoked proxy as a field",
        "headers that iterate to nothing",
        "headers of single letters",
        "headers with a symbol",
        "a circle",
        "a bigint",
    ];
    let mut failures = Vec::new();
    for name in table {
        let client = client(&service(&[answer("Hello")]));
        let outcome = Outcome::of(invoke(&client, &request(), &odd(name))).await;
        let failure = outcome.unless_rejected("TypeError", "").or_else(|| assert_unharmed(&client));
        failures.extend(failure.map(|failure| format!("{name}: {failure}")));
    }
    for none in
        [JsValue::NULL, "sk_1".into(), 7.into(), true.into(), Array::new().into(), Function::default().into()]
    {
        let client = client(&service(&[answer("Hello")]));
        let outcome = Outcome::of(invoke(&client, &request(), &none)).await;
        let failure = outcome.unless_rejected("TypeError", "The options of this call are an object");
        failures.extend(failure.map(|failure| format!("{none:?}: {failure}")));
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn requests_that_cannot_be_written_reject() {
    let table = [
        ("a getter that throws", "a trap that throws"),
        ("a proxy whose keys cannot be described", "a trap that throws"),
        ("a revoked proxy", "request"),
        ("a revoked proxy as a field", "prompt"),
        ("a circle", "request: it cannot be written as JSON"),
        ("a bigint", "max_tokens"),
    ];
    let mut failures = Vec::new();
    for (name, words) in table {
        for streaming in [false, true] {
            let fetch = service(&[answer("Hello")]);
            let client = client(&fetch);
            let outcome = if streaming {
                let opened = stream(&client, &odd(name), &JsValue::UNDEFINED);
                Outcome::of(opened.and_then(|stream| text(&stream))).await
            } else {
                Outcome::of(invoke(&client, &odd(name), &JsValue::UNDEFINED)).await
            };
            let failure = outcome.unless_rejected("TypeError", words);
            let failure = failure.or_else(|| (asked(&fetch) > 0).then(|| "sent".into()));
            let failure = failure.or_else(|| assert_unharmed(&client));
            failures.extend(failure.map(|failure| format!("{name}, streaming {streaming}: {failure}")));
        }
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn an_id_that_is_none_rejects() {
    let lone = json(r#""a\ud800""#);
    for id in
        [JsValue::UNDEFINED, JsValue::NULL, 7.into(), "".into(), "..".into(), lone, odd("a revoked proxy")]
    {
        let fetch = service(&[answer("Hello")]);
        let outcome = Outcome::of(invoke_of(&client(&fetch), &id)).await;
        assert_eq!(outcome.unless_rejected("TypeError", "id: "), None);
        assert_eq!(asked(&fetch), 0);
    }
}

#[wasm_bindgen_test]
fn a_constructor_refuses_by_throwing() {
    for (options, words) in [
        (JsValue::NULL, "new PureRouter() are an object"),
        ("sk_1".into(), "new PureRouter() are an object"),
        (object(&[("timeOut", 1.into())]), "did you mean timeout"),
        (object(&[("fetch", "fetch".into())]), "fetch: a function"),
        (object(&[("timeout", js_sys::Symbol::iterator().into())]), "timeout: "),
        (object(&[("baseUrl", js_sys::Symbol::iterator().into())]), "baseUrl: "),
        (object(&[("routerKey", Object::new().into())]), "routerKey: "),
    ] {
        assert_error(&PureRouter::new(&options).err().unwrap(), "TypeError", words);
    }
    assert_error(&refused(&[("maxRetries", 1.5.into())]), "RangeError", "maxRetries");
    assert_error(&refused(&[("timeout", f64::NAN.into())]), "RangeError", "timeout");
}

#[wasm_bindgen_test]
async fn options_of_any_make_are_taken() {
    for form in ["frozen", "proxy", "null prototype", "inherited", "class"] {
        let fetch = service(&[answer("Hello")]);
        let base = "http://a.test/b/".into();
        let options = options_as(form, &object(&[("fetch", fetch.clone()), ("baseUrl", base)]));
        let client: JsValue = PureRouter::new(&options).unwrap().into();
        let request = options_as(form, &request());
        let call = options_as(form, &object(&[("headers", json(r#"{ "x-one": "1" }"#))]));
        // JSON takes own properties only: what a request inherits is checked, but not sent.
        let request = if matches!(form, "inherited" | "class") { crate::caller::request() } else { request };
        Outcome::of(invoke(&client, &request, &call)).await.value();
        assert_eq!(
            last_request(&fetch, "url"),
            "http://a.test/b/v1/deployments/a-deployment/invoke",
            "{form}"
        );
        assert_eq!(last_request(&fetch, "body"), r#"{"prompt":"Hi."}"#, "{form}");
        assert_eq!(sent_header(&fetch, "x-one"), "1", "{form}");
    }
}

fn sent_header(fetch: &JsValue, name: &str) -> JsValue {
    let headers = last_request(fetch, "headers");
    let get: Function = Reflect::get(&headers, &"get".into()).unwrap().unchecked_into();
    get.call1(&headers, &name.into()).unwrap()
}

#[wasm_bindgen_test]
async fn headers_of_any_make_are_sent() {
    let afar = other_realm(r#"new Map([["x-one", "1"], ["x-two", "2"]])"#).await;
    let forms = [
        "an object",
        "an object without prototype",
        "Headers",
        "pairs",
        "a Map",
        "a generator",
        "a frozen object",
        "a proxy",
    ];
    for headers in forms.into_iter().map(headers_as).chain([afar]) {
        let fetch = service(&[answer("Hello")]);
        let options = object(&[("headers", headers.clone())]);
        Outcome::of(invoke(&client(&fetch), &request(), &options)).await.value();
        assert_eq!(sent_header(&fetch, "x-one"), "1", "{headers:?}");
        assert_eq!(sent_header(&fetch, "x-two"), "2", "{headers:?}");
    }
}

#[wasm_bindgen_test]
async fn what_the_caller_changes_after_the_call_changes_nothing() {
    let fetch = service(&[answer("Hello")]);
    let request = request();
    let headers = json(r#"{ "x-one": "1" }"#);
    let asking = invoke(&client(&fetch), &request, &object(&[("headers", headers.clone())]));
    Reflect::set(&request, &"prompt".into(), &"Bye.".into()).unwrap();
    Reflect::set(&headers, &"x-one".into(), &"2".into()).unwrap();
    Outcome::of(asking).await.value();
    assert_eq!(last_request(&fetch, "body"), r#"{"prompt":"Hi."}"#);
    assert_eq!(sent_header(&fetch, "x-one"), "1");
}

#[wasm_bindgen_test]
async fn a_text_key_is_refused_in_a_page_only() {
    let key = || ("routerKey", JsValue::from_str("sk_secret"));
    let fetch = service(&[answer("Hello")]);
    let keyless = client(&fetch);
    let per_call = Outcome::of(invoke(&keyless, &request(), &object(&[key()]))).await;
    if is_page() {
        let error = refused(&[key()]);
        assert_error(&error, "TypeError", "dangerouslyAllowBrowser");
        assert!(!format!("{error:?}").contains("sk_secret"));
        assert_error(&refused(&[key(), ("dangerouslyAllowBrowser", false.into())]), "TypeError", "routerKey");
        assert_error(&per_call.error(), "TypeError", "dangerouslyAllowBrowser");
        assert_eq!(asked(&fetch), 0);
    } else {
        per_call.value();
        assert_eq!(sent_header(&fetch, "x-router-key"), "sk_secret");
        Outcome::of(ask(&client_with(&[key(), ("fetch", fetch.clone())]))).await.value();
    }
    let function = Function::new_no_args("return Promise.resolve('sk_short_lived')");
    let allowed = [
        (vec![key(), ("dangerouslyAllowBrowser", true.into())], "sk_secret"),
        (vec![("routerKey", function.into())], "sk_short_lived"),
    ];
    for (mut options, sent) in allowed {
        options.push(("fetch", fetch.clone()));
        Outcome::of(ask(&client_with(&options))).await.value();
        assert_eq!(sent_header(&fetch, "x-router-key"), sent);
    }
}

#[wasm_bindgen_test]
async fn a_function_that_gives_no_key_rejects_without_a_request() {
    let table = [
        ("return undefined", "TypeError", "undefined came"),
        ("return 7", "TypeError", "a number came"),
        ("return ''", "TypeError", "it is empty"),
        ("return 'a\\nb'", "TypeError", "no header can carry it"),
        ("return Promise.resolve(null)", "TypeError", "null came"),
        ("throw new RangeError('no session')", "RangeError", "no session"),
        ("return Promise.reject(new RangeError('no session'))", "RangeError", "no session"),
        ("return { then() { throw new RangeError('no session') } }", "RangeError", "no session"),
    ];
    let mut failures = Vec::new();
    for (code, class, words) in table {
        let fetch = service(&[answer("Hello")]);
        let client =
            client_with(&[("fetch", fetch.clone()), ("routerKey", Function::new_no_args(code).into())]);
        let invoked = Outcome::of(ask(&client)).await.unless_rejected(class, words);
        let streamed = Outcome::of(read(&client)).await.unless_rejected(class, words);
        failures.extend(invoked.into_iter().chain(streamed).map(|failure| format!("{code}: {failure}")));
        assert_eq!(asked(&fetch), 0, "{code}");
    }
    // What a function throws is the caller's own, whatever it is.
    for code in ["throw 'out'", "return Promise.reject('out')"] {
        let client = client_with(&[("routerKey", Function::new_no_args(code).into())]);
        assert_eq!(Outcome::of(ask(&client)).await.error(), "out");
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn a_relative_base_url_needs_a_page() {
    for base in ["/api", "/api/"] {
        let fetch = service(&[answer("Hello")]);
        let options = [("fetch", fetch.clone()), ("baseUrl", base.into())];
        let Some(page) = page_address() else {
            assert_error(&refused(&options), "TypeError", "no page here to resolve it against");
            continue;
        };
        Outcome::of(ask(&client_with(&options))).await.value();
        let at =
            web_sys::Url::new_with_base("/api/v1/deployments/a-deployment/invoke", &page).unwrap().href();
        assert_eq!(last_request(&fetch, "url"), at);
    }
}

#[wasm_bindgen_test]
async fn base_urls_of_any_make() {
    let afar = other_realm(r#"new URL("http://a.test/b/")"#).await;
    let like = json(r#"{ "href": "http://a.test/b" }"#);
    let own: JsValue = web_sys::Url::new("http://a.test/b//").unwrap().into();
    for base in [afar, like, own, "http://a.test/b".into()] {
        let fetch = service(&[answer("Hello")]);
        Outcome::of(ask(&client_with(&[("fetch", fetch.clone()), ("baseUrl", base)]))).await.value();
        assert_eq!(last_request(&fetch, "url"), "http://a.test/b/v1/deployments/a-deployment/invoke");
    }
    for base in ["ftp://a.test", "http://", "http://u:p@a.test", "http://a.test/?q", "http://a.test/#f"] {
        assert_error(&refused(&[("baseUrl", base.into())]), "TypeError", "baseUrl: ");
    }
}
