//! A primary and its replica, of which one test at a time has the use.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use redis::{Client, Commands, Connection};

use crate::proxy::Proxy;
use crate::servers::Servers;

/// How many keys of how many bytes are enough to evict everything else.
const BALLAST: (usize, usize) = (200, 16 * 1024);

/// A primary with a replica that follows it through a proxy. Both are empty at first.
pub struct Pair {
    pub(super) primary: Connection,
    pub(super) replica: Connection,
    link: Proxy,
    address: SocketAddr,
    /// Both instances are shared by all tests: one at a time.
    _turn: MutexGuard<'static, ()>,
}

impl Pair {
    /// The pair, when its turn has come.
    pub fn fresh(servers: Servers) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut primary, mut replica) = (connect(servers.redis), connect(servers.replica));
        for node in [&mut primary, &mut replica] {
            command(node, &["REPLICAOF", "NO", "ONE"]);
            command(node, &["FLUSHALL"]);
            command(node, &["CONFIG", "SET", "maxmemory", "0"]);
        }
        let link = Proxy::to(servers.redis);
        let port = link.address().port().to_string();
        command(&mut replica, &["REPLICAOF", "127.0.0.1", &port]);
        let mut pair = Self { primary, replica, link, address: servers.redis, _turn: turn };
        pair.wait_for_replica();
        pair
    }

    /// The address of the first primary.
    pub(super) fn address(&self) -> String {
        url(self.address)
    }

    /// Makes memory so short that a key is evicted.
    pub(super) fn evict(&mut self, key: &str) {
        let primary = &mut self.primary;
        command(primary, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
        command(primary, &["CONFIG", "SET", "maxmemory-samples", "64"]);
        // Less than it has: every write now evicts what was used least recently.
        let memory: String = redis::cmd("INFO").arg("memory").query(primary).expect("figures");
        let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:"));
        let used: u64 = used.expect("a figure").trim().parse().expect("a number");
        command(primary, &["CONFIG", "SET", "maxmemory", &(used + 64 * 1024).to_string()]);
        let (count, bytes) = BALLAST;
        for nth in 0..count {
            let exists: bool = primary.exists(key).expect("a key can be looked for");
            if !exists {
                break;
            }
            // It is refused when there is nothing left to evict.
            let _ = redis::cmd("SET")
                .arg(format!("ballast:{nth}"))
                .arg("x".repeat(bytes))
                .exec(primary);
        }
        command(primary, &["CONFIG", "SET", "maxmemory", "0"]);
    }

    /// Cuts the link between the two: the replica lags from now on.
    pub(super) fn cut_link(&mut self) {
        self.wait_for_replica();
        self.link.shut();
    }

    /// How many replicas have all writes so far, after at most so long.
    pub(super) fn replicas(&mut self, ms: u64) -> u64 {
        redis::cmd("WAIT").arg(1).arg(ms).query(&mut self.primary).expect("WAIT is answered")
    }

    /// The replica takes over: from now on it is asked.
    pub(super) fn fail_over(&mut self) {
        command(&mut self.replica, &["REPLICAOF", "NO", "ONE"]);
        std::mem::swap(&mut self.primary, &mut self.replica);
    }

    fn wait_for_replica(&mut self) {
        for nth in 0..200 {
            // A write makes the replica say how far it is.
            let _: () = self.primary.set("jetlag:beat", nth).expect("the primary takes writes");
            if self.replicas(100) == 1 {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the replica does not follow");
    }
}

fn url(address: SocketAddr) -> String {
    format!("redis://{address}/")
}

fn connect(address: SocketAddr) -> Connection {
    let client = Client::open(url(address)).expect("an address");
    client.get_connection().expect("Redis takes a connection")
}

/// Runs a command whose answer says nothing.
pub(super) fn command(connection: &mut Connection, words: &[&str]) {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.exec(connection).unwrap_or_else(|error| panic!("{words:?}: {error}"));
}
