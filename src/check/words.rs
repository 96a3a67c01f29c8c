//! What a violation is told in: the domain's nouns, and names for what the domain has no noun for.

use std::fmt;

use crate::kernel::Step;
use crate::platform::{
    AppendOutcome, CacheKey, CommandId, Domain, EffectId, Names, Noun, RequestId, StreamId, ViewId,
};

/// Prints what the domain says of a noun.
pub(super) struct Words<'a, D: Domain> {
    domain: &'a D,
    names: &'a Names,
    noun: Noun<'a, D>,
}

impl<D: Domain> fmt::Display for Words<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.domain.say(self.noun, self.names, f)
    }
}

/// Speaks for a domain.
#[derive(Debug)]
pub(super) struct Speaker<'a, D: Domain> {
    /// Who knows the words.
    pub(super) domain: &'a D,
    /// What customers are called.
    pub(super) names: &'a Names,
}

impl<'a, D: Domain> Speaker<'a, D> {
    /// Anything the domain has a word for.
    pub(super) fn noun(&self, noun: Noun<'a, D>) -> Words<'a, D> {
        Words { domain: self.domain, names: self.names, noun }
    }

    /// A stream.
    pub(super) fn stream(&self, stream: StreamId) -> Words<'a, D> {
        self.noun(Noun::Stream(stream))
    }

    /// Who asked, and the how-manieth time.
    pub(super) fn request(&self, request: RequestId) -> String {
        format!("request {} of {}", request.nth, self.names.customer(request.customer))
    }

    /// A command by its origin.
    pub(super) fn command(&self, command: CommandId) -> String {
        match command {
            CommandId::Request(request) => self.request(request),
            CommandId::Effect(EffectId { saga, version, nth }) => {
                format!("command {} of {} {version}", nth + 1, self.stream(saga))
            }
            CommandId::Progress { saga, after } => {
                format!("the record of {} after {after}", self.stream(saga))
            }
        }
    }

    /// A cached thing.
    pub(super) fn key(&self, key: CacheKey) -> Words<'a, D> {
        self.noun(match key {
            CacheKey::Row(view, row) => Noun::RowOf(view, row),
            CacheKey::Gathered(question) => Noun::Gathered(question),
        })
    }
}

/// The name of a view.
pub(super) fn view<D: Domain>(view: ViewId) -> &'static str {
    D::VIEWS[usize::from(view.0)].name
}

/// How an append ended, as its appender would put it.
pub(super) fn outcome(outcome: AppendOutcome) -> &'static str {
    match outcome {
        AppendOutcome::Appended => "appended",
        AppendOutcome::Conflict => "a conflict",
        AppendOutcome::AlreadyDone => "already done",
        AppendOutcome::Unknown => "unknown",
    }
}

/// The occurrences that led to a violation: those that are known, oldest first, each once.
pub(super) fn because<const N: usize>(mut steps: [Step; N]) -> Vec<Step> {
    steps.sort_unstable();
    let mut because = steps.to_vec();
    because.dedup();
    because.retain(|&step| step != Step(0));
    because
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_in_order_and_named_once() {
        assert_eq!(because([Step(9), Step(0), Step(4), Step(9)]), [Step(4), Step(9)]);
    }
}
