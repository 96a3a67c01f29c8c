//! The cache on Redis.

use std::thread;
use std::time::Duration;

use redis::{Commands, ExistenceCheck, Script, SetExpiry, SetOptions};

use super::Pair;
use crate::servers::Servers;
use crate::suite::cache::{Cache, Got, LEASE_MS, TTL_MS};

/// Fills a key if the caller still holds its lease. A script, because another lease may be granted between two commands.
const FILL: &str = "
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
";

/// A cache on a primary with a replica.
pub struct RedisCache {
    pair: Pair,
    tokens: u64,
}

impl RedisCache {
    /// An empty cache.
    pub fn fresh(servers: Servers) -> Self {
        Self { pair: Pair::fresh(servers), tokens: 0 }
    }
}

fn value_of(key: u32) -> String {
    format!("value:{key}")
}

fn lease_of(key: u32) -> String {
    format!("lease:{key}")
}

impl Cache for RedisCache {
    fn get(&mut self, key: u32) -> Got {
        let value: Option<u32> = self.pair.primary.get(value_of(key)).expect("a key can be read");
        if let Some(value) = value {
            return Got::Hit(value);
        }
        self.tokens += 1;
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::PX(LEASE_MS));
        let granted: Option<String> = self
            .pair
            .primary
            .set_options(lease_of(key), self.tokens, options)
            .expect("a lease can be asked for");
        if granted.is_some() { Got::Lease(self.tokens) } else { Got::Wait }
    }

    fn fill(&mut self, key: u32, token: u64, value: u32) -> bool {
        let script = Script::new(FILL);
        let mut call = script.key(value_of(key));
        call.key(lease_of(key)).arg(token).arg(value).arg(TTL_MS);
        call.invoke::<u32>(&mut self.pair.primary).expect("the script runs") == 1
    }

    fn refresh(&mut self, key: u32, value: u32) {
        let options = SetOptions::default().with_expiration(SetExpiry::PX(TTL_MS));
        let _: () =
            self.pair.primary.set_options(value_of(key), value, options).expect("a key can be set");
    }

    fn pass(&mut self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
    }

    fn evict(&mut self, key: u32) {
        self.pair.evict(&value_of(key));
    }

    fn let_replica_lag(&mut self) {
        self.pair.cut_link();
    }

    fn fail_over(&mut self) {
        self.pair.fail_over();
    }
}
