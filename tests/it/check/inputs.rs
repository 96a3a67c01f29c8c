//! Inputs that are not histories, and histories without anything to judge.

use jetlag::history::{Conclusion, Unjudged};

use super::{checked, judged};

/// The diagnostic for a history, without its excerpt.
fn refused(text: &str) -> String {
    match judged(text) {
        Err(Unjudged::Line(diagnostic)) => {
            let position = diagnostic.position.expect("a place in the file");
            let hint = diagnostic.hint.unwrap_or_default();
            format!("{position} {} | {hint}", diagnostic.message)
        }
        other => panic!("{text} is read: {other:?}"),
    }
}

const EVENT: &str = r#"{"kind":"event","stream":"order-1","version":1}"#;

#[test]
fn a_line_that_is_not_understood_is_an_error_at_its_place() {
    for (line, says) in [
        (
            r#"{"kind":"evnt","stream":"a","version":1}"#,
            "2:2 there is no kind `evnt` | did you mean `event`?",
        ),
        (
            r#"{"stream":"a","version":1}"#,
            "2:1 the field `kind` is missing | it says what a line is: `event`, `apply`, …; a map can say it for all lines of a file",
        ),
        (
            r#"{"kind":"event","streem":"a","version":1}"#,
            "2:17 there is no field `streem` | did you mean `stream`? a map can say which field a column is, or ignore it",
        ),
        (
            r#"{"kind":"event","stream":"a"}"#,
            "2:1 the field `version` of kind `event` is missing | it is a whole number up to 4294967295",
        ),
        (
            r#"{"kind":"event","stream":"a","version":-1}"#,
            "2:30 `version` is not a whole number from 0 | write digits only",
        ),
        (
            r#"{"kind":"event","stream":"a","version":1.5}"#,
            "2:30 `version` is a number with a fraction | it must be a whole number up to 4294967295",
        ),
        (
            r#"{"kind":"event","stream":"a","version":4294967296}"#,
            "2:30 `version` is larger than 4294967295 | a version counts the events of one stream",
        ),
        (
            r#"{"kind":"event","stream":["a"],"version":1}"#,
            "2:17 `stream` is a list | it must be a text or a whole number",
        ),
        (
            r#"{"kind":"event","stream":"","version":1}"#,
            "2:17 `stream` is empty | leave the field out",
        ),
        (
            r#"{"kind":"event","stream":"a","version":1,"at":"soon"}"#,
            "2:42 `at` is not a time | write one like 2026-05-01T12:00:00.5Z, or a whole number of nanoseconds",
        ),
        (
            r#"{"kind":"event","stream":"a","version":1,"consumer":"b"}"#,
            "2:42 a line of kind `event` has no field `consumer` | known are `stream`, `version`, `position`, `id`, `type`, `at`, `command`, `cause`, `correlation`, `actor`, `transaction`, `category`, `data`, `meta`",
        ),
        (
            r#"{"kind":"event","stream":"a","version":1,"version":2}"#,
            "2:30 `version` appears twice | one field of a line has one value",
        ),
        (
            r#"{"kind":"apply","consumer":"b"}"#,
            "2:1 the line does not say which event it is about | add `event`, the id of the event, or `stream` and `version`",
        ),
        (
            r#"{"kind":"payment","payment":"p","did":"captured","amount":1}"#,
            "2:33 `did` cannot be `captured` | did you mean `capture`?",
        ),
        (
            r#"{"kind":"payment","payment":"p","did":"capture","amount":"1e3"}"#,
            "2:49 `amount` is not an amount | write a whole number of minor units, or a text like \"420.00\" with at most four decimals",
        ),
        (
            r#"{"kind":"hold","item":"s","holder":"h","quantity":0}"#,
            "2:40 `quantity` must be greater than zero | leave the line out if nothing is held",
        ),
        (
            r#"{"kind":"subscription","consumer":"b"}"#,
            "2:24 a subscription stands behind the first event | put all subscriptions at the beginning, or into a map",
        ),
        (
            r#"{"kind":"history","version":1}"#,
            "2:1 a line of kind `history` stands here | it is the first line of a file",
        ),
        (
            r#"{"kind":"event""#,
            "2:15 this line is not a JSON object of a history: EOF while parsing an object | each line is one JSON object",
        ),
        (
            r#"{"kind":"event"} {}"#,
            "2:18 this line is not a JSON object of a history: trailing characters | each line is one JSON object",
        ),
        (
            "[1]",
            "2:1 this line is not a JSON object of a history: invalid type: sequence, expected an object with fields | each line is one JSON object",
        ),
    ] {
        assert_eq!(refused(&format!("{EVENT}\n{line}\n{EVENT}\n")), says);
    }
}

#[test]
fn a_history_that_was_cut_off_is_an_error() {
    let cut = format!("{EVENT}\n{}", &EVENT[..20]);
    assert_eq!(
        refused(&cut),
        "2:21 the file ends within this line | it was cut off: export the history again"
    );
    let header = r#"{"kind":"history","version":1}"#;
    let missing = "2:1 the line of kind `end` is missing | a file that begins with `history` ends with `end`: this one was cut off";
    assert_eq!(refused(&format!("{header}\n{EVENT}\n")), missing);
    let end = r#"{"kind":"end","lines":2}"#;
    let short = "3:15 the file has 1 lines before this one, not 2 | lines were added or lost after the history was written";
    assert_eq!(refused(&format!("{header}\n{EVENT}\n{end}\n")), short);
    let behind = format!("{header}\n{}\n{EVENT}\n", r#"{"kind":"end","lines":0}"#);
    assert_eq!(refused(&behind), "3:1 a line stands behind the one of kind `end` | remove it");
    let version = r#"{"kind":"history","version":2}"#;
    assert_eq!(
        refused(&format!("{version}\n")),
        "1:19 the history is written in version 2 of the vocabulary | this program reads version 1"
    );
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let input = jetlag::history::Input {
        name: "history.jsonl".to_owned(),
        text: Box::new(&b"{\"kind\":\"\xff\"}\n"[..]),
    };
    let read = jetlag::history::check(vec![input], &Default::default(), false, 1);
    let Err(Unjudged::Line(diagnostic)) = read else { panic!("it is read") };
    assert_eq!(diagnostic.message, "the byte 0xFF is not valid UTF-8");
}

#[test]
fn a_last_line_without_a_line_feed_and_empty_lines_are_read() {
    let history = judged(&format!("\u{feff}{EVENT}\r\n\r\n\n{}", EVENT.replace("1}", "2}")))
        .expect("it is read");
    assert_eq!(checked(history).conclusion(), Conclusion::Held);
}

#[test]
fn silence_is_no_success() {
    for text in ["", "\n\n", r#"{"kind":"leave","actor":"ana"}"#] {
        let history = judged(text).expect("it is read");
        assert_eq!(checked(history).conclusion(), Conclusion::NotJudged, "{text}");
    }
}

#[test]
fn a_property_that_is_required_must_be_observable() {
    let mut found = checked(judged(EVENT).expect("it is read"));
    assert_eq!(found.conclusion(), Conclusion::Held);
    found.required = vec!["dense-versions"];
    assert_eq!(found.conclusion(), Conclusion::Held);
    found.required = vec!["dense-versions", "single-capture"];
    assert_eq!(found.conclusion(), Conclusion::NotJudged);
    found.excepted = vec!["dense-versions"];
    assert_eq!(found.conclusion(), Conclusion::NotJudged);
}

#[test]
fn what_is_under_way_is_not_judged_in_progress() {
    let lines = r#"{"kind":"command","id":"c-1"}
{"kind":"answer","command":"c-1","outcome":"accepted"}
{"kind":"command","id":"c-2"}
"#;
    let history = judged(lines).expect("it is read");
    assert_eq!(super::violated(&history), ["answered-in-time"]);
    let header = r#"{"kind":"history","version":1,"at_rest":false}"#;
    let history = judged(&format!("{header}\n{lines}{}\n", r#"{"kind":"end","lines":3}"#))
        .expect("it is read");
    assert_eq!(super::violated(&history), [""; 0]);
    assert!(!history.is_at_rest);
}
