//! The ring on Shuttle: ten threads, each with a channel of its own.

use shuttle::scheduler::RandomScheduler;
use shuttle::sync::mpsc::{Receiver, Sender, channel};
use shuttle::{Config, MaxSteps, Runner, thread};

use crate::workloads::{NODES, Parcel};

/// Runs so many worlds, of so many messages each.
pub fn worlds(worlds: u64, messages: u64) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::None;
    let scheduler = RandomScheduler::new_from_seed(1, worlds as usize);
    let each = messages / u64::from(NODES);
    Runner::new(scheduler, config).run(move || world(each));
}

fn world(messages_each: u64) {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..NODES).map(|_| channel()).unzip();
    let nodes: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(node, inbox)| {
            let next = senders[(node + 1) % senders.len()].clone();
            thread::spawn(move || pass_on(node as u64, &inbox, &next, messages_each))
        })
        .collect();
    nodes.into_iter().for_each(|node| node.join().expect("no node panics"));
}

fn pass_on(node: u64, inbox: &Receiver<Parcel>, next: &Sender<Parcel>, messages: u64) {
    next.send(Parcel::new(node)).expect("the next node is there");
    for nth in 1..=messages {
        let parcel = inbox.recv().expect("a message is on its way");
        if nth < messages {
            next.send(parcel).expect("the next node is there");
        }
    }
}
