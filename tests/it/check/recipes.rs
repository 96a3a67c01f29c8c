//! The statements of `docs/check.md`, on such tables in a private PostgreSQL.
//!
//! Without PostgreSQL the tests say so and pass.

use jetlag::history::{self, Clause, History, Input, Map};

use super::postgres::Postgres;
use super::{facts, first_breach, violated};
use crate::docs::root;

/// The block of the page with this name.
fn block(name: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/check.md")).expect("the page");
    let start = page
        .split("\n```")
        .find_map(|block| block.split_once('\n').filter(|(info, _)| info.ends_with(name)))
        .unwrap_or_else(|| panic!("docs/check.md has a block {name}"));
    start.1.to_owned() + "\n"
}

/// Checks exported tables, each with its name.
fn check(tables: &[(&str, String)], map: Option<&str>) -> History {
    let map = map.map_or_else(Map::default, |map| {
        Map::load("map.ron", block(map).as_bytes()).expect("the map of the page is valid")
    });
    let inputs = tables
        .iter()
        .map(|(name, text)| Input { name: (*name).to_owned(), text: Box::new(text.as_bytes()) });
    history::check(inputs.collect(), &map, false, 10).expect("what the statements print is read")
}

#[test]
fn every_statement_of_the_page_exports_a_history() {
    let Some(postgres) = Postgres::start() else { return };
    plain_table(&postgres);
    message_db(&postgres);
    marten(&postgres);
    axon(&postgres);
    outbox_and_inbox(&postgres);
    requests(&postgres);
}

/// The database `name` with these tables, and what a statement of the page prints there.
fn exported(postgres: &Postgres, name: &str, tables: &str, statements: &[&str]) -> Vec<String> {
    postgres.database(name, tables);
    statements.iter().map(|statement| postgres.query(name, &block(statement))).collect()
}

fn plain_table(postgres: &Postgres) {
    let tables = "
        CREATE TABLE events (stream text, version int, type text, data jsonb, created_at timestamptz);
        INSERT INTO events VALUES
            ('order-1', 1, 'OrderPlaced', '{\"note\": \"two\\nlines and a \\\\ backslash\"}', '2026-05-01 12:00:00+00'),
            ('order-1', 2, 'PaymentAuthorised', '{\"amount\": 420.00}', '2026-05-01 12:00:01+00'),
            ('order-1', 3, 'PaymentCaptured', '{\"amount\": 420.00}', '2026-05-01 12:00:02+00'),
            ('order-2', 1, 'OrderPlaced', '{}', '2026-05-01 12:00:01+00'),
            ('order-2', 3, 'OrderShipped', '{}', '2026-05-01 12:00:09+00'),
            ('order-3', 1, 'PaymentAuthorised', '{\"amount\": 99.50}', '2026-05-01 12:00:04+00'),
            ('order-3', 2, 'PaymentCaptured', '{\"amount\": 99.50}', '2026-05-01 12:00:06+00'),
            ('order-3', 2, 'PaymentCaptured', '{\"amount\": 99.50}', '2026-05-01 12:00:07+00')";
    let printed = exported(postgres, "plain", tables, &["plain.sql", "plain-money.sql"]);
    let events = check(&[("events.jsonl", printed[0].clone())], None);
    assert_eq!(violated(&events), ["dense-versions"]);
    assert_eq!(facts(&events, Clause::Versions), 8);
    let says: Vec<&str> = events.findings.breaches.iter().map(|breach| &*breach.says).collect();
    assert_eq!(says, ["order-2 v3 follows v1: v2 is missing", "order-3 v2 is stored twice"]);
    let payments = check(&[("payments.jsonl", printed[1].clone())], None);
    assert_eq!(violated(&payments), ["single-capture", "money-conserved"]);
    let twice = "4 and 5: order-3 is captured twice, the second time 99.50";
    assert_eq!(first_breach(&payments, "single-capture"), twice);
}

fn message_db(postgres: &Postgres) {
    let tables = "
        CREATE SCHEMA message_store;
        CREATE TABLE message_store.messages (
            global_position bigserial PRIMARY KEY, position bigint NOT NULL,
            time timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'), stream_name text NOT NULL,
            type text NOT NULL, data jsonb, metadata jsonb, id uuid NOT NULL DEFAULT gen_random_uuid());
        INSERT INTO message_store.messages (stream_name, position, type, metadata) VALUES
            ('account:command-1', 0, 'Open', NULL),
            ('account-1', 0, 'Opened', '{\"causationMessageGlobalPosition\": 1}'),
            ('account-1', 1, 'Deposited', NULL),
            ('account-1', 3, 'Deposited', '{\"causationMessageGlobalPosition\": 3}')";
    let printed = exported(postgres, "messages", tables, &["message-db.sql"]).remove(0);
    let history = check(&[("messages.jsonl", printed)], None);
    assert_eq!(violated(&history), ["dense-versions"]);
    let gap = "3 and 4: account-1 v4 follows v2: v3 is missing";
    assert_eq!(first_breach(&history, "dense-versions"), gap);
    let clauses = [Clause::Versions, Clause::Positions, Clause::Ids, Clause::CauseFirst];
    assert_eq!(clauses.map(|clause| facts(&history, clause)), [4, 4, 4, 2]);
}

fn marten(postgres: &Postgres) {
    let tables = "
        CREATE TABLE mt_events (
            seq_id bigint PRIMARY KEY, id uuid NOT NULL DEFAULT gen_random_uuid(), stream_id uuid,
            version bigint NOT NULL, data jsonb NOT NULL, type varchar(500) NOT NULL,
            timestamp timestamptz NOT NULL DEFAULT now(), tenant_id varchar DEFAULT '*DEFAULT*',
            mt_dotnet_type varchar, is_archived boolean DEFAULT false);
        CREATE TABLE mt_event_progression (
            name varchar PRIMARY KEY, last_seq_id bigint, last_updated timestamptz DEFAULT now());
        INSERT INTO mt_events (seq_id, stream_id, version, data, type) VALUES
            (1, '7a1c26f2-52a5-4a5e-8f6a-0f9f1f3c0001', 1, '{}', 'order_placed'),
            (2, '7a1c26f2-52a5-4a5e-8f6a-0f9f1f3c0002', 1, '{}', 'order_placed'),
            (4, '7a1c26f2-52a5-4a5e-8f6a-0f9f1f3c0001', 2, '{}', 'order_shipped');
        INSERT INTO mt_event_progression (name, last_seq_id) VALUES
            ('HighWaterMark', 4), ('Orders:All', 4), ('Mail:All', 2)";
    let printed = exported(postgres, "marten", tables, &["marten.sql"]).remove(0);
    let history = check(&[("marten.jsonl", printed)], None);
    assert_eq!(violated(&history), ["drains"]);
    let behind = "6 and 5: the checkpoint of Mail:All ends at 2, but its last event is at 4";
    assert_eq!(first_breach(&history, "drains"), behind);
    let clauses = [Clause::Versions, Clause::Positions, Clause::CaughtUp, Clause::Forward];
    assert_eq!(clauses.map(|clause| facts(&history, clause)), [3, 3, 2, 2]);
}

fn axon(postgres: &Postgres) {
    let tables = "
        CREATE TABLE domain_event_entry (
            global_index bigint PRIMARY KEY, aggregate_identifier varchar(255) NOT NULL,
            sequence_number bigint NOT NULL, type varchar(255), event_identifier varchar(255) NOT NULL,
            meta_data bytea, payload bytea NOT NULL, payload_revision varchar(255),
            payload_type varchar(255) NOT NULL, time_stamp varchar(255) NOT NULL);
        INSERT INTO domain_event_entry
            (global_index, aggregate_identifier, sequence_number, type, event_identifier, payload, payload_type, time_stamp)
        VALUES
            (1, 'a1', 0, 'Order', 'e1', '', 'com.example.OrderPlaced', '2026-05-01T12:00:00.123456Z'),
            (2, 'a1', 1, 'Order', 'e2', '', 'com.example.OrderPaid', '2026-05-01T12:00:01Z'),
            (5, 'a2', 0, 'Order', 'e2', '', 'com.example.OrderPlaced', '2026-05-01T12:00:02Z')";
    let printed = exported(postgres, "axon", tables, &["axon.sql"]).remove(0);
    let history = check(&[("axon.jsonl", printed)], None);
    assert_eq!(violated(&history), ["dense-versions"]);
    assert_eq!(first_breach(&history, "dense-versions"), "3: the id e2 of a2 v1 belongs to a1 v2");
    assert_eq!(facts(&history, Clause::Versions), 3);
}

fn outbox_and_inbox(postgres: &Postgres) {
    let tables = "
        CREATE TABLE events (id uuid PRIMARY KEY, stream text, version int, type text);
        CREATE TABLE outbox (event_id uuid PRIMARY KEY, created_at timestamptz, sent_at timestamptz);
        CREATE TABLE inbox (consumer text, message_id uuid, handled_at timestamptz);
        INSERT INTO events VALUES
            ('00000000-0000-0000-0000-000000000001', 'order-1', 1, 'OrderPlaced'),
            ('00000000-0000-0000-0000-000000000002', 'order-1', 2, 'OrderPaid'),
            ('00000000-0000-0000-0000-000000000003', 'order-2', 1, 'OrderPlaced'),
            ('00000000-0000-0000-0000-000000000004', 'visit-9', 1, 'Visited');
        INSERT INTO outbox SELECT id, now(), now() FROM events;
        UPDATE outbox SET sent_at = NULL WHERE event_id = '00000000-0000-0000-0000-000000000003';
        INSERT INTO inbox VALUES
            ('billing', '00000000-0000-0000-0000-000000000001', '2026-05-01 12:00:01+00'),
            ('billing', '00000000-0000-0000-0000-000000000002', '2026-05-01 12:00:02+00'),
            ('billing', '00000000-0000-0000-0000-000000000001', '2026-05-01 12:00:03+00')";
    let statements = ["outbox-events.sql", "outbox-rows.sql", "outbox-inbox.sql"];
    let printed = exported(postgres, "outbox", tables, &statements);
    let names = ["outbox-events.jsonl", "outbox-rows.jsonl", "outbox-inbox.jsonl"];
    let tables: Vec<(&str, String)> = names.into_iter().zip(printed).collect();
    let history = check(&tables, Some("outbox.ron"));
    assert_eq!(violated(&history), ["in-order-apply", "no-lost-event", "drains"]);
    assert_eq!(
        first_breach(&history, "in-order-apply"),
        "2 and 3: billing applied order-1 v1 twice"
    );
    assert_eq!(first_breach(&history, "no-lost-event"), "3: billing never applied order-2 v1");
    let unsent = "the event 00000000-0000-0000-0000-000000000003 is in the outbox and not sent";
    assert!(first_breach(&history, "drains").ends_with(unsent));
    assert!(!history.is_ordered, "three tables have no common order");
    // The order of their rows does not matter, nor that of the files.
    let turned: Vec<(&str, String)> = tables.into_iter().rev().collect();
    let again = check(&turned, Some("outbox.ron"));
    assert_eq!(violated(&again), violated(&history));
}

fn requests(postgres: &Postgres) {
    let tables = "
        CREATE TABLE shows (show text PRIMARY KEY, seats int);
        CREATE TABLE requests (customer text, show text, action text, ticket text, status int,
            sent_at timestamptz, answered_at timestamptz);
        INSERT INTO shows VALUES ('rock', 1);
        INSERT INTO requests VALUES
            ('ana', 'rock', 'reserve', 't-1', 201, '2026-05-01 12:00:00+00', '2026-05-01 12:00:01+00'),
            ('ben', 'rock', 'reserve', 't-2', 409, '2026-05-01 12:00:00.5+00', '2026-05-01 12:00:02+00'),
            ('ben', 'rock', 'look', NULL, 200, '2026-05-01 12:00:02+00', '2026-05-01 12:00:03+00'),
            ('ana', 'rock', 'cancel', 't-1', 200, '2026-05-01 12:00:03+00', '2026-05-01 12:00:04+00'),
            ('cleo', 'rock', 'reserve', 't-3', 504, '2026-05-01 12:00:05+00', '2026-05-01 12:00:35+00'),
            ('dave', 'rock', 'reserve', 't-4', NULL, '2026-05-01 12:00:06+00', NULL),
            ('ben', 'rock', 'reserve', 't-5', 429, '2026-05-01 12:00:07+00', '2026-05-01 12:00:07+00'),
            ('ben', 'rock', 'reserve', 't-5', 409, '2026-05-01 12:00:08+00', '2026-05-01 12:00:09+00')";
    let printed = exported(postgres, "requests", tables, &["requests.sql"]).remove(0);
    let history = check(&[("requests.jsonl", printed.clone())], None);
    assert_eq!(violated(&history), [""; 0]);
    assert_eq!(facts(&history, Clause::OneOrder), 4);
    // Nobody else can have the place that was given back.
    let lines: Vec<&str> = printed.lines().collect();
    let known = lines.into_iter().filter(|line| !line.contains("unknown"));
    let known = known.collect::<Vec<_>>().join("\n");
    let history = check(&[("requests.jsonl", known)], None);
    assert_eq!(
        first_breach(&history, "linearizable"),
        "5: no order of the operations on rock explains what was told: ben was refused 1 for t-5; before, 1 is there"
    );
}
