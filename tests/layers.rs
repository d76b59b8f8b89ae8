//! Which room of the crate knows which: a rule that a reviewer misses and this test does not.
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

fn assert_unnamed(folder: &str, names: &[&str]) {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for name in names {
            assert!(!text.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn the_core_knows_no_javascript() {
    assert_unnamed("src/core", &["wasm_bindgen", "js_sys", "web_sys", "gloo", "crate::js", "crate::api"]);
}

#[test]
fn the_boundary_knows_nothing_of_the_rust_api() {
    assert_unnamed("src/js", &["crate::api"]);
}
