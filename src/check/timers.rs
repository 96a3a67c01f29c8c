//! `timer-honest`: durable timers of sagas fire at their time.
//!
//! A timer goes by the clock of the node that keeps it. A record has the true time. A timer may therefore
//! fire early by as much as the clock of that node is ahead when it fires, and not by more.

use crate::collections::SortedMap;

use super::active::Active;
use super::clocks::Clocks;
use super::folds::{before, evolve, is_progress, is_progress_of};
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Instant, Step};
use crate::model::{Domain, Fact, Record, Rest, Sagas as _, Stored, StreamId, Term, Vocabulary};

pub(super) const TIMER_HONEST: Property = Property {
    id: "timer-honest",
    when: When::AlwaysAndAtRest,
    says: "no timer fires early; each timer fires or is cancelled; a timer that fires after the end of \
           its saga has no effect",
};

type Key = (StreamId, u8);

/// Remembers the timers, and which sagas are over.
#[derive(Clone, Debug)]
pub(super) struct Timers<D: Domain> {
    clocks: Clocks,
    timers: SortedMap<Key, Set>,
    sagas: Streams<Option<Watched>>,
    states: Active<D::State>,
}

/// A timer that was set.
#[derive(Clone, Copy, Debug)]
struct Set {
    due: Instant,
    step: Step,
    fired: bool,
    /// Whether the saga was over: then a copy of an earlier request has set it, which a copy of the answer can remove.
    late: bool,
}

/// A saga that has recorded an event.
#[derive(Clone, Debug)]
struct Watched {
    over: bool,
    /// Whether anything except a timer has reached it since its end.
    news: bool,
    /// When one of its timers first fired after its end.
    late: Option<Step>,
}

impl<D: Domain> Default for Timers<D> {
    fn default() -> Self {
        let (clocks, sagas, states) = Default::default();
        Self { clocks, timers: SortedMap::new(), sagas, states }
    }
}

impl<D: Domain> Checker<D> for Timers<D> {
    const PROPERTIES: &'static [Property] = &[TIMER_HONEST];
    const FACTS: FactKinds =
        kinds!(Stored TimerSet TimerCancelled TimerFired Fault Replied GaveUp NotCalled SagaTold);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        match &record.fact {
            Fact::Fault(fired) => self.clocks.disturbed(fired),
            Fact::TimerSet { saga, timer, due } => {
                let late = self.is_over(*saga);
                let set = Set { due: *due, step: record.step, fired: false, late };
                self.timers.insert((*saga, *timer), set);
            }
            Fact::TimerCancelled { saga, timer } => drop(self.timers.remove(&(*saga, *timer))),
            Fact::TimerFired { saga, timer, due } => {
                self.fired((*saga, *timer), *due, record, checks);
            }
            Fact::Replied { saga, .. } => self.news(*saga),
            Fact::GaveUp { effect, .. }
            | Fact::NotCalled { effect, .. }
            | Fact::SagaTold { effect, .. } => self.news(effect.saga),
            Fact::Stored(event) if is_progress(event) => self.recorded(event, checks),
            Fact::Stored(event) => {
                if let Some(saga) = D::Sagas::saga_of(event.stream) {
                    self.news(saga);
                }
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, _: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        for (&(saga, timer), set) in &self.timers {
            // A timer that fired and whose saga is over needs no further check, nor does one that was set afterwards.
            if (set.fired || set.late) && self.is_over(saga) {
                continue;
            }
            checks.that(&TIMER_HONEST, set.fired, [set.step], |words| {
                let (saga, what, due) =
                    (words.stream(saga), words.term(Term::Timer(timer)), set.due);
                format!(
                    "{saga} set a timer ({what}) for {due}; it never fired and was not cancelled"
                )
            });
        }
    }
}

impl<D: Domain> Timers<D> {
    fn is_over(&self, saga: StreamId) -> bool {
        self.sagas.known(saga).is_some_and(|watched| watched.over)
    }

    /// Anything except a timer has reached a saga.
    fn news(&mut self, saga: StreamId) {
        if let Some(watched) = self.sagas.entry(saga) {
            watched.news = true;
        }
    }

    fn fired(
        &mut self,
        key @ (saga, timer): Key,
        due: Instant,
        record: &Record<D>,
        checks: &mut Checks<'_, D>,
    ) {
        let (at, step) = (record.at, record.step);
        let ahead = self.clocks.ahead(record.node, at);
        let set = self.timers.get(&key).copied();
        let because = [set.map_or(Step(0), |set| set.step), step];
        let fires = |words: Vocabulary<'_, D>| {
            let (saga, what) = (words.stream(saga), words.term(Term::Timer(timer)));
            format!("{saga} receives a timer ({what}) that is due at {due}")
        };
        checks.that(&TIMER_HONEST, at + ahead >= due, because, |words| {
            format!("{}, but it is only {at}", fires(words))
        });
        let meant = set.is_some_and(|set| set.due == due);
        let ended = self.sagas.entry(saga).as_mut().filter(|watched| watched.over);
        checks.that(&TIMER_HONEST, meant || ended.is_some(), because, |words| {
            format!("{}, which was not set", fires(words))
        });
        if let Some(watched) = ended {
            watched.late.get_or_insert(step);
        }
        if let Some(set) = self.timers.get_mut(&key) {
            set.fired = true;
        }
    }

    fn recorded(&mut self, event: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let (domain, saga) = (checks.words.domain, event.stream);
        let fresh = || Watched { over: false, news: false, late: None };
        let watched = self.sagas.entry(saga).get_or_insert_with(fresh);
        let late = watched.late.filter(|_| watched.over && !watched.news);
        let because = [late.unwrap_or_default(), checks.step()];
        checks.that(&TIMER_HONEST, late.is_none(), because, |words| {
            let (saga, what) = (words.stream(saga), words.term(Term::Event(&event.event)));
            format!(
                "{saga} was over and records \"{what}\", although only a timer has reached it since"
            )
        });
        let archive = checks.archive;
        let state = self
            .states
            .entry(saga, || before(domain, archive, event, |id| is_progress_of(saga, id)));
        evolve(domain, state, event);
        let over = D::Sagas::is_over(domain, state);
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
    use crate::kernel::{Actor, CLOCK_AHEAD, CLOCK_BEHIND, Entity, Fired, NodeId, Span};

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
    fn a_timer_that_a_copy_sets_after_the_end_of_its_saga_need_not_fire() {
        let set_again = |over: bool| {
            let mut history = set();
            history.wait(1_000);
            fires(&mut history, at(1_000));
            if over {
                history.progress(0, Counted::Ended);
            }
            history.fact(Fact::TimerSet { saga: SAGA, timer: 0, due: at(1_000) });
            history
        };
        set_again(true).accepted_by::<Timers<Counters>>();
        set_again(false).rejected_by::<Timers<Counters>>("timer-honest", "it never fired");
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
        let skewed = |fault, node, until| {
            let actor = Actor::node(NodeId(node));
            let until = Some(at(until));
            Fact::Fault(Fired { fault, actor, entity: Entity::default(), size: 2_000, until })
        };
        let early = |faults: &[Fact<Counters>]| {
            let mut history = set();
            faults.iter().for_each(|fault| history.fact(fault.clone()));
            history.wait(999);
            fires(&mut history, at(1_000));
            history
        };
        let accepted = early(&[skewed(&CLOCK_AHEAD, 0, 1_000)]);
        assert_eq!(accepted.accepted_by::<Timers<Counters>>(), 4);
        for faults in [
            vec![skewed(&CLOCK_AHEAD, 1, 1_000)],
            // The clock is right again.
            vec![skewed(&CLOCK_AHEAD, 0, 999)],
            vec![skewed(&CLOCK_AHEAD, 0, 1_000), skewed(&CLOCK_BEHIND, 0, 1_000)],
        ] {
            early(&faults).rejected_by::<Timers<Counters>>("timer-honest", "it is only 0.999s");
        }
    }

    #[test]
    fn a_timer_that_was_not_set_or_was_moved_is_rejected_when_it_fires() {
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
