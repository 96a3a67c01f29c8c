-- Projectors: a row, the inbox and the checkpoint change in one transaction.

-- How far a consumer is in each stream.
CREATE TABLE jetlag.checkpoints (
    consumer text   NOT NULL,
    stream   text   NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (consumer, stream)
);

-- What each consumer has applied. `nth` is the order in which it did.
CREATE TABLE jetlag.inbox (
    nth        bigint      GENERATED ALWAYS AS IDENTITY,
    consumer   text        NOT NULL,
    stream     text        NOT NULL,
    version    bigint      NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, stream, version)
);

-- How far a consumer is that reads the log.
CREATE TABLE jetlag.cursors (
    consumer text   PRIMARY KEY,
    position bigint NOT NULL
);

-- The view of the load: how many seats of a show are sold, as of a version of its stream.
CREATE TABLE jetlag.shows (
    consumer text   NOT NULL,
    show     text   NOT NULL,
    sold     bigint NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (consumer, show)
);

-- Adds what an event has sold to the row of its show.
CREATE FUNCTION jetlag.add_to_show(by_consumer text, of_stream text, at_version bigint, seats bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO jetlag.shows VALUES (by_consumer, of_stream, seats, at_version)
    ON CONFLICT (consumer, show) DO UPDATE
    SET sold = jetlag.shows.sold + EXCLUDED.sold, version = greatest(jetlag.shows.version, EXCLUDED.version)
$$;

-- Applies an event that was delivered: 'applied', 'duplicate' if the consumer has had it, or 'gap' if an earlier event of
-- the stream is missing and the delivery has to come again. Instances of a consumer wait for each other by stream.
CREATE FUNCTION jetlag.apply(by_consumer text, of_stream text, at_version bigint, seats bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    seen bigint;
BEGIN
    INSERT INTO jetlag.checkpoints VALUES (by_consumer, of_stream, 0) ON CONFLICT DO NOTHING;
    SELECT version INTO STRICT seen FROM jetlag.checkpoints WHERE consumer = by_consumer AND stream = of_stream FOR UPDATE;
    IF at_version <= seen THEN
        RETURN 'duplicate';
    ELSIF at_version > seen + 1 THEN
        RETURN 'gap';
    END IF;
    PERFORM jetlag.add_to_show(by_consumer, of_stream, at_version, seats);
    INSERT INTO jetlag.inbox (consumer, stream, version) VALUES (by_consumer, of_stream, at_version);
    UPDATE jetlag.checkpoints SET version = at_version WHERE consumer = by_consumer AND stream = of_stream;
    RETURN 'applied';
END $$;

-- The same by the ids of messages, which stand for a stream and a version: what is in the inbox is a duplicate. The version
-- of the stream only says what comes next, so that a message whose id was removed for its age is applied again.
CREATE FUNCTION jetlag.apply_message(by_consumer text, of_stream text, at_version bigint, seats bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    seen bigint;
BEGIN
    INSERT INTO jetlag.checkpoints VALUES (by_consumer, of_stream, 0) ON CONFLICT DO NOTHING;
    SELECT version INTO STRICT seen FROM jetlag.checkpoints WHERE consumer = by_consumer AND stream = of_stream FOR UPDATE;
    IF at_version > seen + 1 THEN
        RETURN 'gap';
    END IF;
    INSERT INTO jetlag.inbox (consumer, stream, version) VALUES (by_consumer, of_stream, at_version) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'duplicate';
    END IF;
    PERFORM jetlag.add_to_show(by_consumer, of_stream, at_version, seats);
    UPDATE jetlag.checkpoints SET version = greatest(version, at_version)
    WHERE consumer = by_consumer AND stream = of_stream;
    RETURN 'applied';
END $$;

-- Events of the log after a position, up to the high-water mark.
CREATE FUNCTION jetlag.read_log(after bigint, at_most bigint)
RETURNS TABLE (at bigint, of_stream text, at_version bigint, holds jsonb) LANGUAGE plpgsql AS $$
DECLARE
    mark bigint := jetlag.high_water_mark();
BEGIN
    RETURN QUERY
        SELECT e.position, e.stream, e.version, e.data FROM jetlag.events e
        WHERE e.position > after AND e.position <= mark
        ORDER BY e.position
        LIMIT at_most;
END $$;

-- Where a consumer of the log is, under a lease: 'JL002' if another instance has taken over. The cursor stays as it is
-- until the transaction ends.
CREATE FUNCTION jetlag.cursor_of(by_consumer text, candidate text, token bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    upto bigint;
BEGIN
    IF NOT jetlag.is_current(by_consumer, candidate, token) THEN
        RAISE EXCEPTION 'token % of % is not current', token, candidate USING ERRCODE = 'JL002';
    END IF;
    INSERT INTO jetlag.cursors VALUES (by_consumer, 0) ON CONFLICT DO NOTHING;
    SELECT position INTO STRICT upto FROM jetlag.cursors WHERE consumer = by_consumer FOR UPDATE;
    RETURN upto;
END $$;

-- Applies the next events of the log: rows, inbox and cursor in one transaction. Returns how many there were.
CREATE FUNCTION jetlag.catch_up(by_consumer text, candidate text, token bigint, at_most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    upto  bigint := jetlag.cursor_of(by_consumer, candidate, token);
    event record;
    count bigint := 0;
BEGIN
    FOR event IN SELECT * FROM jetlag.read_log(upto, at_most) LOOP
        PERFORM jetlag.add_to_show(by_consumer, event.of_stream, event.at_version, (event.holds->>'seats')::bigint);
        INSERT INTO jetlag.inbox (consumer, stream, version) VALUES (by_consumer, event.of_stream, event.at_version);
        UPDATE jetlag.cursors SET position = event.at WHERE consumer = by_consumer;
        count := count + 1;
    END LOOP;
    RETURN count;
END $$;
