//! The smallest Leptos app that streams from PureRouter: a prompt, Run, Stop, and the text as it comes.
//!
//! It has no key: its own server adds one (`base_url("/")`). [trunk](https://trunkrs.dev) builds it, shows it, and hands its
//! calls on to that server: `trunk serve --proxy-backend=http://localhost:3000/v1/` (docs/rust.md has one). By hand,
//! `cargo build` and `wasm-bindgen --target web` build it.

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use purerouter::{Client, TextStream};

/// Fails with the framework's error, which an `ErrorBoundary` takes.
async fn show(mut text: TextStream, output: RwSignal<String>) -> Result<(), leptos::error::Error> {
    while let Some(delta) = text.next().await {
        let delta = delta?;
        output.update(|output| output.push_str(&delta));
    }
    Ok(())
}

#[component]
fn App(client: Client) -> impl IntoView {
    let client = StoredValue::new_local(client);
    let prompt = RwSignal::new("Write a limerick about crabs.".to_owned());
    let output = RwSignal::new(String::new());
    let running = RwSignal::new(None::<AbortHandle>);

    let run = move |_| {
        let deployment = client.with_value(|client| client.deployment("demo"));
        let text = deployment.stream(prompt.get_untracked()).into_text_stream();
        output.set(String::new());
        let (shown, stop) = abortable(show(text, output));
        running.set(Some(stop));
        spawn_local(async move {
            // Stopped, the stream is dropped, and the request is cancelled with it.
            if let Ok(Err(error)) = shown.await {
                output.update(|output| output.push_str(&format!("\n{error}")));
            }
            running.set(None);
        });
    };
    let stop = move |_| {
        if let Some(running) = running.get_untracked() {
            running.abort();
        }
    };

    view! {
        <label>"Prompt " <textarea bind:value=prompt></textarea></label>
        <button on:click=run disabled=move || running.with(Option::is_some)>"Run"</button>
        <button on:click=stop disabled=move || running.with(Option::is_none)>"Stop"</button>
        <output>{output}</output>
    }
}

fn main() {
    match Client::builder().base_url("/").build() {
        Ok(client) => mount_to_body(move || view! { <App client=client.clone() /> }),
        Err(error) => leptos::logging::error!("{error}"),
    }
}
