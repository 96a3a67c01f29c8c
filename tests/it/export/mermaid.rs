//! The sequence diagram, read by a strict parser of the part of Mermaid that it uses.

use jetlag::export::NotExported;
use jetlag::model::FactKind;

use super::{Run, is_message, message, shipped};

const ARROWS_MAX: usize = 400;

/// A line of a diagram.
#[derive(Debug, PartialEq)]
enum Line {
    Comment,
    Participant { id: String, name: String },
    Arrow { from: String, to: String, text: String },
    Note { over: Vec<String>, text: String },
}

/// A text without the escapes of Mermaid. Nothing that means something to Mermaid is left in it.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (nth, line) in text.split("<br/>").enumerate() {
        plain.push_str(if nth == 0 { "" } else { " " });
        let mut parts = line.split('#');
        let first = parts.next().expect("a split has a part");
        assert!(!first.contains([';', '<', '>', '%']), "{text}");
        plain.push_str(first);
        for part in parts {
            let (code, rest) = part.split_once(';').unwrap_or_else(|| panic!("{text}"));
            plain.push(char::from_u32(code.parse().expect("a number")).expect("a character"));
            assert!(!rest.contains([';', '<', '>', '%']), "{text}");
            plain.push_str(rest);
        }
    }
    plain
}

fn parse(text: &str) -> Vec<Line> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("sequenceDiagram"));
    let id = |word: &str| {
        let digits = word.strip_prefix('n').unwrap_or_else(|| panic!("{word} is no participant"));
        assert!(digits.chars().all(|c| c.is_ascii_digit()) && !digits.is_empty(), "{word}");
        word.to_owned()
    };
    let line = |line: &str| {
        let line = line.strip_prefix("    ").unwrap_or_else(|| panic!("{line}"));
        if line.starts_with("%% ") {
            return Line::Comment;
        }
        if let Some(rest) = line.strip_prefix("participant ") {
            let (word, name) = rest.split_once(" as ").expect("a participant has a name");
            return Line::Participant { id: id(word), name: plain(name) };
        }
        let (head, text) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        assert!(!text.is_empty(), "{line}");
        if let Some(over) = head.strip_prefix("Note over ") {
            return Line::Note { over: over.split(',').map(id).collect(), text: plain(text) };
        }
        let (from, to) = head.split_once("->>").unwrap_or_else(|| panic!("{line}"));
        Line::Arrow { from: id(from), to: id(to), text: plain(text) }
    };
    lines.map(line).collect()
}

/// Compares the diagram with the run; whether there is one.
pub(super) fn check(run: &Run) -> bool {
    let shown = |delivered: &&_| is_message(delivered) && !delivered.is_poll;
    let messages: Vec<_> = run.outcome.deliveries.iter().filter(shown).collect();
    let diagram = jetlag::export::mermaid(&run.course());
    if messages.len() > ARROWS_MAX {
        let (format, what, count) = ("a sequence diagram", "messages", messages.len());
        let refused = NotExported::TooLong { format, what, count, most: ARROWS_MAX };
        assert_eq!(diagram, Err(refused), "{}", run.file);
        return false;
    }
    let lines = parse(&diagram.expect("the run is short"));
    let mut names = std::collections::BTreeMap::new();
    let (mut arrows, mut notes) = (Vec::new(), Vec::new());
    for line in &lines {
        match line {
            Line::Comment => {}
            Line::Participant { id, name } => {
                assert!(arrows.is_empty() && notes.is_empty(), "participants come first");
                assert!(names.insert(id, name).is_none(), "{id} twice");
            }
            Line::Arrow { from, to, text } => arrows.push((names[from], names[to], text)),
            Line::Note { over, text } => {
                assert!(over.iter().all(|id| names.contains_key(id)), "{over:?}");
                notes.push(text);
            }
        }
    }
    assert_eq!(arrows.len(), messages.len(), "{}", run.file);
    for ((from, to, text), delivered) in arrows.iter().zip(&messages) {
        assert_eq!((run.from(delivered), to.as_str()), (Some(from.as_str()), run.node(delivered)));
        assert!(text.starts_with(message(delivered)), "{text}");
    }
    let story = run.outcome.story.as_ref().expect("a story").lines();
    for fault in story.iter().filter(|line| line.kind == FactKind::Fault) {
        // A note is folded between words, and has single spaces.
        assert!(notes.iter().any(|note| **note == fault.text), "{} is missing", fault.text);
    }
    for violated in &run.outcome.violations {
        let says = format!("VIOLATED {}: {}", violated.property, violated.says);
        assert_eq!(notes.last(), Some(&&says), "{}", run.file);
    }
    true
}

#[test]
fn the_diagram_of_every_shipped_run_has_its_messages_or_is_refused() {
    let drawn = shipped().iter().filter(|run| check(run)).count();
    assert!(drawn >= 3, "only {drawn} runs are short enough");
}

#[test]
fn a_message_that_waited_has_a_note() {
    let mut found = 0;
    for run in super::with_holds() {
        if check(&run) {
            let diagram = jetlag::export::mermaid(&run.course()).expect("it was drawn before");
            let notes = parse(&diagram).into_iter().filter(
                |line| matches!(line, Line::Note { text, .. } if text.contains(" has waited for ")),
            );
            assert_eq!(notes.count(), super::waited(&run), "{}", run.file);
            found += 1;
        }
    }
    assert!(found > 0, "no diagram has one");
}

#[test]
fn names_cannot_break_out_of_a_diagram() {
    let text = r#"(
        name: "one; two %% three ->> four",
        domain: Orders(),
        script: [(who: "an;a: #1 <b>", does: MyOrders)],
    )"#;
    let scenario = jetlag::domains::harness().load("names.ron", text.as_bytes());
    let scenario = scenario.expect("a name can be any text");
    let outcome = scenario.run(&jetlag::export::logged(scenario.request()));
    let run = Run { file: "names.ron".to_owned(), scenario, outcome };
    assert!(check(&run));
    let lines = parse(&jetlag::export::mermaid(&run.course()).expect("it was drawn before"));
    let is_of_the_customer = |line: &&Line| matches!(line, Line::Arrow { text, .. } | Line::Note { text, .. } if text.contains("an;a: #1 <b>"));
    assert!(lines.iter().filter(is_of_the_customer).count() > 2, "{lines:?}");
}
