//! Identifiers in the words of a domain.

use std::fmt;

use crate::model::{
    CacheKey, CommandId, CustomerId, Domain, EffectId, Names, RequestId, ServiceId, Services,
    StreamId, Tag, Tags, Term, ViewId,
};

/// A domain with the names of its customers.
#[derive(Debug)]
pub struct Vocabulary<'a, D: Domain> {
    /// The domain.
    pub domain: &'a D,
    /// The names of customers.
    pub names: &'a Names,
}

/// A term that can be printed.
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
    /// Any term of the domain.
    pub fn term(self, term: Term<'a, D>) -> Said<'a, D> {
        Said { vocabulary: self, term }
    }

    /// A stream.
    pub fn stream(self, stream: StreamId) -> Said<'a, D> {
        self.term(Term::Stream(stream))
    }

    /// A tag: its kind and number.
    pub fn tag(self, tag: Tag) -> String {
        format!("{}-{}", D::TAGS[usize::from(tag.kind)], u64::from(tag.number) + 1)
    }

    /// Tags, one after the other.
    pub fn tags(self, tags: Tags) -> String {
        tags.iter().map(|tag| self.tag(tag)).collect::<Vec<_>>().join(" and ")
    }

    /// The row or the question of a cached value.
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

    /// The nth request of a customer.
    pub fn request(self, request: RequestId) -> String {
        format!("request {} of {}", request.nth, self.customer(request.customer))
    }

    /// An effect of a saga, by its event.
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
