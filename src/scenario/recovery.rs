//! Finds all that does not fit, not only the first.
//!
//! Reading stops at the first value that does not fit. That value is noted and taken out of the tree, and
//! the tree is read again.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Position};
use super::notation::{self, Item, Misfit, Node, Shape};
use super::place::{Complaint, Place};

/// More errors are not reported of one file at a time.
pub(super) const DIAGNOSTICS_MAX: usize = 20;

/// Something wrong, and where.
pub(super) struct Finding {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// A tree that is read again and again, with less in it each time.
pub(super) struct Recovery<'a> {
    text: &'a str,
    tree: Node,
    /// All that was found so far.
    pub(super) found: Vec<Finding>,
    /// Fields that were taken out, by the start of the value around them: they are not missing.
    gone: BTreeSet<(usize, String)>,
    /// Fields of the scenario from which something was taken out.
    pub(super) hurt: BTreeSet<String>,
    /// Whether reading was given up because there was enough to report.
    is_unread: bool,
}

impl<'a> Recovery<'a> {
    pub(super) fn new(text: &'a str, mut tree: Node) -> Self {
        let mut found = Vec::new();
        take_out_duplicates(&mut tree, text, &mut found);
        let (gone, hurt) = (BTreeSet::new(), BTreeSet::new());
        Self { text, tree, found, gone, hurt, is_unread: false }
    }

    /// Reads the tree; `None` if too much is wrong with it.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            match notation::read(self.text, &self.tree) {
                Ok(value) => return Some(value),
                Err(misfit) if self.take_out(&misfit) => {}
                Err(_) => return None,
            }
        }
    }

    /// Notes what is wrong and takes it out; whether it makes sense to read again. Each time there is less
    /// in the tree, so that this comes to an end.
    fn take_out(&mut self, misfit: &Misfit) -> bool {
        let way = misfit.way();
        let trail = trail(&self.tree, way);
        let item = trail.last().copied();
        let node = item.map_or(&self.tree, |item| &item.value);
        let is_gone = misfit
            .missing_field()
            .is_some_and(|field| self.gone.contains(&(node.span.start, field.to_owned())));
        if !is_gone {
            let (span, message, hint) = misfit.explain(self.text, item, node);
            self.found.push(Finding { span, message, hint });
        }
        self.hurt.extend(trail.first().and_then(|item| item.name(self.text)).map(str::to_owned));
        // The innermost field or item of a list: the only values that can be left out.
        let parents = std::iter::once(&self.tree).chain(trail.iter().map(|item| &item.value));
        let pairs: Vec<(&Node, &Item)> = parents.zip(trail.iter().copied()).collect();
        let victim = pairs.iter().rposition(|(parent, item)| {
            parent.shape == Shape::List || parent.shape == Shape::Parens && item.key.is_some()
        });
        let Some(depth) = victim else { return false };
        let (parent, item) = pairs[depth];
        if let (Shape::Parens, Some(name)) = (parent.shape, item.name(self.text)) {
            self.gone.insert((parent.span.start, name.to_owned()));
        }
        let parent =
            way[..depth].iter().fold(&mut self.tree, |node, at| &mut node.items[*at].value);
        parent.items.remove(way[depth]);
        self.is_unread = self.found.len() >= DIAGNOSTICS_MAX;
        !self.is_unread
    }

    /// Notes what is wrong with values that could be read.
    pub(super) fn add(&mut self, complaints: Vec<Complaint>) {
        for Complaint { place, message, hint } in complaints {
            let node = self.tree.nearest(self.text, &place);
            // What it lacks was there, and something else was wrong with it.
            if !self.gone.iter().any(|(start, _)| *start == node.span.start) {
                self.found.push(Finding { span: node.head(), message, hint });
            }
        }
    }

    /// All that was found, in order of lines.
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

    /// Looks up where a value stands.
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

/// Two fields of the same name: the second is taken out, so that the first can be read.
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

/// The items on the way to a value.
fn trail<'n>(tree: &'n Node, way: &[usize]) -> Vec<&'n Item> {
    let mut node = tree;
    let mut trail = Vec::new();
    for at in way {
        let Some(item) = node.items.get(*at) else { break };
        trail.push(item);
        node = &item.value;
    }
    trail
}
