//! The decoders of all open streams, behind exports that take and give numbers only.
//!
//! The reading loop calls these for every network chunk, so they bypass what a generated binding does (no Promise, no
//! converted string, no boxed struct): a decoder is a number, bytes are written straight into its buffer, and results
//! are addresses in a small table, valid until the next call. A decoder that is not there (closed twice, say) answers
//! with zeros. No `unsafe` is needed: the addresses only leave the wasm, and JavaScript can read and write anywhere in
//! its memory anyway; what it writes to is an initialised buffer that nothing here borrows meanwhile.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use wasm_bindgen::prelude::*;

use crate::core::decoder::{Decoder, Format};

thread_local! {
    static DECODERS: RefCell<Vec<Option<Decoder>>> = const { RefCell::new(Vec::new()) };
}

/// Where the last result is: text, records and the strings of irregular events, and where the next bytes go, each an
/// address and a length.
static REPORT: [AtomicU32; 8] = [const { AtomicU32::new(0) }; 8];

#[wasm_bindgen(module = "/src/js/decode.js")]
extern "C" {
    fn install(exports: &JsValue);
}

/// Lets the JavaScript of this crate see the wasm's memory and exports, once. Whatever calls it comes by here, since a
/// Rust program that uses this crate has a start function of its own.
pub(crate) fn ready() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if !INSTALLED.swap(true, Ordering::Relaxed) {
        install(&wasm_bindgen::exports());
    }
}

/// Opens a decoder and gives its number.
pub(crate) fn open(format: Format, max_event_bytes: u32) -> u32 {
    DECODERS.with_borrow_mut(|decoders| {
        let decoder = Some(Decoder::new(format, max_event_bytes as usize));
        match decoders.iter().position(Option::is_none) {
            Some(free) => {
                if let Some(place) = decoders.get_mut(free) {
                    *place = decoder;
                }
                free as u32
            }
            None => {
                decoders.push(decoder);
                (decoders.len() - 1) as u32
            }
        }
    })
}

/// What `look` sees in a decoder; `None` where it is closed.
pub(crate) fn with<T>(slot: u32, look: impl FnOnce(&mut Decoder) -> T) -> Option<T> {
    DECODERS.with_borrow_mut(|decoders| decoders.get_mut(slot as usize).and_then(Option::as_mut).map(look))
}

fn address<T>(slice: &[T]) -> u32 {
    slice.as_ptr().expose_provenance() as u32
}

fn report(decoder: &Decoder) {
    tell(0, decoder.text());
    tell(1, decoder.records());
    tell(2, decoder.aux());
    tell(3, decoder.window());
}

fn tell<T>(line: usize, found: &[T]) {
    if let Some([at, length]) = REPORT.as_chunks().0.get(line) {
        at.store(address(found), Ordering::Relaxed);
        length.store(found.len() as u32, Ordering::Relaxed);
    }
}

/// The address of the table of results.
#[wasm_bindgen]
pub fn decoder_report() -> u32 {
    address(&REPORT)
}

/// The address at which the next `len` bytes are to be written.
#[wasm_bindgen]
pub fn decoder_reserve(slot: u32, len: u32) -> u32 {
    with(slot, |decoder| decoder.reserve(len as usize).as_mut_ptr().expose_provenance() as u32).unwrap_or(0)
}

/// Decodes the `len` bytes written, and gives the flags. `text_only`: as [`Decoder::push_text`].
#[wasm_bindgen]
pub fn decoder_push(slot: u32, len: u32, text_only: bool) -> u32 {
    with(slot, |decoder| {
        let len = len as usize;
        let flags = if text_only { decoder.push_text(len) } else { decoder.push(len) };
        report(decoder);
        flags
    })
    .unwrap_or(0)
}

/// Decodes what is pending as the body has ended, and gives the flags.
#[wasm_bindgen]
pub fn decoder_finish(slot: u32) -> u32 {
    with(slot, |decoder| {
        let flags = decoder.finish();
        report(decoder);
        flags
    })
    .unwrap_or(0)
}

/// Gives a decoder's memory back.
pub(crate) fn close(slot: u32) {
    DECODERS.with_borrow_mut(|decoders| {
        if let Some(place) = decoders.get_mut(slot as usize) {
            *place = None;
        }
    });
}
