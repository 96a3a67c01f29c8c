-- What the load needs beside the migration, to export its history.

-- The time of a commit, in nanoseconds since 1970. Needs track_commit_timestamp.
CREATE FUNCTION jetlag.at(transaction xid) RETURNS bigint LANGUAGE sql AS $$
    SELECT (extract(epoch FROM pg_xact_commit_timestamp(transaction)) * 1000000)::bigint * 1000
$$;

-- Every position that a cursor has had.
CREATE TABLE jetlag.cursor_moves (
    nth      bigint GENERATED ALWAYS AS IDENTITY,
    consumer text   NOT NULL,
    position bigint NOT NULL
);

CREATE FUNCTION jetlag.note_cursor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jetlag.cursor_moves (consumer, position) VALUES (NEW.consumer, NEW.position);
    RETURN NULL;
END $$;

-- At the commit, so that a transaction which moves its cursor step by step is noted once for each step, after its rows.
CREATE CONSTRAINT TRIGGER note_cursor AFTER INSERT OR UPDATE ON jetlag.cursors
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION jetlag.note_cursor();
