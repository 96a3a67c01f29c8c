//! Tags: what an event is about, whatever its stream.

use crate::model::Domain;

/// The most tags of one event, and of one query.
pub const TAGS_MAX: usize = 4;

/// A tag: something that events of several streams are about, such as a customer or a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Its kind: an index into [`Domain::TAGS`].
    pub kind: u8,
    /// Its number within the kind.
    pub number: u32,
}

/// The tags of an event, or those that an event must have to match a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags([Option<Tag>; TAGS_MAX]);

impl Tags {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// Whether a tag is among them.
    pub fn has(&self, tag: Tag) -> bool {
        self.iter().any(|known| known == tag)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Tag> + use<> {
        self.0.into_iter().flatten()
    }

    /// Adds a tag, if it is not among them.
    ///
    /// # Panics
    ///
    /// When there are too many, which is a bug of the domain.
    pub fn add(&mut self, tag: Tag) {
        if !self.has(tag) {
            let free = self.0.iter_mut().find(|place| place.is_none());
            *free.expect("an event has at most four tags") = Some(tag);
        }
    }

    /// Whether all tags of a query are among them.
    pub fn match_query(&self, query: &Self) -> bool {
        query.iter().all(|tag| self.has(tag))
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Self {
        let mut all = Self::default();
        tags.into_iter().for_each(|tag| all.add(tag));
        all
    }
}

/// A decision model: what a command reads beside its streams, by tags. Its state is the fold of all events that
/// have all of the tags, in order of position, whatever their streams.
///
/// The events of the command are stored only if no further event matches by then: an append condition.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionModel<D: Domain> {
    /// The tags that an event must have.
    pub query: Tags,
    /// The state without any event.
    pub blank: D::State,
}

/// How many events matched a query when a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The tags that an event must have.
    pub query: Tags,
    /// The number of events. Positions would not do: an event can become visible behind a later one.
    pub matches: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tag(number: u32) -> Tag {
        Tag { kind: 0, number }
    }

    #[test]
    fn an_event_matches_a_query_if_it_has_all_of_its_tags() {
        let tags = Tags::from_iter([tag(1), tag(2), tag(1)]);
        assert_eq!(tags.iter().collect::<Vec<_>>(), [tag(1), tag(2)]);
        let matches = |query: &[u32]| tags.match_query(&query.iter().map(|it| tag(*it)).collect());
        assert_eq!([matches(&[1]), matches(&[2, 1]), matches(&[1, 3])], [true, true, false]);
        assert!(matches(&[]) && Tags::default().is_empty() && !tags.is_empty());
    }
}
