//! Names for the platform's things, in the domain's words.

use std::fmt;

use crate::model::{
    CacheKey, CommandId, CustomerId, Domain, EffectId, Names, RequestId, ServiceId, Services,
    StreamId, Term, ViewId,
};

/// Speaks for a domain.
#[derive(Debug)]
pub struct Vocabulary<'a, D: Domain> {
    /// Who knows the words.
    pub domain: &'a D,
    /// What customers are called.
    pub names: &'a Names,
}

/// A noun that prints itself.
#[derive(Debug)]
pub struct Said<'a, D: Domain> {
    vocabulary: Vocabulary<'a, D>,
    term: Term<'a, D>,
}

impl<D: Domain> fmt::Display for Said<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.vocabulary.domain.say(self.term, self.vocabulary.names, f)
    }
}

impl<D: Domain> Clone for Vocabulary<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Vocabulary<'_, D> {}

impl<'a, D: Domain> Vocabulary<'a, D> {
    /// Anything that the domain has a word for.
    pub fn term(self, term: Term<'a, D>) -> Said<'a, D> {
        Said { vocabulary: self, term }
    }

    /// A stream.
    pub fn stream(self, stream: StreamId) -> Said<'a, D> {
        self.term(Term::Stream(stream))
    }

    /// What a cached value is a copy of.
    pub fn key(self, key: CacheKey) -> Said<'a, D> {
        self.term(match key {
            CacheKey::Row(view, row) => Term::RowOf(view, row),
            CacheKey::Gathered(question) => Term::Gathered(question),
        })
    }

    /// A customer.
    pub fn customer(self, customer: CustomerId) -> String {
        self.names.customer(customer)
    }

    /// Who asked, and the how-manieth time.
    pub fn request(self, request: RequestId) -> String {
        format!("request {} of {}", request.nth, self.customer(request.customer))
    }

    /// An effect of a saga, by the record that calls for it.
    pub fn effect(self, effect: EffectId) -> String {
        let EffectId { saga, version, nth } = effect;
        format!("effect {} of {} {version}", nth + 1, self.stream(saga))
    }

    /// A command by its origin.
    pub fn command(self, command: CommandId) -> String {
        match command {
            CommandId::Request(request) => self.request(request),
            CommandId::Effect(effect) => self.effect(effect),
            CommandId::Progress { saga, after } => {
                format!("the record of {} after {after}", self.stream(saga))
            }
        }
    }

    /// A view.
    pub fn view(self, view: ViewId) -> &'static str {
        D::VIEWS[usize::from(view.0)].name
    }

    /// A service.
    pub fn service(self, service: ServiceId) -> &'a str {
        &D::Services::services(self.domain)[usize::from(service.0)].id
    }
}
