//! Two stories side by side: what led to the violation, and what happened instead in the run that holds.

use std::collections::BTreeSet;

use super::Sibling;
use crate::kernel::{Instant, Step, Stop};
use crate::session::RunOutcome;
use crate::trace::{Entity, EntityKind, Line, Story};

/// How many lines before the runs part are shown.
const BEFORE: usize = 5;

/// How many lines of the run that holds are shown after that.
const AFTER_MAX: usize = 24;

/// What happened in the run that holds and in the failed one: the same line in both, or a line of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The line of the run that holds.
    pub holds: Option<Line>,
    /// The line of the failed run.
    pub fails: Option<Line>,
}

/// The lines that led to the violation beside those of the sibling that are about the same. Without a sibling those of
/// the failed run alone.
pub(super) fn pairs(failed: &RunOutcome, sibling: Option<&Sibling>) -> Vec<Pair> {
    let Some(story) = &failed.story else { return Vec::new() };
    let led = slice(failed, story);
    let Some((sibling, other)) = sibling.and_then(|it| Some((it, it.outcome.story.as_ref()?)))
    else {
        return led
            .into_iter()
            .map(|line| Pair { holds: None, fails: Some(line.clone()) })
            .collect();
    };
    let (step, at) = sibling.differs_at;
    let begin = led.partition_point(|line| line.step < step);
    let before = led[begin.saturating_sub(BEFORE)..begin].iter();
    let shared =
        before.map(|line| Pair { holds: Some((*line).clone()), fails: Some((*line).clone()) });
    let fails = &led[begin..];
    let named = |lines: &[&'_ Line]| -> BTreeSet<String> {
        lines.iter().flat_map(|line| subjects(line)).map(str::to_owned).collect()
    };
    let about = named(fails);
    // A fault alone is about nothing.
    let about = if about.is_empty() { named(&led) } else { about };
    let until = failed.violations.first().map_or(Instant::MAX, |violated| violated.at);
    let is_about = |line: &&Line| subjects(line).any(|name| about.contains(name));
    let after = other.lines().iter().skip_while(|line| line.step < step || line.at < at);
    let after = after.take_while(|line| line.at <= until).filter(is_about);
    let holds: Vec<&Line> = after.take(AFTER_MAX).collect();
    shared.chain(aligned(&holds, fails)).collect()
}

/// The lines that led to the first violation, in order: those of the steps that the property names, and what led to
/// them.
pub(super) fn slice<'a>(failed: &RunOutcome, story: &'a Story) -> Vec<&'a Line> {
    let Some(violated) = failed.violations.first() else {
        return story.lines().iter().collect();
    };
    let mut steps: BTreeSet<Step> = violated.why.iter().map(|why| why.step).collect();
    // A violation that is found at rest is found in the last step, which explains nothing.
    if steps.is_empty() || failed.stop == Stop::Halted {
        steps.insert(violated.step);
    }
    let from = |step: &Step| story.path_to(*step);
    let all: BTreeSet<Step> = steps.iter().flat_map(from).chain(steps.iter().copied()).collect();
    story.lines().iter().filter(|line| all.contains(&line.step)).collect()
}

/// The streams that a line is about: bookings, orders, accounts and their sagas.
fn subjects(line: &Line) -> impl Iterator<Item = &str> {
    let is_stream = |about: &&Entity| about.kind == EntityKind::Stream;
    let about = line.about.iter().filter(is_stream).map(|about| about.name.as_str());
    about.chain((line.speaker.role == "saga").then_some(line.speaker.name.as_str()))
}

/// Puts lines that say the same beside each other, as many as possible in order; the others stand alone.
fn aligned(holds: &[&Line], fails: &[&Line]) -> Vec<Pair> {
    let same = |a: &Line, b: &Line| a.speaker == b.speaker && a.text == b.text;
    let (rows, columns) = (holds.len(), fails.len());
    // The length of the longest common subsequence of what is left from each pair of places on.
    let mut longest = vec![vec![0_u32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = match same(holds[row], fails[column]) {
                true => longest[row + 1][column + 1] + 1,
                false => longest[row + 1][column].max(longest[row][column + 1]),
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < rows || column < columns {
        let (hold, fail) = (holds.get(row).copied(), fails.get(column).copied());
        let (hold, fail) =
            match (hold, fail) {
                (Some(hold), Some(fail)) if same(hold, fail) => (Some(hold), Some(fail)),
                (Some(hold), Some(_)) if longest[row + 1][column] > longest[row][column + 1] => {
                    (Some(hold), None)
                }
                (Some(hold), Some(fail))
                    if longest[row + 1][column] == longest[row][column + 1] =>
                {
                    if hold.at <= fail.at { (Some(hold), None) } else { (None, Some(fail)) }
                }
                (Some(hold), None) => (Some(hold), None),
                (_, fail) => (None, fail),
            };
        row += usize::from(hold.is_some());
        column += usize::from(fail.is_some());
        pairs.push(Pair { holds: hold.cloned(), fails: fail.cloned() });
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FactKind;
    use crate::trace::{Importance, Speaker};

    /// Lines that say these words, one a second.
    fn lines(words: &str) -> Vec<Line> {
        let line = |(at, text): (u64, &str)| Line {
            step: Step(at),
            part: 0,
            at: Instant::ZERO + crate::kernel::Span::from_secs(at),
            node: crate::kernel::NodeId(0),
            speaker: Speaker { name: "ana".to_owned(), role: "customer" },
            about: Vec::new(),
            cause: None,
            correlation: None,
            importance: Importance::News,
            kind: FactKind::Stored,
            text: text.to_owned(),
        };
        (1..).zip(words.split(' ')).map(line).collect()
    }

    fn beside(holds: &str, fails: &str) -> String {
        let (holds, fails) = (lines(holds), lines(fails));
        let pairs = aligned(&holds.iter().collect::<Vec<_>>(), &fails.iter().collect::<Vec<_>>());
        let say =
            |line: &Option<Line>| line.as_ref().map_or("-".to_owned(), |line| line.text.clone());
        let pair = |pair: &Pair| format!("{}|{}", say(&pair.holds), say(&pair.fails));
        pairs.iter().map(pair).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_that_say_the_same_stand_beside_each_other() {
        assert_eq!(beside("a b c", "a x c"), "a|a b|- -|x c|c");
        assert_eq!(beside("a b", "b c"), "a|- b|b -|c");
        assert_eq!(beside("a", "b"), "a|- -|b");
        assert_eq!(beside("a a", "a"), "a|a a|-");
    }
}
