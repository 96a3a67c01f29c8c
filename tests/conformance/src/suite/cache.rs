//! The cache: leases, values, and what is lost.

pub use jetlag::internals::nodes::Got;

use super::{Outcome, Row, holds, rows, same};

/// How long a lease lasts, in milliseconds. A script must be done with what it does under one in less.
pub const LEASE_MS: u64 = 1000;
/// How long a value lasts, in milliseconds. It must outlast a lease and a failover, also on a busy machine.
pub const TTL_MS: u64 = 6000;

/// A cache that grants one reader at a time the lease to load a key.
pub trait Cache {
    /// Reads a key as a new reader.
    fn get(&mut self, key: u32) -> Got;
    /// Fills a key under a token, and returns whether the cache took the value.
    fn fill(&mut self, key: u32, token: u64, value: u32) -> bool;
    /// Replaces the value of a key.
    fn refresh(&mut self, key: u32, value: u32);
    /// Lets time pass, in milliseconds.
    fn pass(&mut self, ms: u64);
    /// Makes memory so short that the key is evicted.
    fn evict(&mut self, key: u32);
    /// From now on the replica lags behind.
    fn let_replica_lag(&mut self);
    /// The replica takes over.
    fn fail_over(&mut self);
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Cache>] = rows! {
    "redis-set-nx-px" => set_nx_px,
    "redis-lease-expires" => lease_expires,
    "redis-token" => token,
    "redis-ttl" => ttl,
    "redis-eviction" => eviction,
    "redis-failover" => failover,
    "redis-failover-older" => failover_older,
};

/// Loads a key.
fn load(cache: &mut dyn Cache, key: u32, value: u32) -> Outcome {
    let token = lease(cache.get(key))?;
    holds!(cache.fill(key, token, value), "the holder of the lease cannot fill key {key}");
    same!(cache.get(key), Got::Hit(value), "key {key} after it was filled");
    Ok(())
}

fn lease(got: Got) -> Result<u64, String> {
    match got {
        Got::Lease(token) => Ok(token),
        other => Err(format!("{other:?}, expected a lease")),
    }
}

fn set_nx_px(cache: &mut dyn Cache) -> Outcome {
    let token = lease(cache.get(1))?;
    same!(cache.get(1), Got::Wait, "a second reader of the key");
    same!(cache.get(1), Got::Wait, "a third reader of the key");
    lease(cache.get(2))?;
    holds!(cache.fill(1, token, 7), "the holder of the lease cannot fill");
    same!(cache.get(1), Got::Hit(7), "a reader after the fill");
    Ok(())
}

fn lease_expires(cache: &mut dyn Cache) -> Outcome {
    let old = lease(cache.get(1))?;
    cache.pass(LEASE_MS / 2);
    same!(cache.get(1), Got::Wait, "a reader while the lease lasts");
    cache.pass(LEASE_MS);
    let new = lease(cache.get(1))?;
    holds!(new != old, "two leases have the same token");
    Ok(())
}

fn token(cache: &mut dyn Cache) -> Outcome {
    let old = lease(cache.get(1))?;
    cache.pass(LEASE_MS + LEASE_MS / 2);
    holds!(!cache.fill(1, old, 5), "a fill after the lease has ended is taken");
    let new = lease(cache.get(1))?;
    holds!(!cache.fill(1, old, 6), "a fill under the token of another holder is taken");
    holds!(cache.fill(1, new, 7), "the holder of the lease cannot fill");
    same!(cache.get(1), Got::Hit(7), "the value");
    holds!(!cache.fill(1, new, 8), "a lease is used twice");
    Ok(())
}

fn ttl(cache: &mut dyn Cache) -> Outcome {
    load(cache, 1, 7)?;
    cache.pass(TTL_MS / 2);
    same!(cache.get(1), Got::Hit(7), "before its time to live ends");
    cache.pass(TTL_MS);
    lease(cache.get(1)).map(drop)
}

fn eviction(cache: &mut dyn Cache) -> Outcome {
    load(cache, 1, 7)?;
    cache.evict(1);
    lease(cache.get(1)).map(drop)
}

fn failover(cache: &mut dyn Cache) -> Outcome {
    load(cache, 1, 7)?;
    cache.pass(LEASE_MS);
    cache.let_replica_lag();
    load(cache, 2, 8)?;
    cache.fail_over();
    same!(cache.get(1), Got::Hit(7), "a write that the replica had");
    lease(cache.get(2)).map(drop).map_err(|error| format!("a write that was acknowledged: {error}"))
}

fn failover_older(cache: &mut dyn Cache) -> Outcome {
    load(cache, 1, 7)?;
    cache.pass(LEASE_MS);
    cache.let_replica_lag();
    cache.refresh(1, 8);
    same!(cache.get(1), Got::Hit(8), "the newer value");
    cache.fail_over();
    same!(cache.get(1), Got::Hit(7), "the value after the failover");
    Ok(())
}
