//! The core knows no JavaScript: a rule that a reviewer misses and this test does not.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_core_knows_no_javascript() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for name in ["wasm_bindgen", "js_sys", "web_sys", "gloo", "crate::js"] {
            assert!(!text.contains(name), "{} names {name}", file.display());
        }
    }
}
