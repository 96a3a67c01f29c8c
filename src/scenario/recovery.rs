//! Finds all values that do not fit their types, not only the first.
//!
//! Reading stops at the first such value. It is reported and removed from the tree, and the tree is read
//! again.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Position};
use super::notation::{self, Item, Misfit, Node, Shape};
use super::place::{Complaint, Place};
use crate::model::is_unprintable;

/// The number of errors that are reported for one file.
pub(super) const DIAGNOSTICS_MAX: usize = 20;

/// An error and its place.
pub(super) struct Finding {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// A tree that is read repeatedly, with fewer values each time.
pub(super) struct Recovery<'a> {
    text: &'a str,
    tree: Node,
    /// All errors so far.
    pub(super) found: Vec<Finding>,
    /// Where texts begin that must not be printed: nothing else is said about them.
    unprintable: BTreeSet<usize>,
    /// Fields that were removed, by the start of the value around them: they are not missing.
    gone: BTreeSet<(usize, String)>,
    /// Fields of the scenario from which a value was removed.
    pub(super) hurt: BTreeSet<String>,
    /// Whether reading stopped because there are enough errors to report.
    is_unread: bool,
}

impl<'a> Recovery<'a> {
    pub(super) fn new(text: &'a str, mut tree: Node) -> Self {
        let mut found = Vec::new();
        take_out_duplicates(&mut tree, text, &mut found);
        let unprintable = unprintable(&tree, text);
        found.extend(unprintable.iter().map(unprintable_text));
        let unprintable = unprintable.into_iter().map(|span| span.start).collect();
        let (gone, hurt) = (BTreeSet::new(), BTreeSet::new());
        Self { text, tree, found, unprintable, gone, hurt, is_unread: false }
    }

    /// Reads the tree; `None` if it has too many errors.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            match notation::read(self.text, &self.tree) {
                Ok(value) => return Some(value),
                Err(misfit) if self.take_out(&misfit) => {}
                Err(_) => return None,
            }
        }
    }

    /// Reports the value that does not fit and removes it. Returns whether to read again; this ends
    /// because the tree gets smaller each time.
    fn take_out(&mut self, misfit: &Misfit) -> bool {
        let way = misfit.way();
        let trail = trail(&self.tree, way);
        let item = trail.last().map(|(_, item)| *item);
        let node = item.map_or(&self.tree, |item| &item.value);
        let is_gone = misfit
            .missing_field()
            .is_some_and(|field| self.gone.contains(&(node.span.start, field.to_owned())));
        if !is_gone && !self.unprintable.contains(&node.span.start) {
            let (span, message, hint) = misfit.explain(self.text, item, node);
            self.found.push(Finding { span, message, hint });
        }
        let field = trail.first().and_then(|(_, item)| item.name(self.text));
        self.hurt.extend(field.map(str::to_owned));
        // The innermost field or item of a list: only these can be removed.
        let removable = trail.iter().rposition(|(parent, item)| {
            parent.shape == Shape::List || parent.shape == Shape::Parens && item.key.is_some()
        });
        let Some(depth) = removable else { return false };
        let (parent, item) = trail[depth];
        if let (Shape::Parens, Some(name)) = (parent.shape, item.name(self.text)) {
            self.gone.insert((parent.span.start, name.to_owned()));
        }
        let parent =
            way[..depth].iter().fold(&mut self.tree, |node, at| &mut node.items[*at].value);
        parent.items.remove(way[depth]);
        self.is_unread = self.found.len() >= DIAGNOSTICS_MAX;
        !self.is_unread
    }

    /// Reports errors in values that could be read.
    pub(super) fn add(&mut self, complaints: Vec<Complaint>) {
        for Complaint { place, message, hint } in complaints {
            let node = self.tree.nearest(self.text, &place);
            // What it lacks was removed, and is reported already.
            let start = node.span.start;
            let is_known = self.unprintable.contains(&start);
            if !is_known && !self.gone.iter().any(|(gone, _)| *gone == start) {
                self.found.push(Finding { span: node.head(), message, hint });
            }
        }
    }

    /// All errors, in order of lines.
    pub(super) fn diagnostics(mut self, path: &str) -> Vec<Diagnostic> {
        self.found.sort_by_key(|finding| finding.span.start);
        let more = self.is_unread || self.found.len() > DIAGNOSTICS_MAX;
        let of = |Finding { span, message, hint }| {
            Diagnostic::of_span(path, self.text, span, message, hint)
        };
        let found = self.found.into_iter().take(DIAGNOSTICS_MAX);
        let mut diagnostics: Vec<Diagnostic> = found.map(of).collect();
        if more {
            let message = format!("there may be more than these {DIAGNOSTICS_MAX} errors");
            diagnostics.push(Diagnostic::of_file(path, message, "fix these first"));
        }
        diagnostics
    }

    /// Finds the position of a value.
    pub(super) fn positions(&self) -> impl Fn(&Place) -> Position {
        let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines: Vec<usize> = std::iter::once(0).chain(breaks).collect();
        move |place| {
            let at = self.tree.nearest(self.text, place).span.start;
            let line = lines.partition_point(|start| *start <= at);
            let column = self.text[lines[line - 1]..at].chars().count() + 1;
            Position { line, column }
        }
    }
}

/// Reports and removes the second of two fields with the same name, so that the first can be read.
fn take_out_duplicates(node: &mut Node, text: &str, found: &mut Vec<Finding>) {
    let mut names = BTreeSet::new();
    let shape = node.shape;
    node.items.retain(|item| {
        let Some(key) = item.key.as_ref().filter(|_| shape == Shape::Parens) else { return true };
        let name = &text[key.span.clone()];
        let is_first = names.insert(name);
        if !is_first {
            let message = format!("the field `{name}` appears twice");
            let hint = Some("remove one of them".to_owned());
            found.push(Finding { span: key.span.clone(), message, hint });
        }
        is_first
    });
    for item in &mut node.items {
        take_out_duplicates(&mut item.value, text, found);
    }
}

/// The texts with characters that must not be printed, in every field and at any depth: reports would print
/// them to terminals. The lines of a description may be broken, because reports break them anew.
fn unprintable(tree: &Node, text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut todo: Vec<(&Node, bool)> = vec![(tree, false)];
    while let Some((node, is_about)) = todo.pop() {
        if node.shape == Shape::Text {
            let written = &text[node.span.clone()];
            let said: String = ron::from_str(written).unwrap_or_default();
            let is_bad = |c| is_unprintable(c) && !(is_about && matches!(c, '\n' | '\r' | '\t'));
            if said.contains(is_bad) {
                found.push(node.span.clone());
            }
        }
        for item in &node.items {
            // So may those of a scenario within a capsule, which is printed nowhere.
            let is_about = std::ptr::eq(node, tree) && item.name(text) == Some("about")
                || node.name.as_ref().is_some_and(|name| &text[name.clone()] == "Inline");
            todo.extend(item.key.iter().map(|key| (key, false)));
            todo.push((&item.value, is_about));
        }
    }
    found
}

fn unprintable_text(span: &Range<usize>) -> Finding {
    let message =
        "this contains a character that cannot be printed, like a line break or an escape";
    let hint =
        "remove the character: reports print this text to terminals, in the middle of a line";
    Finding { span: span.clone(), message: message.to_owned(), hint: Some(hint.to_owned()) }
}

/// The items on the path to a value, each with the value around it.
fn trail<'n>(tree: &'n Node, way: &[usize]) -> Vec<(&'n Node, &'n Item)> {
    let mut node = tree;
    let step = |at: &usize| {
        let (parent, item) = (node, node.items.get(*at)?);
        node = &item.value;
        Some((parent, item))
    };
    way.iter().map_while(step).collect()
}
