//! Events in order, of which the older ones take little room.

use std::hash::Hash;
use std::iter;
use std::ops::Deref;
use std::sync::Arc;

use super::filed::Filed;
use super::{Category, EventId, Stored, StreamId};

/// The entries of a page.
pub(super) const PAGE: usize = 256;
/// How many of the newest pages are kept as they are.
const OPEN: usize = 512;

/// The events of a log, by position, or in any other order. An entry can be empty.
///
/// The newest are kept as they became visible. The others can be [filed](Self::file): they are made again from a few
/// bytes when they are asked for. Several logs with the same events can share what is filed.
#[derive(Clone, Debug)]
pub struct Events<E> {
    /// All are full but the last.
    pages: Vec<Page<E>>,
    /// The number of entries that are not empty.
    count: usize,
    /// The page that is filed next.
    next: usize,
}

/// What may stand at an index.
type Entry<E> = Option<Arc<Stored<E>>>;

#[derive(Clone, Debug)]
enum Page<E> {
    Open(Vec<Entry<E>>),
    Filed(Arc<Filed<E>>),
}

/// A page of [`Events`] that has been filed, for other logs that have the same events.
#[derive(Clone, Debug)]
pub struct Filing<E> {
    nth: usize,
    events: Vec<Entry<E>>,
    filed: Arc<Filed<E>>,
}

/// An event of a log. It is small, whereas an event is not.
#[derive(Clone, Debug)]
pub enum EventRef<'a, E> {
    /// The event as it became visible.
    Kept(&'a Stored<E>),
    /// An event that was filed, made again.
    Made(Box<Stored<E>>),
}

impl<E> EventRef<'_, E> {
    fn made(event: Stored<E>) -> Self {
        Self::Made(Box::new(event))
    }
}

impl<E: PartialEq> PartialEq for EventRef<'_, E> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<E> Deref for EventRef<'_, E> {
    type Target = Stored<E>;

    fn deref(&self) -> &Stored<E> {
        match self {
            Self::Kept(event) => event,
            Self::Made(event) => event,
        }
    }
}

impl<E> Page<E> {
    /// The number of entries.
    const fn len(&self) -> usize {
        match self {
            Self::Open(page) => page.len(),
            Self::Filed(_) => PAGE,
        }
    }

    /// The entries as they are, none if they are filed; and the page that is filed.
    fn either(&self) -> (&[Entry<E>], Option<&Filed<E>>) {
        match self {
            Self::Open(page) => (page, None),
            Self::Filed(page) => (&[], Some(page)),
        }
    }
}

impl<E> Default for Events<E> {
    fn default() -> Self {
        Self { pages: Vec::new(), count: 0, next: 0 }
    }
}

impl<E> Events<E> {
    /// The number of events.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no event.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of entries, which may be empty.
    pub(crate) fn entries(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    /// Whether there is an event at an index.
    pub(crate) fn has(&self, index: usize) -> bool {
        match self.pages.get(index / PAGE) {
            Some(Page::Open(page)) => page.get(index % PAGE).is_some_and(Option::is_some),
            Some(Page::Filed(page)) => page.has(index % PAGE),
            None => false,
        }
    }
}

impl<E: Clone> Events<E> {
    /// All events in order.
    pub fn iter(&self) -> impl Iterator<Item = EventRef<'_, E>> + Clone {
        self.chosen(|_| true)
    }

    /// The events of the streams of a category, in order.
    pub fn of(&self, category: Category) -> impl Iterator<Item = EventRef<'_, E>> + Clone {
        self.chosen(move |stream| stream.category == category)
    }

    fn chosen(
        &self,
        wanted: impl Fn(StreamId) -> bool + Copy,
    ) -> impl Iterator<Item = EventRef<'_, E>> + Clone {
        self.pages.iter().flat_map(move |page| {
            let (open, filed) = page.either();
            let open = open.iter().flatten().filter(move |event| wanted(event.stream));
            let filed = filed.into_iter().flat_map(move |page| {
                let is_wanted = move |at: &usize| page.stream(*at).is_some_and(wanted);
                (0..PAGE).filter(is_wanted).map(|at| EventRef::made(page.event(at)))
            });
            open.map(|event| EventRef::Kept(event)).chain(filed)
        })
    }

    /// Calls a function with each event in order. This takes less time than [`iter`](Self::iter).
    pub(crate) fn each(&self, see: impl FnMut(&Stored<E>)) {
        self.each_chosen(|_| true, see);
    }

    /// Calls a function with each event of the streams of a category, in order.
    pub(crate) fn each_of(&self, category: Category, see: impl FnMut(&Stored<E>)) {
        self.each_chosen(move |stream| stream.category == category, see);
    }

    fn each_chosen(&self, wanted: impl Fn(StreamId) -> bool, mut see: impl FnMut(&Stored<E>)) {
        for page in &self.pages {
            match page {
                Page::Open(page) => {
                    page.iter()
                        .flatten()
                        .filter(|event| wanted(event.stream))
                        .for_each(|event| see(event));
                }
                Page::Filed(page) => page.each(&wanted, &mut see),
            }
        }
    }

    /// The streams of all events in order, with the index of each event.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (StreamId, u32)> {
        let pages = self.pages.iter().zip((0..).step_by(PAGE));
        pages.flat_map(|(page, first)| {
            let (open, filed) = page.either();
            let open = open.iter().zip(first..);
            let open = open.filter_map(|(event, index)| Some((event.as_ref()?.stream, index)));
            let filed = filed.into_iter().flat_map(move |page| {
                (0..PAGE).zip(first..).filter_map(|(at, index)| Some((page.stream(at)?, index)))
            });
            open.chain(filed)
        })
    }

    /// The event at an index.
    pub(crate) fn get(&self, index: usize) -> Option<EventRef<'_, E>> {
        match self.pages.get(index / PAGE)? {
            Page::Open(page) => page.get(index % PAGE)?.as_deref().map(EventRef::Kept),
            Page::Filed(page) => {
                page.has(index % PAGE).then(|| EventRef::made(page.event(index % PAGE)))
            }
        }
    }

    /// The id of the event at an index, its schema, and what the domain says. This takes less than the whole event.
    pub(crate) fn written(&self, index: usize) -> Option<(EventId, u16, &E)> {
        match self.pages.get(index / PAGE)? {
            Page::Open(page) => page.get(index % PAGE)?.as_deref().map(Stored::written),
            Page::Filed(page) => page.has(index % PAGE).then(|| page.written(index % PAGE)),
        }
    }

    /// The event at an index, to be kept. Of one that is filed this is a new copy.
    pub(crate) fn share_of(&self, index: usize) -> Option<Arc<Stored<E>>> {
        match self.pages.get(index / PAGE)? {
            Page::Open(page) => page.get(index % PAGE)?.clone(),
            Page::Filed(page) => page.has(index % PAGE).then(|| Arc::new(page.event(index % PAGE))),
        }
    }

    /// Adds an event at the end.
    pub(crate) fn push(&mut self, event: Arc<Stored<E>>) {
        self.set(self.entries(), event);
    }

    /// Sets an entry that is empty, or beyond the end.
    pub(crate) fn set(&mut self, index: usize, event: Arc<Stored<E>>) {
        while self.pages.len() <= index / PAGE {
            if let Some(Page::Open(last)) = self.pages.last_mut() {
                last.resize(PAGE, None);
            }
            let room = if self.pages.is_empty() { 0 } else { PAGE };
            self.pages.push(Page::Open(Vec::with_capacity(room)));
        }
        let page = &mut self.pages[index / PAGE];
        if let Page::Filed(filed) = page {
            *page = Page::Open(filed.all());
        }
        let Page::Open(page) = page else { unreachable!("the page was opened") };
        while page.len() <= index % PAGE {
            page.push(None);
        }
        let entry = &mut page[index % PAGE];
        assert!(entry.is_none(), "an entry is set once");
        *entry = Some(event);
        self.count += 1;
    }

    /// Takes over what another log has filed, if it is what this one has.
    pub(crate) fn take_over(&mut self, filing: &Filing<E>) {
        let Some(page) = self.pages.get_mut(filing.nth) else { return };
        let Page::Open(events) = page else { return };
        let same = |(own, other): (&Option<Arc<_>>, &Option<Arc<_>>)| match (own, other) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        let others = filing.events.iter();
        if events.iter().chain(iter::repeat(&None)).zip(others).all(same) {
            *page = Page::Filed(Arc::clone(&filing.filed));
        }
    }
}

impl<E: Clone + PartialEq + Hash> Events<E> {
    /// Files the next page that is old enough, if there is one.
    pub(crate) fn file(&mut self) -> Option<Filing<E>> {
        if self.next + OPEN >= self.pages.len() {
            return None;
        }
        let nth = self.next;
        self.next += 1;
        let page = &mut self.pages[nth];
        let Page::Open(events) = page else { return None };
        let events = std::mem::take(events);
        let filed = Arc::new(Filed::of(&events));
        *page = Page::Filed(Arc::clone(&filed));
        Some(Filing { nth, events, filed })
    }
}

impl<E: Clone> FromIterator<Arc<Stored<E>>> for Events<E> {
    fn from_iter<I: IntoIterator<Item = Arc<Stored<E>>>>(events: I) -> Self {
        let mut all = Self::default();
        events.into_iter().for_each(|event| all.push(event));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Event, added};

    const MANY: usize = PAGE * (OPEN + 3) + 9;

    fn event(index: usize) -> Arc<Stored<Event>> {
        added(index as u32 % 7, 1 + index as u32 / 7, index as u64 + 1)
    }

    /// Events of seven streams. Every 50th entry is empty.
    fn events() -> Events<Event> {
        let mut events = Events::default();
        (0..MANY).filter(|index| index % 50 != 3).for_each(|index| events.set(index, event(index)));
        events
    }

    fn filings(events: &mut Events<Event>) -> Vec<Filing<Event>> {
        iter::from_fn(|| events.file()).collect()
    }

    fn is_filed(events: &Events<Event>, page: usize) -> bool {
        matches!(events.pages[page], Page::Filed(_))
    }

    #[test]
    fn what_is_filed_is_what_became_visible() {
        let mut events = events();
        assert_eq!(filings(&mut events).len(), 4);
        assert!(is_filed(&events, 3) && !is_filed(&events, 4));
        let there = |index: &usize| index % 50 != 3;
        assert_eq!(events.entries(), MANY);
        assert_eq!(events.len(), (0..MANY).filter(there).count());
        for index in 0..MANY {
            let expected = there(&index).then(|| event(index));
            assert_eq!(events.get(index).as_deref(), expected.as_deref());
            let written = expected.as_deref().map(Stored::written);
            assert_eq!(events.written(index), written);
            assert_eq!((events.share_of(index), events.has(index)), (expected, there(&index)));
        }
        let expected = || (0..MANY).filter(there).map(event);
        assert!(
            events
                .iter()
                .map(|event| (*event).clone())
                .eq(expected().map(|event| (*event).clone()))
        );
        let streams = (0..).zip(0..MANY).filter(|(_, index)| there(index));
        let streams = streams.map(|(nth, index)| (event(index).stream, nth));
        assert!(events.streams().eq(streams));
        assert_eq!(events.of(event(0).stream.category).count(), events.len());
        assert_eq!(events.of(Category(9)).count(), 0);
        assert_eq!(events.get(MANY).as_deref(), None);
        let (mut each, mut of_it) = (Vec::new(), Vec::new());
        events.each(|event| each.push(event.clone()));
        events.each_of(event(0).stream.category, |event| of_it.push(event.position));
        events.each_of(Category(9), |_| panic!("no stream has that category"));
        assert!(events.iter().map(|event| (*event).clone()).eq(each));
        assert!(events.iter().map(|event| event.position).eq(of_it));
        let copies: Events<_> = (0..MANY).filter(there).map(event).collect();
        assert!(copies.iter().eq(events.iter()));
    }

    #[test]
    fn an_entry_of_a_filed_page_can_be_set_later() {
        let mut events = events();
        filings(&mut events);
        events.set(3, event(3));
        assert!(!is_filed(&events, 0));
        assert_eq!(events.get(3).as_deref(), Some(&*event(3)));
        assert_eq!(events.get(4).as_deref(), Some(&*event(4)));
        assert!(events.file().is_none());
    }

    #[test]
    fn another_log_takes_over_only_what_it_has_itself() {
        let mut events = events();
        let (mut same, mut more, mut other) = (events.clone(), events.clone(), Events::default());
        more.set(3, event(3));
        other.set(0, event(0));
        for filing in filings(&mut events) {
            [&mut same, &mut more, &mut other].into_iter().for_each(|log| log.take_over(&filing));
        }
        assert!((0..4).all(|page| is_filed(&same, page)));
        assert!(!is_filed(&more, 0) && is_filed(&more, 1) && !is_filed(&other, 0));
        assert!(same.iter().eq(events.iter()));
        assert_eq!(more.get(3).as_deref(), Some(&*event(3)));
    }

    #[test]
    #[should_panic(expected = "an entry is set once")]
    fn an_entry_is_not_set_twice() {
        let mut events = events();
        filings(&mut events);
        events.set(4, event(4));
    }
}
