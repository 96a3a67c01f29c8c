//! The cache.

use std::fmt::Display;

use super::{Place, Wording};
use crate::kernel::Instant;
use crate::model::{CacheAnswer, CacheKey, Domain, Loss, RequestId, Token, counted};

impl<D: Domain> Place<'_, D> {
    pub(super) fn cache_get(&self, key: CacheKey, by: RequestId, answer: CacheAnswer) -> Wording {
        let customer = self.vocabulary.customer(by.customer);
        let key_words = self.vocabulary.key(key);
        self.here(match answer {
            CacheAnswer::Hit { revision: _ } => format!("hit: {key_words}, for {customer}"),
            CacheAnswer::Lease { lease, until: _ } => {
                format!("miss: {key_words}, {customer} loads under lease {lease}")
            }
            CacheAnswer::Wait => format!("wait: {key_words}, {customer} waits for the load"),
        })
        .about([self.of_key(key), self.of_customer(by.customer)])
    }

    pub(super) fn cache_filled(&self, key: CacheKey, expires: Instant, waiters: u32) -> Wording {
        let waiting = match waiters {
            0 => String::new(),
            _ => format!(", answers {}", counted(waiters.into(), "waiter")),
        };
        self.on_key("keeps", key, format!(" until {expires}{waiting}"))
    }

    pub(super) fn cache_pinned(&self, key: CacheKey, token: Token) -> Wording {
        self.here(format!("pins {} beside {}", self.token(token), self.vocabulary.key(key)))
            .about([self.of_stream(token.stream), self.of_key(key)])
    }

    pub(super) fn cache_lost(&self, key: Option<CacheKey>, why: Loss) -> Wording {
        let what = key.map_or("all entries".to_owned(), |key| self.vocabulary.key(key).to_string());
        self.here(match why {
            Loss::Lapsed => format!("load lease expired: {what}"),
            Loss::Expired => format!("loses {what}: expired early"),
            Loss::Evicted => format!("loses {what}: evicted"),
            Loss::FailedOver => "fails over to a replica that lacks recent writes".to_owned(),
            Loss::Restarted => format!("loses {what}: restarted"),
        })
        .about(key.map(|key| self.of_key(key)))
    }

    /// A fact about one key of the cache.
    pub(super) fn on_key(&self, before: &str, key: CacheKey, after: impl Display) -> Wording {
        self.here(format!("{before} {}{after}", self.vocabulary.key(key))).about([self.of_key(key)])
    }
}
