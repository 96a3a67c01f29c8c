//! What customers do: lines of the script, arrivals of the workload, and what follows from an answer.

use std::collections::BTreeSet;

use super::{Action, Deed};
use crate::export::Course;
use crate::kernel::Step;
use crate::model::FactKind;
use crate::trace::{Importance, Line};

/// What the script says, line by line, in order of time.
pub(super) struct Script<'a> {
    course: &'a Course<'a>,
    who: Vec<String>,
    does: Vec<&'a dyn erased_serde::Serialize>,
}

impl<'a> Script<'a> {
    pub(super) fn of(course: &'a Course<'a>) -> Self {
        let lexicon = course.scenario.lexicon();
        Self { course, who: lexicon.lines(), does: lexicon.deeds_as_data() }
    }

    /// The line of this number, which takes place in a step.
    pub(super) fn line(&self, step: Step, number: u64) -> Deed {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let does = place
            .and_then(|place| self.does.get(place))
            .map(|does| serde_json::to_value(does).expect("an action of a script is plain data"));
        let who = place.and_then(|place| self.who.get(place).cloned());
        Deed { who, line: Some(number), does, says: self.says(step), ..Deed::default() }
    }

    /// The arrival of this number, which takes place in a step.
    pub(super) fn arrival(&self, step: Step, number: u64) -> Deed {
        let mut sent = requests(self.course.story.at(step));
        let who = sent.next().map(|line| line.speaker.name.clone());
        Deed { who, arrival: Some(number), says: self.says(step), ..Deed::default() }
    }

    fn says(&self, step: Step) -> Vec<String> {
        requests(self.course.story.at(step)).map(|line| line.text.clone()).collect()
    }

    /// What customers send in other steps than these, such as after an answer.
    pub(super) fn reactions(&self, known: &BTreeSet<Step>) -> Vec<(Step, Action)> {
        let others = requests(self.course.story.lines()).filter(|line| !known.contains(&line.step));
        let deed = |line: &Line| {
            let (who, says) = (Some(line.speaker.name.clone()), vec![line.text.clone()]);
            (line.step, Action::Do(Deed { who, says, ..Deed::default() }))
        };
        others.map(deed).collect()
    }
}

/// The lines in which a customer sends something for the first time.
fn requests(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines.iter().filter(|line| {
        let sends = [FactKind::Commanded, FactKind::Queried, FactKind::EraseAsked];
        sends.contains(&line.kind) && line.importance == Importance::News
    })
}
