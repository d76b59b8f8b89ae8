//! The smallest Worker in Rust that streams from PureRouter. `POST /text` answers with the text as it comes, and
//! `POST /events` passes the service's own events on, undecoded.
//!
//! `worker-build` builds it as it does any workers-rs project. By hand: `cargo build`, `wasm-bindgen --target web`, and a
//! module that hands the wasm over (see `shim.js`).

use futures_util::TryStreamExt;
use purerouter::{Client, CompletionStream};
use wasm_bindgen::JsValue;
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    let prompt = request.text().await?;
    let answer = client(&env)?.deployment("demo").stream(prompt);
    match request.path().as_str() {
        "/text" => text(answer),
        "/events" => Ok(answer.into_response().await.map_err(JsValue::from)?.into()),
        _ => Response::error("POST a prompt to /text or /events", 404),
    }
}

fn client(env: &Env) -> Result<Client> {
    let client = Client::builder()
        .base_url(&env.var("PUREROUTER_BASE_URL")?.to_string())
        .router_key(&env.secret("PUREROUTER_KEY")?.to_string());
    Ok(client.build().map_err(JsValue::from)?)
}

/// Whoever goes away cancels the response, which drops the stream, which cancels the request.
fn text(answer: CompletionStream) -> Result<Response> {
    let text = answer.into_text_stream().map_ok(String::into_bytes);
    let mut response =
        Response::from_stream(text.map_err(|error| worker::Error::from(JsValue::from(error))))?;
    response.headers_mut().set("content-type", "text/plain; charset=utf-8")?;
    Ok(response)
}
