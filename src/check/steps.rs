//! `step-once`: what a saga does is on its record first, and is done once.
//!
//! The domain is asked a second time what each record calls for; whatever the orchestrator sends, before
//! and after a restart, must be one of those effects, under the name of its record. A call goes out once,
//! a command as often as it takes but is carried out once. What a network doubles on its way to a service
//! that recognises no resend is not checked here: undoing that is the domain's, and so are its properties.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::streams::Streams;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, Effect, EffectId, Fact, FactKind, Names, Record, Sagas as _, Stored,
    StreamId, Term, Version, Vocabulary,
};

pub(super) const STEP_ONCE: Property = Property {
    id: "step-once",
    when: When::Always,
    says: "each step of a saga is called for by a record of the saga, keeps its content under the \
           same id, and has at most one effect",
};

/// Folds every saga and keeps what its records call for until it is over.
#[derive(Clone, Debug)]
pub(super) struct Steps<D: Domain> {
    names: Arc<Names>,
    tally: Tally,
    sagas: Streams<Option<Fold<D::State>>>,
    called_for: SortedMap<EffectId, Due<D>>,
}

#[derive(Clone, Debug)]
struct Fold<S> {
    state: S,
    /// Up to which record it has come to an end; of what these called for nothing is kept.
    past: Version,
}

/// An effect that a record calls for.
#[derive(Clone, Debug)]
struct Due<D: Domain> {
    effect: Effect<D>,
    /// When it was recorded.
    recorded: Step,
    /// When it was first sent.
    sent: Option<Step>,
    /// When what it led to was stored.
    stored: Option<Step>,
}

impl<D: Domain> Checker<D> for Steps<D> {
    const PROPERTIES: &'static [Property] = &[STEP_ONCE];
    const FACTS: FactKinds =
        FactKinds::of(&[FactKind::Stored, FactKind::SagaCommanded, FactKind::Called]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            tally: Tally::new(&STEP_ONCE),
            sagas: Streams::default(),
            called_for: SortedMap::new(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        match &record.fact {
            Fact::Stored(event) => match event.metadata.id.command {
                CommandId::Progress { saga, .. } if saga == event.stream => {
                    self.recorded(domain, event, record.step);
                }
                CommandId::Effect(effect) => self.carried_out(domain, effect, record, violations),
                CommandId::Progress { .. } | CommandId::Request(_) => {}
            },
            Fact::SagaCommanded { effect, command, .. } => {
                let means = |due: &Effect<D>| matches!(due, Effect::Command(c) if c == command);
                let what = Term::Command(command);
                self.sent(domain, *effect, what, means, record, violations);
            }
            Fact::Called { effect, service, request, .. } => {
                let means = |due: &Effect<D>| match due {
                    Effect::Call { service: whom, request: what, .. } => {
                        whom == service && what == request
                    }
                    Effect::Command(_) | Effect::SetTimer(..) | Effect::CancelTimer(_) => false,
                };
                let what = Term::Request(*service, request);
                let before = self.sent(domain, *effect, what, means, record, violations);
                let (first, tally) = (before.is_none(), &mut self.tally);
                tally.check(first, record.at, record.step, violations, || {
                    let vocabulary = Vocabulary { domain, names: &self.names };
                    let (name, what) = (vocabulary.effect(*effect), vocabulary.term(what));
                    let says = format!("{name} asks for \"{what}\" a second time, asked blindly");
                    (says, because([before.unwrap_or_default(), record.step]))
                });
            }
            _ => {}
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl<D: Domain> Steps<D> {
    fn recorded(&mut self, domain: &D, event: &Stored<D::Event>, step: Step) {
        let (saga, version) = (event.stream, event.version);
        let fresh = || Fold { state: domain.blank(saga), past: Version(0) };
        let fold = self.sagas.entry(saga).get_or_insert_with(fresh);
        let mut effects = Vec::new();
        for part in event.native(domain).iter() {
            domain.evolve(&mut fold.state, part);
            effects.extend(D::Sagas::effects(domain, &fold.state, part));
        }
        if D::Sagas::is_over(domain, &fold.state) {
            fold.past = version;
            let earlier = name(saga, Version(0), 0)..name(saga, version, 0);
            let gone: Vec<_> = self.called_for.range(earlier).map(|(&name, _)| name).collect();
            for name in gone {
                self.called_for.remove(&name);
            }
        }
        for (effect, nth) in effects.into_iter().zip(0..) {
            match effect {
                Effect::Command(_) | Effect::Call { .. } => {
                    let due = Due { effect, recorded: step, sent: None, stored: None };
                    self.called_for.insert(name(saga, version, nth), due);
                }
                // What a timer does is checked by `timer-honest`.
                Effect::SetTimer(..) | Effect::CancelTimer(_) => {}
            }
        }
    }

    /// Whether nothing can be said of an effect any more: its saga has come to an end since.
    fn is_past(&self, effect: EffectId) -> bool {
        let fold = self.sagas.get(effect.saga).and_then(Option::as_ref);
        !self.called_for.contains_key(&effect)
            && fold.is_some_and(|fold| effect.version <= fold.past)
    }

    /// Something is sent under the name of an effect; when it was sent before.
    fn sent(
        &mut self,
        domain: &D,
        effect: EffectId,
        what: Term<'_, D>,
        means: impl FnOnce(&Effect<D>) -> bool,
        record: &Record<D>,
        violations: &mut Violations,
    ) -> Option<Step> {
        if self.is_past(effect) {
            return None;
        }
        let due = self.called_for.get_mut(&effect);
        let recorded = due.as_ref().map_or(Step(0), |due| due.recorded);
        let meant = due.as_ref().is_some_and(|due| means(&due.effect));
        let before = due.and_then(|due| due.sent.replace(due.sent.unwrap_or(record.step)));
        self.tally.check(meant, record.at, record.step, violations, || {
            let vocabulary = Vocabulary { domain, names: &self.names };
            let (name, what) = (vocabulary.effect(effect), vocabulary.term(what));
            let says = match recorded {
                Step(0) => format!("{name} sends \"{what}\", but no such step is on record"),
                _ => format!("{name} sends \"{what}\", but its record calls for something else"),
            };
            (says, because([recorded, record.step]))
        });
        before
    }

    /// An event that a saga's command led to is stored.
    fn carried_out(
        &mut self,
        domain: &D,
        effect: EffectId,
        record: &Record<D>,
        violations: &mut Violations,
    ) {
        if self.is_past(effect) {
            return;
        }
        let due = self.called_for.get_mut(&effect);
        let known = due.is_some();
        let before = due.and_then(|due| due.stored.replace(due.stored.unwrap_or(record.step)));
        // All events of a transaction become visible at once.
        let once = known && before.is_none_or(|before| before == record.step);
        self.tally.check(once, record.at, record.step, violations, || {
            let name = Vocabulary { domain, names: &self.names }.effect(effect);
            let says = match known {
                true => format!("{name} is carried out a second time"),
                false => format!("{name} is carried out, but no such step is on record"),
            };
            (says, because([before.unwrap_or_default(), record.step]))
        });
    }
}

const fn name(saga: StreamId, version: Version, nth: u8) -> EffectId {
    EffectId { saga, version, nth }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, Counters, History, counter, saga};
    use crate::model::ServiceId;

    const COMMAND: EffectId = name(saga(0), Version(1), 0);
    const CALL: EffectId = name(saga(0), Version(1), 1);

    fn begun() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        history
    }

    fn commands(history: &mut History, effect: EffectId, command: u8, again: bool) {
        history.fact(Fact::SagaCommanded { effect, command, again });
    }

    fn calls(history: &mut History, effect: EffectId) {
        let (service, request) = (ServiceId(0), 1);
        history.fact(Fact::Called { effect, service, request, again: false });
    }

    fn leads_to(history: &mut History, effect: EffectId) {
        history.append_as(CommandId::Effect(effect), &[(counter(0), Counted::Added(1))]);
    }

    #[test]
    fn a_command_may_be_sent_again_and_is_carried_out_once() {
        let mut history = begun();
        commands(&mut history, COMMAND, 0, false);
        calls(&mut history, CALL);
        commands(&mut history, COMMAND, 0, true);
        leads_to(&mut history, COMMAND);
        commands(&mut history, COMMAND, 0, true);
        assert_eq!(history.accepted_by::<Steps<Counters>>(), 6);
        history.progress(0, Counted::Ended);
        commands(&mut history, COMMAND, 0, true);
        assert_eq!(history.accepted_by::<Steps<Counters>>(), 6, "what is over is past");
        history.progress(0, Counted::Began);
        commands(&mut history, COMMAND, 0, true);
        assert_eq!(history.accepted_by::<Steps<Counters>>(), 6, "also if the saga begins again");
    }

    #[test]
    fn a_step_that_is_taken_before_it_is_recorded_is_rejected() {
        let mut history = History::default();
        calls(&mut history, CALL);
        history.rejected_by::<Steps<Counters>>("step-once", "no such step is on record");
        let mut history = begun();
        commands(&mut history, name(saga(0), Version(2), 0), 0, false);
        history.rejected_by::<Steps<Counters>>("step-once", "no such step is on record");
    }

    #[test]
    fn one_name_for_two_things_is_rejected() {
        let mut history = begun();
        commands(&mut history, COMMAND, 3, false);
        history.rejected_by::<Steps<Counters>>("step-once", "calls for something else");
    }

    #[test]
    fn a_call_that_is_repeated_blindly_is_rejected() {
        let mut history = begun();
        calls(&mut history, CALL);
        calls(&mut history, CALL);
        history.rejected_by::<Steps<Counters>>("step-once", "a second time");
    }

    #[test]
    fn a_command_that_is_carried_out_twice_is_rejected() {
        let mut history = begun();
        commands(&mut history, COMMAND, 0, false);
        leads_to(&mut history, COMMAND);
        leads_to(&mut history, COMMAND);
        history.rejected_by::<Steps<Counters>>("step-once", "carried out a second time");
    }
}
