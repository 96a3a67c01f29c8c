//! The state of single nodes in words, for a person who stops a run and looks around.

use std::sync::Arc;

use super::domain::{Domain, Noun, Strategy};
use super::ids::{RowKey, ViewId};
use super::map::Role;
use super::speech::Speech;
use super::topology::{projected, view_of};
use super::world::World;

impl<D: Domain, L> World<D, L> {
    /// What a node holds, one thing a line; `None` if there is no node of this name.
    pub fn describe_state(&self, name: &str) -> Option<String> {
        let node = self.map.named(name)?;
        let speech = Speech { domain: &self.plan.domain, names: &self.plan.names };
        let mut lines = match self.map.role(node) {
            Role::EventStore => {
                let mut lines = self.nodes.store.describe(speech);
                for view in views::<D>(Strategy::Synchronous) {
                    lines.push(speech.view(view).to_owned());
                    lines.extend(rows(view, &self.nodes.store.rows(view), speech));
                }
                lines
            }
            Role::Broker => self.describe_queues(speech),
            Role::ReadStore => projected::<D>().flat_map(|view| self.table(view, speech)).collect(),
            Role::Projector(view) => self.table(view, speech),
            Role::QueryApi(nth) => self.nodes.query_apis[usize::from(nth)]
                .tables()
                .flat_map(|(view, upto, kept)| {
                    let head = format!("{} up to event {}", speech.view(view), upto.0);
                    std::iter::once(head).chain(rows(view, &kept, speech))
                })
                .collect(),
            Role::Cache => self.nodes.cache.describe(speech),
            Role::Orchestrator => self.nodes.orchestrator.describe(speech),
            Role::Timers => self.nodes.timers.describe(speech),
            Role::Vault => self.nodes.vault.describe(speech),
            Role::Service(service) => {
                let ledger = self.nodes.services[usize::from(service.0)].ledger();
                let words = speech.noun(Noun::Ledger(service, ledger)).to_string();
                words.lines().map(str::to_owned).collect()
            }
            Role::Customers | Role::CommandApi(_) | Role::Relay(_) | Role::Operator => Vec::new(),
        };
        lines.push(self.busy_node(node).unwrap_or_else(|| "nothing left to do".to_owned()));
        Some(lines.join("\n"))
    }

    fn describe_queues(&self, speech: Speech<'_, D>) -> Vec<String> {
        let queues = self.nodes.broker.queued().into_iter().zip(0..);
        let name = |queue: u8| view_of::<D>(queue).map_or("sagas", |view| speech.view(view));
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
        lines.extend(rows(view, &self.nodes.read_store.rows()[index], speech));
        lines
    }
}

/// The views that are kept up to date in this way.
fn views<D: Domain>(strategy: Strategy) -> impl Iterator<Item = ViewId> {
    let views = D::VIEWS.iter().zip(0..).filter(move |(view, _)| view.strategy == strategy);
    views.map(|(_, view)| ViewId(view))
}

/// Every row that is there, in a line.
fn rows<D: Domain>(
    view: ViewId,
    rows: &[Option<Arc<D::Row>>],
    speech: Speech<'_, D>,
) -> Vec<String> {
    let there = rows.iter().zip(0..).filter_map(|(row, key)| Some((row.as_deref()?, key)));
    let line = |(row, key)| {
        let of = speech.noun(Noun::RowOf(view, RowKey(key)));
        format!("  {of}: {}", speech.noun(Noun::Row(row)))
    };
    there.map(line).collect()
}
