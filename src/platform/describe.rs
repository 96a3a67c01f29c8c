//! The state of single nodes in words, for a person who stops a run and looks around.

use super::domain::{Domain, Noun};
use super::ids::{RowKey, ViewId};
use super::map::Role;
use super::speech::Speech;
use super::world::World;

impl<D: Domain, L> World<D, L> {
    /// What a node holds, one thing a line; `None` if there is no node of this name.
    pub fn describe_state(&self, name: &str) -> Option<String> {
        let node = self.map.named(name)?;
        let speech = Speech { domain: &self.plan.domain, names: &self.plan.names };
        let mut lines = match self.map.role(node) {
            Role::EventStore => self.nodes.store.describe(speech),
            Role::Broker => self.describe_queues(speech),
            Role::ReadStore => {
                (0..D::VIEWS.len() as u8).flat_map(|nth| self.table(ViewId(nth), speech)).collect()
            }
            Role::Projector(view) => self.table(view, speech),
            Role::Cache => self.nodes.cache.describe(speech),
            Role::Orchestrator => self.nodes.orchestrator.describe(speech),
            Role::Timers => self.nodes.timers.describe(speech),
            Role::Vault => self.nodes.vault.describe(speech),
            Role::Service(service) => {
                let ledger = self.nodes.services[usize::from(service.0)].ledger();
                let words = speech.noun(Noun::Ledger(service, ledger)).to_string();
                words.lines().map(str::to_owned).collect()
            }
            Role::Customers
            | Role::CommandApi(_)
            | Role::Relay(_)
            | Role::QueryApi(_)
            | Role::Operator => Vec::new(),
        };
        lines.push(self.busy_node(node).unwrap_or_else(|| "nothing left to do".to_owned()));
        Some(lines.join("\n"))
    }

    fn describe_queues(&self, speech: Speech<'_, D>) -> Vec<String> {
        let queues = self.nodes.broker.queued().into_iter().zip(0..);
        let name = |queue: u8| match D::VIEWS.get(usize::from(queue)) {
            Some(_) => speech.view(ViewId(queue)),
            None => "sagas",
        };
        let mut lines: Vec<_> =
            queues.map(|(held, queue)| format!("queue {}: {held}", name(queue))).collect();
        lines.push(format!("dead letters: {}", self.nodes.broker.dead_letters().len()));
        lines
    }

    /// A view's rows, with its checkpoint.
    fn table(&self, view: ViewId, speech: Speech<'_, D>) -> Vec<String> {
        let index = usize::from(view.0);
        let checkpoint = self.nodes.read_store.checkpoints()[index];
        let mut lines = vec![format!("{} up to event {checkpoint}", speech.view(view))];
        for (row, key) in self.nodes.read_store.rows()[index].iter().zip(0..) {
            if let Some(row) = row {
                let of = speech.noun(Noun::RowOf(view, RowKey(key)));
                lines.push(format!("  {of}: {}", speech.noun(Noun::Row(&**row))));
            }
        }
        lines
    }
}
