//! Calls that answer once: what goes out, and what comes back.

use std::time::Duration;

use purerouter::{INSTANCES, Message, Request, Role, Usage};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{answer, asked, body, builder, client, header, request, service, whole};

#[wasm_bindgen_test]
async fn a_prompt_is_answered() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).base_url("https://a.example/v").build().unwrap();
    let completion = client.deployment("a deployment").invoke("Hi.").await.unwrap();
    assert_eq!(completion.text, "Hello");
    assert_eq!(completion.finish_reason.as_deref(), Some("stop"));
    assert_eq!(completion.target, "a deployment");
    assert_eq!(completion.attempts.len(), 1);
    assert_eq!(completion.attempts[0].status, Some(200));
    assert!(completion.attempts[0].error.is_none());
    assert!(completion.timing.headers.unwrap() <= completion.timing.total);
    assert_eq!(request(&fetch, 0, "url"), "https://a.example/v/v1/deployments/a%20deployment/invoke");
    assert_eq!(body(&fetch), json!({ "prompt": "Hi." }));
}

#[wasm_bindgen_test]
async fn nothing_is_sent_before_the_future_is_polled() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    drop(client.deployment("a").invoke("Hi."));
    assert_eq!(asked(&fetch), 0);
}

#[wasm_bindgen_test]
async fn every_field_goes_out_under_its_name() {
    #[derive(Serialize)]
    struct Tool<'a> {
        name: &'a str,
        strict: Option<bool>,
    }
    let fetch = service(&[answer("Hello")]);
    let asked =
        Request::messages([Message::system("Be brief."), Message::user("Hi."), Message::assistant("H")])
            .max_tokens(7)
            .temperature(0.5)
            .top_p(0.25)
            .parameters(json!({ "beams": [1, 2] }))
            .field("seed", 7)
            .field("tool", Tool { name: "t", strict: None });
    let _ = builder(&fetch).build().unwrap().deployment("a").invoke(asked).await.unwrap();
    let expected = json!({
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Hi." },
            { "role": "assistant", "content": "H" },
        ],
        "max_tokens": 7, "temperature": 0.5, "top_p": 0.25, "parameters": { "beams": [1, 2] }, "seed": 7,
        "tool": { "name": "t", "strict": null },
    });
    assert_eq!(body(&fetch), expected);
}

#[wasm_bindgen_test]
async fn a_message_is_what_serde_makes_of_it() {
    let said = Message::user("Hi.");
    assert_eq!((said.role(), said.content()), (Role::User, "Hi."));
    let json = serde_json::to_value(&said).unwrap();
    assert_eq!(json, json!({ "role": "user", "content": "Hi." }));
    assert_eq!(serde_json::from_value::<Message>(json).unwrap(), said);

    // Of another form, from a borrowed list.
    let picture = vec![json!({ "role": "user", "content": [{ "type": "image_url" }] })];
    let fetch = service(&[answer("Hello")]);
    let _ =
        builder(&fetch).build().unwrap().deployment("a").invoke(Request::messages(&picture)).await.unwrap();
    assert_eq!(body(&fetch), json!({ "messages": picture }));
}

#[wasm_bindgen_test]
async fn input_of_any_form() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let _ = client.deployment("a").invoke(Request::input(json!({ "text": "Hi." }))).await.unwrap();
    assert_eq!(body(&fetch), json!({ "input": { "text": "Hi." } }));
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let _ = client.deployment("a").invoke(Request::inputs(["a", "b"])).await.unwrap();
    assert_eq!(body(&fetch), json!({ "inputs": ["a", "b"] }));
}

#[wasm_bindgen_test]
async fn a_request_is_asked_again_as_it_was() {
    let base = Request::prompt("Hi.").max_tokens(3);
    let fetch = service(&[answer("Hello")]);
    let deployment = builder(&fetch).build().unwrap().deployment("a");
    let _ = deployment.invoke(base.clone().field("seed", 1)).await.unwrap();
    let _ = deployment.invoke(base).await.unwrap();
    assert_eq!(request(&fetch, 1, "body"), r#"{"prompt":"Hi.","max_tokens":3}"#);
}

#[wasm_bindgen_test]
async fn routing_answers_with_who_answered() {
    let routed = r#"{"output_text":"Hello","provider":"p","model_id":"m","cost_usd":0.25,
        "usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5},"task":"chat"}"#;
    let fetch = service(&[whole(200, routed, &[])]);
    let client = builder(&fetch).build().unwrap();
    let completion = client.profile("balanced").invoke("Hi.").await.unwrap();
    assert_eq!(body(&fetch), json!({ "prompt": "Hi.", "profile": "balanced" }));
    assert!(request(&fetch, 0, "url").as_string().unwrap().ends_with("/v1/infer"));
    assert_eq!((completion.text.as_str(), completion.target.as_str()), ("Hello", "profile:balanced"));
    assert_eq!((completion.model.as_deref(), completion.provider.as_deref()), (Some("m"), Some("p")));
    assert_eq!(completion.cost_usd, Some(0.25));
    let Some(Usage { prompt_tokens, completion_tokens, total_tokens, .. }) = completion.usage else {
        panic!("{completion:?}")
    };
    assert_eq!((prompt_tokens, completion_tokens, total_tokens), (Some(2), Some(3), Some(5)));

    #[derive(Deserialize)]
    struct Raw {
        task: String,
    }
    assert_eq!(completion.raw_as::<Raw>().unwrap().task, "chat");
    assert!(completion.raw_as::<Vec<u8>>().unwrap_err().is_decode());

    let completion = client.router().invoke("Hi.").await.unwrap();
    assert_eq!(completion.target, "router");
    assert_eq!(request(&fetch, 1, "body"), r#"{"prompt":"Hi."}"#);
}

#[wasm_bindgen_test]
async fn health_is_a_type_of_the_callers() {
    #[derive(Deserialize)]
    struct Health {
        status: String,
    }
    let client = client(&[whole(200, r#"{"status":"ok"}"#, &[])]);
    assert_eq!(client.health::<Health>().await.unwrap().status, "ok");
    assert!(client.health::<u32>().await.unwrap_err().is_decode());
}

#[wasm_bindgen_test]
async fn an_instance_estimates_the_cost() {
    let client = client(&[answer("Hello")]);
    let completion = client.deployment("a").instance("a10g-medium").invoke("Hi.").await.unwrap();
    let hour = completion.timing.total.as_secs_f64() / 3600.0;
    let cost = completion.cost_usd.unwrap();
    assert!((cost - hour * 1.21).abs() < 1e-3, "{cost}");
    let medium = INSTANCES.iter().find(|instance| instance.id == "a10g-medium").unwrap();
    let shares = [0, 1, 2].map(|concurrency| medium.cost(Duration::from_secs(3600), concurrency));
    assert_eq!(shares, [1.21, 1.21, 0.605]);
    let error = client.deployment("a").instance("h100").invoke("Hi.").await.unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("a10g-medium"), "{error}");
}

#[wasm_bindgen_test]
async fn attempts_tell_of_retries() {
    let fetch = service(&[whole(503, "{}", &[("retry-after-ms", "20")]), answer("Hello")]);
    let client = builder(&fetch).max_retries(1).build().unwrap();
    let attempts = client.deployment("a").invoke("Hi.").await.unwrap().attempts;
    assert_eq!(attempts.len(), 2);
    assert_eq!((attempts[0].attempt, attempts[0].status), (1, Some(503)));
    assert!(attempts[0].error.as_ref().unwrap().is_server());
    assert!(attempts[0].retry_in.unwrap() >= Duration::from_millis(20));
    assert_eq!((attempts[1].attempt, attempts[1].retry_in), (2, None));
    assert!(attempts[1].started >= Duration::from_millis(20));
}

#[wasm_bindgen_test]
async fn no_key_no_header() {
    let fetch = service(&[answer("Hello")]);
    let _ = builder(&fetch).build().unwrap().deployment("a").invoke("Hi.").await.unwrap();
    assert_eq!(header(&fetch, 0, "x-router-key"), None);
}
