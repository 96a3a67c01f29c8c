//! `jetlag check` over a history.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What the command says of a history.
#[derive(Debug)]
pub struct Judgement {
    /// Its exit status: 0 if all that can be observed holds, 1 if something is violated.
    pub status: i32,
    /// What it prints.
    pub text: String,
    /// The result of each property: `held`, `violated` or `not_observable`.
    properties: BTreeMap<String, String>,
}

impl Judgement {
    /// Whether a property was observed, and holds.
    pub fn holds(&self, property: &str) -> bool {
        self.properties.get(property).is_some_and(|result| result == "held")
    }

    /// Whether a property is violated.
    pub fn violates(&self, property: &str) -> bool {
        self.properties.get(property).is_some_and(|result| result == "violated")
    }

    /// The first violation of each property, in words.
    pub fn summary(&self) -> String {
        let Ok(document) = serde_json::from_str::<Value>(&self.text) else {
            return self.text.clone();
        };
        let list = |name: &str| document[name].as_array().cloned().unwrap_or_default();
        let mut lines = Vec::new();
        for property in list("properties") {
            let of = |name: &str| property[name].to_string().replace('"', "");
            lines.push(format!("{:14} {:22} {} facts", of("result"), of("id"), of("facts")));
        }
        for violation in list("violations") {
            lines.push(format!("{}: {}", violation["property"], violation["says"]));
        }
        lines.join("\n")
    }
}

/// The `jetlag` command: that of the environment, or the one that was built beside this crate.
pub fn command() -> PathBuf {
    std::env::var_os("JETLAG_COMMAND").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/jetlag")),
        PathBuf::from,
    )
}

/// Judges a history.
pub fn check(command: &Path, file: &Path) -> Judgement {
    let output = Command::new(command).args(["check", "--format", "json"]).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", command.display()));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let properties = document["properties"].as_array().into_iter().flatten();
    let result = |property: &Value| {
        let text = |name: &str| Some(property[name].as_str()?.to_owned());
        Some((text("id")?, text("result")?))
    };
    Judgement {
        status: output.status.code().unwrap_or(-1),
        properties: properties.filter_map(result).collect(),
        text: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    }
}
