//! `timer-honest`: what a saga's durable timers promise.
//!
//! A timer goes by the clock of the node that keeps it. A record says what time it truly was, so a timer
//! may seem early by as much as that node's clock was ever ahead, and by nothing more.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::streams::Streams;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::{CLOCK_AHEAD, Instant, NodeId, Span, Step};
use crate::model::{
    CommandId, Domain, Fact, FactKind, Names, Record, Rest, Sagas as _, Stored, StreamId, Term,
    Vocabulary,
};

pub(super) const TIMER_HONEST: Property = Property {
    id: "timer-honest",
    when: When::AlwaysAndAtRest,
    says: "no timer fires early, every timer that is set fires or is cancelled, and one that fires \
           after the end of its saga changes nothing",
};

type Key = (StreamId, u8);

/// Remembers what is set, and of each saga whether it is over.
#[derive(Clone, Debug)]
pub(super) struct Timers<D: Domain> {
    names: Arc<Names>,
    tally: Tally,
    /// How far each node's clock was ahead at most.
    ahead: SortedMap<NodeId, Span>,
    timers: SortedMap<Key, Set>,
    sagas: Streams<Option<Watched<D::State>>>,
}

/// A timer that was set.
#[derive(Clone, Copy, Debug)]
struct Set {
    due: Instant,
    step: Step,
    fired: bool,
}

/// A saga that has recorded something.
#[derive(Clone, Debug)]
struct Watched<S> {
    state: S,
    over: bool,
    /// Whether anything else than a timer has reached it since its end.
    news: bool,
    /// When a timer of it first fired after its end.
    late: Option<Step>,
}

impl<D: Domain> Checker<D> for Timers<D> {
    const PROPERTIES: &'static [Property] = &[TIMER_HONEST];
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Stored,
        FactKind::TimerSet,
        FactKind::TimerCancelled,
        FactKind::TimerFired,
        FactKind::Fault,
        FactKind::Replied,
        FactKind::GaveUp,
        FactKind::SagaTold,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            tally: Tally::new(&TIMER_HONEST),
            ahead: SortedMap::new(),
            timers: SortedMap::new(),
            sagas: Streams::default(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        match &record.fact {
            Fact::Fault(fired) if *fired.fault == CLOCK_AHEAD => {
                let most = self.ahead.entry(fired.actor.to).or_insert(Span::ZERO);
                *most = (*most).max(Span::from_micros(fired.size));
            }
            Fact::TimerSet { saga, timer, due } => {
                let set = Set { due: *due, step: record.step, fired: false };
                self.timers.insert((*saga, *timer), set);
            }
            Fact::TimerCancelled { saga, timer } => {
                self.timers.remove(&(*saga, *timer));
            }
            Fact::TimerFired { saga, timer, due } => {
                self.fired(domain, (*saga, *timer), *due, record, violations);
            }
            Fact::Replied { saga, .. } => self.news(*saga),
            Fact::GaveUp { effect, .. } | Fact::SagaTold { effect, .. } => self.news(effect.saga),
            Fact::Stored(event) => match event.metadata.id.command {
                CommandId::Progress { saga, .. } if saga == event.stream => {
                    self.recorded(domain, event, record, violations);
                }
                CommandId::Progress { .. } | CommandId::Request(_) | CommandId::Effect(_) => {
                    if let Some(saga) = D::Sagas::saga_of(event.stream) {
                        self.news(saga);
                    }
                }
            },
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        // Of a saga that is over only what has not fired is asked about.
        let over = |saga| self.sagas.get(saga).and_then(Option::as_ref).is_some_and(|it| it.over);
        let asked = |(key, set): &(&Key, &Set)| !(set.fired && over(key.0));
        for (&(saga, timer), set) in self.timers.iter().filter(asked) {
            self.tally.check(set.fired, rest.at, rest.step, violations, || {
                let vocabulary = Vocabulary { domain: rest.domain, names: rest.names };
                let (saga, what) = (vocabulary.stream(saga), vocabulary.term(Term::Timer(timer)));
                let says = format!(
                    "{saga} set a timer ({what}) for {}; it never fired and was not cancelled",
                    set.due
                );
                (says, because([set.step]))
            });
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl<D: Domain> Timers<D> {
    /// Something else than a timer has reached a saga.
    fn news(&mut self, saga: StreamId) {
        if let Some(watched) = self.sagas.entry(saga) {
            watched.news = true;
        }
    }

    fn fired(
        &mut self,
        domain: &D,
        key @ (saga, timer): Key,
        due: Instant,
        record: &Record<D>,
        violations: &mut Violations,
    ) {
        let (at, step) = (record.at, record.step);
        let ahead = self.ahead.get(&record.node).copied().unwrap_or(Span::ZERO);
        let set = self.timers.get(&key).copied();
        let since = set.map_or(Step(0), |set| set.step);
        let names = Arc::clone(&self.names);
        let told = || {
            let vocabulary = Vocabulary { domain, names: &names };
            let what = vocabulary.term(Term::Timer(timer));
            format!("{} is told that a timer ({what}) is due at {due}", vocabulary.stream(saga))
        };
        self.tally.check(at + ahead >= due, at, step, violations, || {
            (format!("{}, but it is only {at}", told()), because([since, step]))
        });
        let meant = set.is_some_and(|set| set.due == due);
        let watched = self.sagas.entry(saga).as_mut();
        let over = watched.as_ref().is_some_and(|watched| watched.over);
        self.tally.check(meant || over, at, step, violations, || {
            (format!("{}, which was not set", told()), because([since, step]))
        });
        if let Some(watched) = watched.filter(|watched| watched.over) {
            watched.late.get_or_insert(step);
        }
        if let Some(set) = self.timers.get_mut(&key) {
            set.fired = true;
        }
    }

    fn recorded(
        &mut self,
        domain: &D,
        event: &Stored<D::Event>,
        record: &Record<D>,
        violations: &mut Violations,
    ) {
        let saga = event.stream;
        let fresh = || Watched { state: domain.blank(saga), over: false, news: false, late: None };
        let watched = self.sagas.entry(saga).get_or_insert_with(fresh);
        let late = watched.late.filter(|_| watched.over && !watched.news);
        self.tally.check(late.is_none(), record.at, record.step, violations, || {
            let vocabulary = Vocabulary { domain, names: &self.names };
            let what = vocabulary.term(Term::Event(&event.event));
            let says = format!(
                "{} was over and records \"{what}\", though only a timer has reached it since",
                vocabulary.stream(saga)
            );
            (says, because([late.unwrap_or_default(), record.step]))
        });
        for part in event.native(domain).iter() {
            domain.evolve(&mut watched.state, part);
        }
        let over = D::Sagas::is_over(domain, &watched.state);
        if over && !watched.over {
            (watched.news, watched.late) = (false, None);
        }
        watched.over = over;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, Counters, History, counter, saga};
    use crate::kernel::{Actor, Entity, Fired};

    const SAGA: StreamId = saga(0);

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_millis(ms)
    }

    /// A saga sets a timer for a second after the beginning.
    fn set() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        history.fact(Fact::TimerSet { saga: SAGA, timer: 0, due: at(1_000) });
        history
    }

    fn fires(history: &mut History, due: Instant) {
        history.fact(Fact::TimerFired { saga: SAGA, timer: 0, due });
    }

    #[test]
    fn a_timer_that_fires_at_its_time_or_is_cancelled_is_accepted() {
        let mut history = set();
        history.wait(1_000);
        fires(&mut history, at(1_000));
        fires(&mut history, at(1_000));
        assert_eq!(history.accepted_by::<Timers<Counters>>(), 6);
        let mut history = set();
        history.fact(Fact::TimerCancelled { saga: SAGA, timer: 0 });
        assert_eq!(history.accepted_by::<Timers<Counters>>(), 1);
    }

    #[test]
    fn a_timer_that_had_fired_may_do_so_again_when_its_saga_has_ended_and_goes_on() {
        let mut history = set();
        history.wait(1_000);
        fires(&mut history, at(1_000));
        history.progress(0, Counted::Ended);
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        fires(&mut history, at(1_000));
        assert!(
            history.accepted_by::<Timers<Counters>>() > 0,
            "the timer's keeper did not know that it had been handled"
        );
    }

    #[test]
    fn a_timer_that_fires_early_is_rejected_unless_its_node_s_clock_was_ahead() {
        let mut history = set();
        history.wait(999);
        fires(&mut history, at(1_000));
        history.rejected_by::<Timers<Counters>>("timer-honest", "it is only 0.999s");
        let ahead = |node| {
            let (fault, actor) = (&CLOCK_AHEAD, Actor::node(NodeId(node)));
            Fact::Fault(Fired { fault, actor, entity: Entity::default(), size: 2_000 })
        };
        let mut history = set();
        history.fact(ahead(0));
        history.wait(999);
        fires(&mut history, at(1_000));
        assert_eq!(history.accepted_by::<Timers<Counters>>(), 4);
        let mut history = set();
        history.fact(ahead(1));
        history.wait(999);
        fires(&mut history, at(1_000));
        history.rejected_by::<Timers<Counters>>("timer-honest", "it is only 0.999s");
    }

    #[test]
    fn a_timer_that_nobody_set_or_that_was_moved_is_rejected_when_it_fires() {
        let mut history = set();
        history.wait(5_000);
        fires(&mut history, at(500));
        history.rejected_by::<Timers<Counters>>("timer-honest", "which was not set");
    }

    #[test]
    fn a_timer_that_is_forgotten_is_rejected() {
        set().rejected_by::<Timers<Counters>>("timer-honest", "it never fired");
    }

    #[test]
    fn a_saga_that_goes_on_after_its_end_because_of_a_timer_is_rejected() {
        let ended = || {
            let mut history = set();
            history.progress(0, Counted::Ended);
            history.wait(1_000);
            fires(&mut history, at(1_000));
            history
        };
        assert_eq!(ended().accepted_by::<Timers<Counters>>(), 4);
        let mut history = ended();
        history.progress(0, Counted::Began);
        history.rejected_by::<Timers<Counters>>("timer-honest", "only a timer has reached it");
        let mut history = ended();
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        assert_eq!(history.accepted_by::<Timers<Counters>>(), 6, "its counter has changed");
    }
}
