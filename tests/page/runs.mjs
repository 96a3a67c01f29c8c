// Runs for the tests of the page: made by the command, so that they never differ from what it writes.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openDocument } from '../../src/report/page/data/document.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = ['target/debug/jetlag', 'target/release/jetlag'].map(path => ROOT + path);
const JETLAG = process.env.JETLAG ?? BUILT.find(path => existsSync(path));

// A scenario of each domain, and such in which much goes wrong: late answers, crashes, cuts, dead letters, erasure.
export const SCENARIOS = [
  'scenarios/flights/vendor_timeout.ron', 'scenarios/flights/out_of_order_delivery.ron', 'scenarios/flights/poison_event.ron', 'scenarios/flights/cache_failover.ron',
  'scenarios/flights/gdpr_erasure.ron', 'scenarios/flights/saga_orchestrator_crash_at_every_step.ron', 'scenarios/flights/partition_api_from_store.ron',
  'scenarios/accounts/three_strategies.ron', 'scenarios/box_office/lock_expires_fenced.ron', 'scenarios/delivery/audit.ron',
  'scenarios/orders/parcel_reply_lost.ron', 'examples/captured_twice.shrunk.ron',
  // Brokers, subscriptions, a search index, timers that are polled.
  'scenarios/accounts/kafka_rebalance.ron', 'scenarios/accounts/sqs_visibility_lapses.ron', 'scenarios/accounts/rabbitmq_consumer_cancelled.ron', 'scenarios/accounts/kafka_poison.ron',
  'scenarios/box_office/status_pushed.ron', 'scenarios/flights/search_index.ron', 'scenarios/flights/timers_polled.ron',
];

// What the command prints. An exit status that says that a run failed is none of our failures.
export function jetlag(...args) {
  if (!JETLAG) throw new Error('build the command first (cargo build), or name it in the variable JETLAG');
  try {
    return execFileSync(JETLAG, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.status === 1 && error.stdout) return error.stdout;
    throw new Error(`jetlag ${args.join(' ')}: ${error.stderr || error.message}`);
  }
}

const exported = new Map();

// The document of a run, and the run as the page opens it.
export function documentOf(path) {
  if (!exported.has(path)) exported.set(path, jetlag('export', path, '--as', 'page'));
  return JSON.parse(exported.get(path));
}

export const open = path => openDocument(documentOf(path));
