-- What is removed for its age, and rows of the outbox that are sent again while they are kept.

-- Removes what is older: outcomes of commands, rows of the outbox that were sent, ids of messages. A row that is not sent
-- stays, however old it is. A copy of a command, or of a message, that comes later is a new one.
CREATE FUNCTION jetlag.clean(keep interval) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz := clock_timestamp() - keep;
BEGIN
    DELETE FROM jetlag.commands WHERE recorded_at <= since;
    DELETE FROM jetlag.outbox WHERE sent_at <= since;
    DELETE FROM jetlag.inbox WHERE applied_at <= since;
END $$;

-- Has the rows sent again of all events that were recorded since a moment and whose rows are kept.
CREATE FUNCTION jetlag.send_again(since timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE jetlag.outbox SET sent_at = NULL
    FROM jetlag.events e
    WHERE e.position = jetlag.outbox.position AND e.recorded_at >= since
$$;
