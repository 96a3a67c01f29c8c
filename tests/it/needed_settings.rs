//! A defect that needs a setting does nothing without it: its scenario holds with the defect when the setting is left at
//! its default, or the file is refused, because it has a fault or an operation that only the setting has.

use std::fs;

use jetlag::domains;
use jetlag::model::Defect;

use crate::docs::root;

/// Takes a field out of the text of a scenario, if it is there: `platform.store.reads`.
fn without(text: &str, path: &str) -> Option<String> {
    let (mut from, mut to) = (text.find("\n(\n")? + 2, text.len());
    let mut field = (0, 0);
    for name in path.split('.') {
        field = find(text, from..to, name)?;
        let value = text[field.0..field.1].find(": ")? + field.0;
        (from, to) = (value + text[value..field.1].find('(').unwrap_or(0) + 1, field.1);
    }
    let rest = text[field.1..].trim_start_matches(", ");
    let rest = rest.strip_prefix(",\n").unwrap_or(rest);
    Some(format!("{}{rest}", &text[..field.0]))
}

/// Where a field with its value is, among the fields of what begins at `within.start`.
fn find(text: &str, within: std::ops::Range<usize>, name: &str) -> Option<(usize, usize)> {
    let (mut depth, mut is_quoted, mut begin, mut is_first) = (0, false, None, true);
    for (at, letter) in text.char_indices().filter(|(at, _)| within.contains(at)) {
        let may_begin = is_first && !is_quoted && depth == 0;
        match letter {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return begin.map(|begin| (begin, at)),
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 && begin.is_some() => return begin.map(|begin| (begin, at)),
            _ => {}
        }
        if may_begin && text[at..].starts_with(&format!("{name}:")) {
            begin = Some(at);
        }
        is_first = !letter.is_alphanumeric() && letter != '_';
    }
    None
}

/// What a scenario does with its defect when a field of it is left out.
#[derive(Debug, PartialEq)]
enum Without {
    Refused,
    Holds,
    Violates(String),
}

fn run(path: &str, text: &str) -> Without {
    let Ok(scenario) = domains::harness().load(path, text.as_bytes()) else {
        return Without::Refused;
    };
    let outcome = scenario.run(&scenario.request());
    match outcome.violations.first() {
        None => Without::Holds,
        Some(violation) => Without::Violates(violation.property.to_string()),
    }
}

/// The text of the scenario of a defect, with the defect and without the claim that it fails.
fn with_defect(defect: &Defect) -> (String, String) {
    let path = format!("scenarios/defects/{}.ron", defect.id);
    let text = fs::read_to_string(root().join(&path)).expect("each defect has a scenario");
    let lines = text.lines().filter(|line| !line.starts_with("    fails: "));
    let text = lines.map(|line| format!("{line}\n")).collect();
    (path, text)
}

#[test]
fn a_defect_that_needs_a_setting_does_nothing_without_it() {
    let all = domains::harness().defects();
    let need = all.iter().filter(|defect| !defect.needs.is_empty());
    for defect in need {
        let (path, text) = with_defect(defect);
        assert!(matches!(run(&path, &text), Without::Violates(_)), "{path} with its defect");
        let texts: Vec<_> = defect.needs.iter().filter_map(|need| without(&text, need)).collect();
        assert!(!texts.is_empty(), "{path} has none of {:?}", defect.needs);
        for text in texts {
            let says = run(&path, &text);
            assert!(
                matches!(says, Without::Refused | Without::Holds),
                "{} is found without {:?}: {says:?}\n{text}",
                defect.id,
                defect.needs
            );
        }
    }
}

#[test]
fn a_field_is_taken_out_of_a_scenario() {
    let text = "// about store: it\n(\n    name: \"a, store: b\",\n    platform: (apis: 2, store: (kept: (a: \"1s\", b: \"2s\"))),\n    operations: [(at: \"1s\", back: \"2s\")],\n)\n";
    let out = |path| without(text, path).unwrap_or_else(|| panic!("there is no {path}"));
    assert!(out("platform.store").contains("    platform: (apis: 2, ),\n"));
    assert!(
        out("platform.apis").contains("    platform: (store: (kept: (a: \"1s\", b: \"2s\"))),\n")
    );
    assert!(out("platform.store.kept.b").contains("(kept: (a: \"1s\", ))"));
    assert!(out("operations.back").contains("[(at: \"1s\", )]"));
    assert!(!out("operations").contains("operations"));
    assert_eq!(without(text, "platform.store.b"), None);
    assert_eq!(without(text, "platform.kept"), None);
}
