//! Where the servers are, as `tests/servers/up` has written it down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The addresses of the servers.
#[derive(Clone, Copy, Debug)]
pub struct Servers {
    pub postgres: SocketAddr,
    pub rabbitmq: SocketAddr,
    pub redis: SocketAddr,
    /// A second instance of Redis, which a test may make a replica.
    pub replica: SocketAddr,
}

/// The servers, if they are up. Where the environment requires them, they are.
pub fn find() -> Option<Servers> {
    let is_required = std::env::var("JETLAG_SERVERS").is_ok_and(|value| value == "required");
    let file = std::env::var_os("JETLAG_SERVERS_ENV").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers/env")),
        PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(&file) else {
        assert!(!is_required, "{} does not exist: run tests/servers/up", file.display());
        return None;
    };
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let named: BTreeMap<&str, &str> = lines.collect();
    let address = |name: &str| {
        let text = named.get(name).unwrap_or_else(|| panic!("{} has no {name}", file.display()));
        text.parse().unwrap_or_else(|error| panic!("{}: {name}: {error}", file.display()))
    };
    Some(Servers {
        postgres: address("JETLAG_POSTGRES"),
        rabbitmq: address("JETLAG_RABBITMQ"),
        redis: address("JETLAG_REDIS"),
        replica: address("JETLAG_REDIS_REPLICA"),
    })
}
