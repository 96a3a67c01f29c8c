//! What may have led a saga to an operator: something outside of it that is undecided.

use std::ops::RangeInclusive;

use crate::collections::SortedMap;

use super::streams::Streams;
use crate::kernel::Step;
use crate::model::{CommandOutcome, Domain, EffectId, Fact, ServiceId, StreamId, Version};

/// Follows what each saga has asked for and has not been told, and what it was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Handovers {
    /// What was sent and not answered, with the service that was called.
    open: SortedMap<EffectId, (Option<ServiceId>, Step)>,
    /// By saga: the last silence, reply or refusal since it last sent something new or was handed over.
    causes: Streams<Option<Step>>,
}

impl Handovers {
    /// Takes note of what a saga sends or learns.
    pub(super) fn note<D: Domain>(&mut self, fact: &Fact<D>, step: Step) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other fact reaches or leaves a saga"
        )]
        match fact {
            Fact::SagaCommanded { effect, again, .. } => self.sent(*effect, None, *again, step),
            Fact::Called { effect, service, again, .. } => {
                self.sent(*effect, Some(*service), *again, step);
            }
            Fact::GaveUp { effect, .. } | Fact::NotCalled { effect, .. } => {
                self.open.remove(effect);
                *self.causes.entry(effect.saga) = Some(step);
            }
            Fact::Replied { saga, service, .. } => {
                let answered = |(_, (called, _)): &(&EffectId, &(Option<ServiceId>, Step))| {
                    *called == Some(*service)
                };
                let answered: Vec<_> =
                    self.of(*saga).filter(answered).map(|(effect, _)| *effect).collect();
                for effect in answered {
                    self.open.remove(&effect);
                }
                *self.causes.entry(*saga) = Some(step);
            }
            Fact::SagaTold { effect, verdict, .. } => {
                self.open.remove(effect);
                match verdict {
                    CommandOutcome::Accepted(_) => {}
                    CommandOutcome::Refused(_) | CommandOutcome::Unknown => {
                        *self.causes.entry(effect.saga) = Some(step);
                    }
                }
            }
            _ => {}
        }
    }

    /// A saga that goes on with something new has decided what was undecided.
    fn sent(&mut self, effect: EffectId, service: Option<ServiceId>, again: bool, step: Step) {
        self.open.insert(effect, (service, step));
        if !again {
            *self.causes.entry(effect.saga) = None;
        }
    }

    /// What left a saga undecided, if anything did. The next time needs a cause of its own.
    pub(super) fn take_cause(&mut self, saga: StreamId) -> Option<Step> {
        let open = self.of(saga).map(|(_, (_, since))| *since).next_back();
        self.causes.entry(saga).take().or(open)
    }

    /// A saga has ended: what it sent does not matter any more.
    pub(super) fn over(&mut self, saga: StreamId) {
        self.open.remove_range(effects(saga));
    }

    fn of(
        &self,
        saga: StreamId,
    ) -> impl DoubleEndedIterator<Item = (&EffectId, &(Option<ServiceId>, Step))> {
        self.open.range(effects(saga))
    }
}

/// The names of all effects of a saga.
const fn effects(saga: StreamId) -> RangeInclusive<EffectId> {
    let first = EffectId { saga, version: Version(0), nth: 0 };
    first..=EffectId { saga, version: Version(u32::MAX), nth: u8::MAX }
}
