//! A view whose rows are hashes in Redis.

use redis::{Commands, Script};

use super::Pair;
use super::node::command;
use crate::servers::Servers;
use crate::suite::held::{Found, Held};

/// Adds an event to a row that has the version before. The first event makes the row; any other is not added to a row
/// that is not held. A script, because the version is compared and changed with the sum.
const APPLY: &str = "
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if tonumber(ARGV[1]) ~= version + 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'total', ARGV[1])
return 1
";

/// Puts a row that was folded from the log in the place of one that is not held or is older.
const RESTORE: &str = "
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if tonumber(ARGV[1]) > version then
    redis.call('HSET', KEYS[1], 'version', ARGV[1], 'total', ARGV[2])
end
return redis.call('HGET', KEYS[1], 'total')
";

/// A view on a primary, with what its projector knows to have applied.
pub struct RedisHeld {
    pair: Pair,
    log: Vec<(u32, u32)>,
}

impl RedisHeld {
    /// An empty view.
    pub fn fresh(servers: Servers) -> Self {
        Self { pair: Pair::fresh(servers), log: Vec::new() }
    }
}

fn key_of(row: u32) -> String {
    format!("row:{row}")
}

impl Held for RedisHeld {
    fn apply(&mut self, row: u32, version: u32) {
        if !self.log.contains(&(row, version)) {
            self.log.push((row, version));
        }
        let script = Script::new(APPLY);
        let mut call = script.key(key_of(row));
        call.arg(version);
        let _: u32 = call.invoke(&mut self.pair.primary).expect("the script runs");
    }

    fn read(&mut self, row: u32) -> Found {
        let total = self.pair.primary.hget(key_of(row), "total");
        let total: Option<u32> = total.expect("a row can be read");
        total.map_or(Found::Missing, Found::Total)
    }

    fn restore(&mut self, row: u32) -> Found {
        let versions = self.log.iter().filter(|(of, _)| *of == row).map(|(_, version)| *version);
        let (version, total) = versions.fold((0, 0), |(_, sum), nth| (nth, sum + nth));
        let script = Script::new(RESTORE);
        let mut call = script.key(key_of(row));
        call.arg(version).arg(total);
        Found::Total(call.invoke(&mut self.pair.primary).expect("the script runs"))
    }

    fn evict(&mut self, row: u32) {
        self.pair.evict(&key_of(row));
    }

    fn lose_all(&mut self) {
        command(&mut self.pair.primary, &["FLUSHALL"]);
    }
}
