//! A run as a sequence diagram of [Mermaid](https://mermaid.js.org/syntax/sequenceDiagram.html), which GitHub
//! and many editors draw.
//!
//! Participants are the nodes that take part, arrows the messages in the order in which they were delivered.
//! Timers and polls are left out. What customers say and are told, what is stored, faults, restarts, waits and
//! what was violated are notes. A diagram of hundreds of arrows is of no use to a reader, so a long run is
//! refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::course::{Class, Occurrence};
use super::{Course, NotExported};
use crate::kernel::{Hold, NodeId, OccurrenceKey};
use crate::model::{FactKind, is_unprintable};
use crate::trace::Line;

/// The most arrows of a diagram.
const ARROWS_MAX: usize = 400;
/// The most characters of a note in one line.
const WIDTH: usize = 60;

/// The run as a sequence diagram.
///
/// # Errors
///
/// When it has too many messages.
pub fn mermaid(course: &Course<'_>) -> Result<String, NotExported> {
    let arrows: Vec<Occurrence<'_>> = course.occurrences().filter(is_shown).collect();
    if arrows.len() > ARROWS_MAX {
        let (format, what) = ("a sequence diagram", "messages");
        return Err(NotExported::TooLong { format, what, count: arrows.len(), most: ARROWS_MAX });
    }
    let notes = course.story.lines().iter().filter(|line| is_noted(line));
    let mut nodes: BTreeSet<NodeId> = notes.map(|line| line.node).collect();
    for Occurrence { delivered, .. } in &arrows {
        nodes.extend([delivered.key.actor.from, delivered.key.actor.to]);
    }
    let mut out = "sequenceDiagram\n".to_owned();
    let _ = writeln!(out, "    %% {}", said(&course.outcome.subject.name));
    for node in &nodes {
        let _ = writeln!(out, "    participant {} as {}", id(*node), said(course.node(*node)));
    }
    let holds =
        course.outcome.request.holds.iter().map(|Hold { delivery, until }| (delivery, until));
    let holds: BTreeMap<&OccurrenceKey, &OccurrenceKey> = holds.collect();
    for line in course.start().iter().filter(|line| is_noted(line)) {
        note(&mut out, &id(line.node), &said_by(course, line));
    }
    for occurrence in course.occurrences() {
        if is_shown(&occurrence) {
            let actor = occurrence.delivered.key.actor;
            let (from, to) = (id(actor.from), id(actor.to));
            let _ = writeln!(out, "    {from}->>{to}: {}", said(&occurrence.title()));
            if let Some(until) = holds.get(&occurrence.delivered.key) {
                let message = occurrence.message();
                note(
                    &mut out,
                    &to,
                    &format!("{message} has waited for {}", awaited(course, until)),
                );
            }
        }
        for line in occurrence.lines().iter().filter(|line| is_noted(line)) {
            note(&mut out, &id(line.node), &said_by(course, line));
        }
    }
    if let (Some(first), Some(last)) = (nodes.first(), nodes.last()) {
        for violated in &course.outcome.violations {
            let text = format!("VIOLATED {}: {}", violated.property, violated.says);
            let over =
                if first == last { id(*first) } else { format!("{},{}", id(*first), id(*last)) };
            note(&mut out, &over, &text);
        }
    }
    Ok(out)
}

fn is_shown(occurrence: &Occurrence<'_>) -> bool {
    occurrence.class() == Class::Message && !occurrence.delivered.is_poll
}

/// Whether a fact has a note: what customers say and are told, what is stored, and what goes wrong. The arrows
/// show none of that.
fn is_noted(line: &Line) -> bool {
    use FactKind::{Commanded, EraseAsked, Fault, Queried, Restarted, Stored, Told};
    [Commanded, EraseAsked, Fault, Queried, Restarted, Stored, Told].contains(&line.kind)
}

/// A fact, with its speaker if that is not the node itself.
fn said_by(course: &Course<'_>, line: &Line) -> String {
    let speaker = &line.speaker.name;
    if speaker == course.node(line.node) {
        line.text.clone()
    } else {
        format!("{speaker} {}", line.text)
    }
}

/// What a message waited for.
fn awaited(course: &Course<'_>, until: &OccurrenceKey) -> String {
    format!("{} at {}", course.title(until), course.names.node(until.actor.to))
}

fn note(out: &mut String, over: &str, text: &str) {
    let _ = writeln!(out, "    Note over {over}: {}", folded(text));
}

/// The name of a participant within the diagram.
fn id(node: NodeId) -> String {
    format!("n{}", node.0)
}

/// A text whose characters mean nothing to Mermaid.
fn said(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '%' | '"' | '\\' => {
                let _ = write!(said, "#{};", u32::from(c));
            }
            c if is_unprintable(c) => said.push(' '),
            c => said.push(c),
        }
    }
    said
}

/// The same in lines of a limited width.
fn folded(text: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line");
        if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    let said = lines.iter().map(|line| said(line));
    said.collect::<Vec<_>>().join("<br/>")
}
