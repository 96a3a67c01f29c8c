-- The event store: events, commands, and the function that appends.
--
-- A position is a value of a sequence: unique, taken before the commit, and burned by a rollback. A version is the place
-- of an event in its stream, without gaps. Every writer takes its keys in one order, the command first and then streams
-- by name, so that no two writers wait for each other.

CREATE SCHEMA jetlag;

CREATE SEQUENCE jetlag.positions CACHE 1;

-- The version of each stream that was read or written. Its row is what writers of the stream wait for. A stream that was
-- ended is read from its event `ended` on; one that is closed takes no further event.
CREATE TABLE jetlag.streams (
    stream    text    PRIMARY KEY,
    version   bigint  NOT NULL,
    ended     bigint  NOT NULL DEFAULT 0,
    is_closed boolean NOT NULL DEFAULT false
);

CREATE TABLE jetlag.events (
    position    bigint      PRIMARY KEY,
    stream      text        NOT NULL,
    version     bigint      NOT NULL,
    command     text        NOT NULL,
    type        text        NOT NULL,
    data        jsonb       NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (stream, version)
);

-- The outcome of each command, recorded in the transaction that it leads to. A later copy gets this outcome.
CREATE TABLE jetlag.commands (
    command     text        PRIMARY KEY,
    outcome     jsonb,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row for each event, written in the event's transaction.
CREATE TABLE jetlag.outbox (
    position bigint PRIMARY KEY REFERENCES jetlag.events,
    sent_at  timestamptz
);
CREATE INDEX outbox_unsent ON jetlag.outbox (position) WHERE sent_at IS NULL;

-- Records a command, or returns the outcome of the copy that came first. A copy whose transaction is open is waited for.
-- ON CONFLICT DO NOTHING does not show the row that it met; a second statement, which has a snapshot of its own, does,
-- unless the row was removed for its age in between.
CREATE FUNCTION jetlag.record(command_id text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    earlier jsonb;
BEGIN
    LOOP
        INSERT INTO jetlag.commands (command) VALUES (command_id) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN NULL;
        END IF;
        SELECT outcome INTO earlier FROM jetlag.commands WHERE command = command_id;
        IF FOUND THEN
            RETURN earlier;
        END IF;
    END LOOP;
END $$;

-- Locks the streams that a decision has read and fails with JL001 if one is not as it is expected.
-- `expected` is an object of streams with versions, 0 being a stream without events, or with one of the words
-- 'any', 'no-stream' and 'stream-exists'. A stream that was ended does not exist until it begins again.
CREATE FUNCTION jetlag.expect(expected jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    actual jetlag.streams;
    is_met boolean;
BEGIN
    FOR wanted IN SELECT key, value FROM jsonb_each_text(expected) ORDER BY key COLLATE "C" LOOP
        INSERT INTO jetlag.streams VALUES (wanted.key, 0) ON CONFLICT DO NOTHING;
        SELECT * INTO STRICT actual FROM jetlag.streams WHERE stream = wanted.key FOR UPDATE;
        is_met := CASE wanted.value
            WHEN 'any' THEN true
            WHEN 'no-stream' THEN actual.version = actual.ended
            WHEN 'stream-exists' THEN actual.version > actual.ended
            ELSE actual.version = wanted.value::bigint
        END;
        IF NOT is_met THEN
            RAISE EXCEPTION 'stream % is at version %, expected %', wanted.key, actual.version, wanted.value
                USING ERRCODE = 'JL001';
        END IF;
    END LOOP;
END $$;

-- The last position that was taken.
CREATE FUNCTION jetlag.taken() RETURNS bigint LANGUAGE sql AS $$
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM jetlag.positions
$$;

-- Says that this transaction takes positions greater than the last one that was taken, until it ends. The lock excludes
-- no one: it is a note in pg_locks, which the database removes with the transaction, however that ends.
CREATE FUNCTION jetlag.take_positions() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared((x'4a4c'::bigint << 48) | jetlag.taken())
$$;

-- Each position up to the high-water mark is visible or burned.
--
-- A writer that is not in pg_locks yet takes its positions later than this function reads the sequence. A writer that is
-- gone from pg_locks is visible to the next statement. The caller therefore reads rows in a statement of its own.
CREATE FUNCTION jetlag.high_water_mark() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last_taken bigint := jetlag.taken();
    in_flight  bigint;
BEGIN
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO in_flight
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = x'4a4c'::bigint
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    RETURN least(last_taken, in_flight);
END $$;

-- Stores events after the streams' versions, with their outbox rows, or fails with JL001 if a stream is closed. `events`
-- is an array of objects with stream, type and data, whose streams were locked by jetlag.expect.
CREATE FUNCTION jetlag.store(command_id text, events jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    event jsonb;
    next  bigint;
    at    bigint;
BEGIN
    PERFORM jetlag.take_positions();
    FOR event IN SELECT value FROM jsonb_array_elements(events) LOOP
        UPDATE jetlag.streams SET version = version + 1 WHERE stream = event->>'stream' AND NOT is_closed
        RETURNING version INTO next;
        IF next IS NULL THEN
            RAISE EXCEPTION 'stream % is closed', event->>'stream' USING ERRCODE = 'JL001';
        END IF;
        at := nextval('jetlag.positions');
        INSERT INTO jetlag.events (position, stream, version, command, type, data)
        VALUES (at, event->>'stream', next, command_id, event->>'type', event->'data');
        INSERT INTO jetlag.outbox (position) VALUES (at);
    END LOOP;
    PERFORM pg_notify('jetlag', '');
END $$;

-- Appends the events of a command to streams that are at their expected versions. Returns NULL, or the outcome of an
-- earlier copy of the command, which has then appended. To be called in a transaction at READ COMMITTED.
CREATE FUNCTION jetlag.append(command_id text, expected jsonb, events jsonb, outcome_of jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    earlier jsonb := jetlag.record(command_id);
BEGIN
    IF earlier IS NOT NULL THEN
        RETURN earlier;
    END IF;
    PERFORM jetlag.expect(expected);
    PERFORM jetlag.store(command_id, events);
    UPDATE jetlag.commands SET outcome = outcome_of WHERE command = command_id;
    RETURN NULL;
END $$;

-- Records the outcome of a command that leads to no event. Returns NULL, or the outcome of an earlier copy.
CREATE FUNCTION jetlag.conclude(command_id text, outcome_of jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    earlier jsonb := jetlag.record(command_id);
BEGIN
    IF earlier IS NULL THEN
        UPDATE jetlag.commands SET outcome = outcome_of WHERE command = command_id;
    END IF;
    RETURN earlier;
END $$;

-- Ends a stream, in the transaction of its last event. One that is closed takes no further event; any other begins again
-- with the next one, and its versions continue, because consumers recognise copies by them.
CREATE FUNCTION jetlag.end_stream(of_stream text, closes boolean) RETURNS void LANGUAGE sql AS $$
    UPDATE jetlag.streams SET ended = version, is_closed = closes WHERE stream = of_stream
$$;
