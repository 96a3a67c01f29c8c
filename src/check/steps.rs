//! `step-once` and `handed-over-with-cause`: every effect of a saga is on record first, and takes effect
//! once; and a saga gives up only what is undecided.
//!
//! The domain is asked again which effects each record has. Everything that the orchestrator sends, before
//! and after a restart, must be one of those effects, under the name of its record. A call is sent once. A
//! command may be sent often but takes effect once. A network may duplicate a call to a service that does
//! not recognise resends; that is not checked here but by the domain's properties.

use crate::collections::SortedMap;

use super::active::Active;
use super::folds::{before, is_progress, is_progress_of};
use super::handovers::Handovers;
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, Effect, EffectId, Fact, Record, Sagas as _, Stored, StreamId, Term, Version,
};

pub(super) const STEP_ONCE: Property = Property {
    id: "step-once",
    when: When::Always,
    says: "every effect of a saga follows from one of its recorded events, is identical on each retry, \
           and takes effect at most once",
};

pub(super) const HANDED_OVER_WITH_CAUSE: Property = Property {
    id: "handed-over-with-cause",
    when: When::Always,
    says: "a saga is handed to an operator only if the last thing that it has asked for was refused, was \
           not answered, or was answered by a service, or if only a person can do what is left",
};

/// Folds every saga and keeps the effects of its records until the saga is over.
#[derive(Clone, Debug)]
pub(super) struct Steps<D: Domain> {
    handovers: Handovers,
    states: Active<D::State>,
    /// The record that ended each saga last. Effects of the records up to it are not kept.
    past: Streams<Version>,
    due: SortedMap<EffectId, Due<D>>,
}

/// An effect of a record.
#[derive(Clone, Debug)]
struct Due<D: Domain> {
    effect: Effect<D>,
    /// When it was recorded.
    recorded: Step,
    /// When it was first sent.
    sent: Option<Step>,
    /// When its events became visible.
    stored: Option<Step>,
}

impl<D: Domain> Default for Steps<D> {
    fn default() -> Self {
        let (handovers, states, past) = Default::default();
        Self { handovers, states, past, due: SortedMap::new() }
    }
}

impl<D: Domain> Checker<D> for Steps<D> {
    const PROPERTIES: &'static [Property] = &[STEP_ONCE, HANDED_OVER_WITH_CAUSE];
    const FACTS: FactKinds = kinds!(Stored SagaCommanded SagaTold Called Replied GaveUp NotCalled);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        self.handovers.note(&record.fact, record.step);
        match &record.fact {
            Fact::Stored(event) => match event.metadata.id.command {
                _ if is_progress(event) => self.recorded(event, checks),
                CommandId::Effect(effect) => self.carried_out(effect, checks),
                CommandId::Progress { .. } | CommandId::Request(_) => {}
            },
            Fact::SagaCommanded { effect, command, .. } => {
                let means = |due: &Effect<D>| matches!(due, Effect::Command(c) if c == command);
                self.sent(*effect, Term::Command(command), means, checks);
            }
            Fact::Called { effect, service, request, .. } => {
                let means = |due: &Effect<D>| match due {
                    Effect::Call { service: whom, request: what, .. } => {
                        whom == service && what == request
                    }
                    Effect::Command(_) | Effect::SetTimer(..) | Effect::CancelTimer(_) => false,
                };
                let what = Term::Request(*service, request);
                let before = self.sent(*effect, what, means, checks);
                let because = [before.unwrap_or_default(), record.step];
                checks.that(&STEP_ONCE, before.is_none(), because, |words| {
                    let (name, what) = (words.effect(*effect), words.term(what));
                    format!("{name} repeats the call \"{what}\", whose outcome is not known")
                });
            }
            _ => {}
        }
    }
}

impl<D: Domain> Steps<D> {
    fn recorded(&mut self, event: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let (domain, step) = (checks.words.domain, checks.step());
        let (saga, version) = (event.stream, event.version);
        let archive = checks.archive;
        let state = self
            .states
            .entry(saga, || before(domain, archive, event, |id| is_progress_of(saga, id)));
        let was_handed_over = D::Sagas::handed_over(domain, state).is_some();
        let mut effects = Vec::new();
        for part in event.native(domain).iter() {
            domain.evolve(state, part);
            effects.extend(D::Sagas::effects(domain, state, part));
        }
        let why = D::Sagas::handed_over(domain, state);
        if let Some(why) = why.filter(|_| !was_handed_over) {
            let by_hand = D::Sagas::is_done_by_hand(domain, state).then_some(step);
            let cause = self.handovers.take_cause(saga).or(by_hand);
            let because = [cause.unwrap_or_default(), step];
            checks.that(&HANDED_OVER_WITH_CAUSE, cause.is_some(), because, |words| {
                let saga = words.stream(saga);
                format!(
                    "{saga} is handed to an operator ({why}), but nothing that it has asked for was \
                     refused or is without an answer"
                )
            });
        }
        if D::Sagas::is_over(domain, state) {
            self.handovers.over(saga);
            *self.past.entry(saga) = version;
            let earlier = name(saga, Version(0), 0)..name(saga, version, 0);
            let gone: Vec<_> = self.due.range(earlier).map(|(&name, _)| name).collect();
            for name in gone {
                self.due.remove(&name);
            }
        }
        for (effect, nth) in effects.into_iter().zip(0..) {
            match effect {
                Effect::Command(_) | Effect::Call { .. } => {
                    let due = Due { effect, recorded: step, sent: None, stored: None };
                    self.due.insert(name(saga, version, nth), due);
                }
                // Timers are checked by `timer-honest`.
                Effect::SetTimer(..) | Effect::CancelTimer(_) => {}
            }
        }
    }

    /// Whether an effect can no longer be checked, because its saga has ended since.
    fn is_past(&self, effect: EffectId) -> bool {
        let past = self.past.get(effect.saga);
        !self.due.contains_key(&effect) && past.is_some_and(|past| effect.version <= *past)
    }

    /// Checks what is sent under the name of an effect; returns when it was sent before.
    fn sent(
        &mut self,
        effect: EffectId,
        what: Term<'_, D>,
        means: impl FnOnce(&Effect<D>) -> bool,
        checks: &mut Checks<'_, D>,
    ) -> Option<Step> {
        if self.is_past(effect) {
            return None;
        }
        let (due, step) = (self.due.get_mut(&effect), checks.step());
        let recorded = due.as_ref().map_or(Step(0), |due| due.recorded);
        let meant = due.as_ref().is_some_and(|due| means(&due.effect));
        let before = due.and_then(|due| due.sent.replace(due.sent.unwrap_or(step)));
        checks.that(&STEP_ONCE, meant, [recorded, step], |words| {
            let (name, what) = (words.effect(effect), words.term(what));
            match recorded {
                Step(0) => format!("{name} sends \"{what}\", but no such step is on record"),
                _ => format!("{name} sends \"{what}\", but its record has a different effect"),
            }
        });
        before
    }

    /// An event of a saga's command became visible.
    fn carried_out(&mut self, effect: EffectId, checks: &mut Checks<'_, D>) {
        if self.is_past(effect) {
            return;
        }
        let (due, step) = (self.due.get_mut(&effect), checks.step());
        let known = due.is_some();
        let before = due.and_then(|due| due.stored.replace(due.stored.unwrap_or(step)));
        // All events of a transaction become visible at once.
        let once = known && before.is_none_or(|before| before == step);
        checks.that(&STEP_ONCE, once, [before.unwrap_or_default(), step], |words| {
            let name = words.effect(effect);
            match known {
                true => format!("{name} is carried out a second time"),
                false => format!("{name} is carried out, but no such step is on record"),
            }
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
    use crate::model::{CommandOutcome, ServiceId, Token};

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

    fn gives_up(history: &mut History) {
        history.progress(0, Counted::Stuck);
    }

    #[test]
    fn a_saga_that_is_handed_over_with_a_cause_is_accepted() {
        let (service, command) = (ServiceId(0), 0);
        let replied = Fact::Replied { saga: saga(0), service, reply: 1, webhook: false };
        let verdict = CommandOutcome::Refused(1);
        for cause in [
            Fact::GaveUp { effect: CALL, service, request: 1 },
            replied.clone(),
            Fact::SagaTold { effect: COMMAND, command, verdict },
        ] {
            let mut history = begun();
            calls(&mut history, CALL);
            commands(&mut history, COMMAND, command, false);
            history.fact(cause);
            gives_up(&mut history);
            history.accepted_by::<Steps<Counters>>();
        }
        let mut history = begun();
        commands(&mut history, COMMAND, command, false);
        gives_up(&mut history);
        history.accepted_by::<Steps<Counters>>();
        let mut history = begun();
        history.progress(0, Counted::Shelved);
        history.accepted_by::<Steps<Counters>>();
    }

    #[test]
    fn a_saga_that_is_handed_over_without_a_cause_is_rejected() {
        let says = "s-0 is handed to an operator (no answer), but nothing that it has asked for";
        let rejected = |history: History| {
            history.rejected_by::<Steps<Counters>>("handed-over-with-cause", says)
        };
        let mut history = begun();
        gives_up(&mut history);
        rejected(history);
        let mut history = begun();
        commands(&mut history, COMMAND, 0, false);
        let verdict = CommandOutcome::Accepted(Token { stream: counter(0), version: Version(2) });
        history.fact(Fact::SagaTold { effect: COMMAND, command: 0, verdict });
        gives_up(&mut history);
        rejected(history);
        let mut history = begun();
        calls(&mut history, CALL);
        history.fact(Fact::GaveUp { effect: CALL, service: ServiceId(0), request: 1 });
        gives_up(&mut history);
        history.progress(0, Counted::Began);
        gives_up(&mut history);
        rejected(history);
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
        history.rejected_by::<Steps<Counters>>("step-once", "has a different effect");
    }

    #[test]
    fn a_call_that_is_repeated_blindly_is_rejected() {
        let mut history = begun();
        calls(&mut history, CALL);
        calls(&mut history, CALL);
        history.rejected_by::<Steps<Counters>>("step-once", "repeats the call");
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
