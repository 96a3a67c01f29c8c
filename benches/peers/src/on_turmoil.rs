//! The ring on turmoil: ten hosts with a UDP socket each, a tick of a millisecond, one or two ticks of
//! latency.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use turmoil::net::UdpSocket;

use crate::workloads::NODES;

const PORT: u16 = 9000;

/// A datagram as large as a parcel.
const BYTES: usize = 80;

/// Runs so many worlds, of so many messages each.
pub fn worlds(worlds: u64, messages: u64) {
    (0..worlds).for_each(|seed| world(seed, messages / u64::from(NODES)));
}

fn world(seed: u64, messages_each: u64) {
    let mut simulation = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(1))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(2))
        .simulation_duration(Duration::from_secs(365 * 24 * 3600))
        .build();
    for node in 0..NODES {
        let next = format!("node-{}", (node + 1) % NODES);
        simulation.client(format!("node-{node}"), async move {
            let socket = UdpSocket::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), PORT)).await?;
            let next = (turmoil::lookup(next), PORT);
            let mut parcel = [node as u8; BYTES];
            socket.send_to(&parcel, next).await?;
            for nth in 1..=messages_each {
                socket.recv_from(&mut parcel).await?;
                if nth < messages_each {
                    socket.send_to(&parcel, next).await?;
                }
            }
            Ok(())
        });
    }
    simulation.run().expect("every node gets all its messages");
}
