-- The relay: a lease with a fencing token, and rows of the outbox up to the high-water mark.

CREATE TABLE jetlag.leases (
    name   text        PRIMARY KEY,
    holder text        NOT NULL DEFAULT '',
    fence  bigint      NOT NULL DEFAULT 0,
    until  timestamptz NOT NULL DEFAULT '-infinity'
);

-- Takes a lease that is free, or renews one's own. Returns its fencing token, which is greater for each holder, or NULL.
CREATE FUNCTION jetlag.lease(lease_name text, candidate text, held bigint, lasts interval) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    token bigint;
BEGIN
    INSERT INTO jetlag.leases (name) VALUES (lease_name) ON CONFLICT DO NOTHING;
    UPDATE jetlag.leases
    SET fence = CASE WHEN holder = candidate AND fence = held THEN fence ELSE fence + 1 END,
        holder = candidate,
        until = clock_timestamp() + lasts
    WHERE name = lease_name AND (until <= clock_timestamp() OR (holder = candidate AND fence = held))
    RETURNING fence INTO token;
    RETURN token;
END $$;

-- Whether a token is still the newest of its lease. The lease stays as it is until the transaction ends.
CREATE FUNCTION jetlag.is_current(lease_name text, candidate text, token bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jetlag.leases WHERE name = lease_name AND holder = candidate AND fence = token FOR SHARE;
    RETURN FOUND;
END $$;

-- The next events to publish, in order of their positions. None of them can be overtaken by one that is in flight.
CREATE FUNCTION jetlag.unsent(at_most bigint) RETURNS TABLE (at bigint, of_stream text, at_version bigint, holds jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    mark bigint := jetlag.high_water_mark();
BEGIN
    RETURN QUERY
        SELECT e.position, e.stream, e.version, e.data
        FROM jetlag.outbox o JOIN jetlag.events e USING (position)
        WHERE o.sent_at IS NULL AND o.position <= mark
        ORDER BY o.position
        LIMIT at_most;
END $$;

-- Marks rows as sent, up to a position, and returns whether the token was current. Called after they are published: a
-- relay that fails in between publishes them again.
CREATE FUNCTION jetlag.mark_sent(candidate text, token bigint, upto bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT jetlag.is_current('outbox', candidate, token) THEN
        RETURN false;
    END IF;
    UPDATE jetlag.outbox SET sent_at = clock_timestamp() WHERE position <= upto AND sent_at IS NULL;
    RETURN true;
END $$;
