//! The cache.

use super::{Narrator, Speaker, Wording};
use crate::kernel::Instant;
use crate::model::{CacheAnswer, CacheKey, Domain, Loss, RequestId, Token};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn cache_get(
        &self,
        here: Speaker,
        key: CacheKey,
        request: RequestId,
        answer: CacheAnswer,
    ) -> Wording {
        let customer = self.vocabulary.customer(request.customer);
        let key_words = self.vocabulary.key(key);
        here.says(match answer {
            CacheAnswer::Hit { revision: _ } => format!("hit: {key_words}, for {customer}"),
            CacheAnswer::Lease { lease, until: _ } => {
                format!("miss: {key_words}, {customer} loads under lease {lease}")
            }
            CacheAnswer::Wait => format!("wait: {key_words}, {customer} waits for the load"),
        })
        .about([self.of_key(key), self.of_customer(request.customer)])
    }

    pub(super) fn cache_filled(
        &self,
        here: Speaker,
        key: CacheKey,
        expires: Instant,
        waiters: u32,
    ) -> Wording {
        let waiting = match waiters {
            0 => String::new(),
            _ => format!(", answers {}", counted(waiters.into(), "waiter")),
        };
        let words = self.vocabulary.key(key);
        here.says(format!("keeps {words} until {expires}{waiting}")).about([self.of_key(key)])
    }

    pub(super) fn cache_refused(&self, here: Speaker, key: CacheKey, lease: u64) -> Wording {
        here.says(format!("rejects stale fill: {} under lease {lease}", self.vocabulary.key(key)))
            .about([self.of_key(key)])
    }

    pub(super) fn cache_refreshed(&self, here: Speaker, key: CacheKey, revision: u32) -> Wording {
        here.says(format!("refreshes {} to revision {revision}", self.vocabulary.key(key)))
            .about([self.of_key(key)])
    }

    pub(super) fn cache_pinned(&self, here: Speaker, key: CacheKey, token: Token) -> Wording {
        here.says(format!("pins {} beside {}", self.token(token), self.vocabulary.key(key)))
            .about([self.of_stream(token.stream), self.of_key(key)])
    }

    pub(super) fn cache_lost(&self, here: Speaker, key: Option<CacheKey>, why: Loss) -> Wording {
        let what = key
            .map_or_else(|| "all entries".to_owned(), |key| self.vocabulary.key(key).to_string());
        here.says(match why {
            Loss::Lapsed => format!("load lease expired: {what}"),
            Loss::Expired => format!("loses {what}: expired early"),
            Loss::Evicted => format!("loses {what}: evicted"),
            Loss::FailedOver => "fails over to a replica that lacks recent writes".to_owned(),
            Loss::Restarted => format!("loses {what}: restarted"),
        })
        .about(key.map(|key| self.of_key(key)))
    }

    /// The query API loads on behalf of the cache.
    pub(super) fn loading(&self, here: Speaker, key: CacheKey, lease: u64) -> Wording {
        here.says(format!("loads {} under lease {lease}", self.vocabulary.key(key)))
            .about([self.of_key(key)])
    }
}
