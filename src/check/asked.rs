//! When the commands that are not answered yet were sent.
//!
//! A rejection is decided on a state that was read after the command was sent. It is justified if it was
//! true at some moment since then. Nothing more is known: the facts do not say which version was read.

use super::{FactKinds, kinds};
use crate::collections::SortedMap;
use crate::kernel::Step;
use crate::model::{CommandId, Domain, Fact, Record};

/// The commands that are not answered yet, with the occurrences in which they were first sent.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    since: SortedMap<CommandId, Step>,
}

impl Asked {
    /// The facts that it needs.
    pub const FACTS: FactKinds = kinds!(Commanded Told SagaCommanded SagaTold);

    /// Takes note of a fact.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts are about other things")]
    pub fn observe<D: Domain>(&mut self, record: &Record<D>) {
        match &record.fact {
            Fact::Commanded { request, .. } => self.sent(CommandId::Request(*request), record.step),
            Fact::SagaCommanded { effect, .. } => {
                self.sent(CommandId::Effect(*effect), record.step);
            }
            Fact::Told { request, .. } => drop(self.since.remove(&CommandId::Request(*request))),
            Fact::SagaTold { effect, .. } => drop(self.since.remove(&CommandId::Effect(*effect))),
            _ => {}
        }
    }

    /// When a command was first sent; `None` if its sender does not wait for an answer.
    pub fn since(&self, command: CommandId) -> Option<Step> {
        self.since.get(&command).copied()
    }

    fn sent(&mut self, command: CommandId, step: Step) {
        self.since.entry(command).or_insert(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counters, History, asked, request};
    use crate::model::{Answer, Owed};

    fn since(history: &History) -> Option<Step> {
        let mut sent = Asked::default();
        history.records().iter().for_each(|record| sent.observe::<Counters>(record));
        sent.since(request(1))
    }

    #[test]
    fn a_command_is_asked_from_its_first_copy_to_its_answer() {
        let mut history = History::default();
        assert_eq!(since(&history), None);
        for resend in [false, true] {
            history.fact(Fact::Commanded { request: asked(1), command: 0, resend });
            assert_eq!(since(&history), Some(Step(1)));
        }
        let (owed, answer) = (Owed::Nothing, Answer::Silence);
        history.fact(Fact::Told { request: asked(1), owed, answer });
        assert_eq!(since(&history), None);
    }
}
