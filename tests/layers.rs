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

/// The code of each file, without comments, whose links may lead anywhere.
fn code(folder: &str) -> Vec<(PathBuf, String)> {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(files.len() > 10, "{files:?}");
    let without_comments = |text: String| -> String {
        text.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    files
        .into_iter()
        .map(|file| {
            let text = without_comments(fs::read_to_string(&file).unwrap());
            (file, text)
        })
        .collect()
}

/// A room names no room of the crate but these, and nothing that the crate gives to the outside.
fn assert_names_only(folder: &str, rooms: &[&str]) {
    for (file, code) in code(folder) {
        for named in code.split("crate::").skip(1) {
            let named: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(rooms.contains(&named.as_str()), "{} names crate::{named}", file.display());
        }
    }
}

#[test]
fn the_core_knows_no_javascript() {
    assert_names_only("src/core", &["core"]);
    for (file, code) in code("src/core") {
        for name in ["wasm_bindgen", "js_sys", "web_sys", "gloo"] {
            assert!(!code.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn the_boundary_knows_nothing_of_the_rust_api() {
    assert_names_only("src/js", &["core", "js"]);
}

#[test]
fn the_rust_api_knows_the_rooms_below_it() {
    assert_names_only("src/api", &["core", "js", "api"]);
}

/// The JavaScript of the boundary is copied beside the wasm: what it imports has to be there too.
#[test]
fn the_boundarys_javascript_imports_its_own_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/js");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| line.starts_with("import") || line.starts_with("} from")) {
            let Some(from) = line.split('"').nth(1) else { continue };
            let known = from.strip_prefix("./").is_some_and(|name| folder.join(name).is_file());
            assert!(known, "{} imports {from}", path.display());
        }
    }
    assert!(seen > 5);
}
