//! The price list as JavaScript has it, and the estimate of a cost with its arguments checked.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::error::{range_error, type_error};
use super::options::check_names;
use super::target::instance;
use super::value::{get, kind, set};
use crate::core::price::{INSTANCES, cost};

/// The price list, `{ id, name, gpus, memoryGb, usdPerHour }` each.
#[wasm_bindgen(js_name = instanceTypes, skip_typescript)]
pub fn instance_types() -> Array {
    INSTANCES
        .iter()
        .map(|instance| {
            let object = Object::new();
            set(&object, "id", &instance.id.into());
            set(&object, "name", &instance.name.into());
            set(&object, "gpus", &instance.gpus.into());
            set(&object, "memoryGb", &instance.memory_gb.into());
            set(&object, "usdPerHour", &instance.usd_per_hour.into());
            Object::freeze(&object)
        })
        .collect()
}

/// US dollars for `durationMs` of an `instance` that `concurrency` calls share.
///
/// # Errors
/// A `TypeError` or `RangeError` that names the field.
#[wasm_bindgen(js_name = estimateCost, skip_typescript)]
pub fn estimate_cost(options: &JsValue) -> Result<f64, JsValue> {
    if options.is_undefined() {
        return Err(type_error(&["estimateCost(): { instance, durationMs } belongs here"]));
    }
    check_names(options, "estimateCost()", &["instance", "durationMs", "concurrency"])?;
    let instance = instance(&get(options, "instance"))?;
    let duration = number(options, "durationMs", 0.0)?;
    let concurrency =
        if get(options, "concurrency").is_undefined() { 1.0 } else { number(options, "concurrency", 1.0)? };
    Ok(cost(instance, duration, concurrency))
}

fn number(options: &JsValue, name: &'static str, least: f64) -> Result<f64, JsValue> {
    let value = get(options, name);
    match value.as_f64() {
        Some(number) if number >= least && number.is_finite() => Ok(number),
        Some(_) if least > 0.0 => Err(range_error(&[name, ": a number from 1 up belongs here"])),
        Some(_) => Err(range_error(&[name, ": a number from 0 up belongs here"])),
        None => Err(type_error(&[name, ": a number belongs here, and ", kind(&value), " came"])),
    }
}
