-- Events by their tags, and appends on condition of how many events have a tag.

CREATE TABLE jetlag.tags (
    tag      text   NOT NULL,
    position bigint NOT NULL REFERENCES jetlag.events,
    PRIMARY KEY (tag, position)
);

-- The row that transactions wait for which have a tag in common.
CREATE TABLE jetlag.tag_locks (tag text PRIMARY KEY);

-- Locks tags in one order, so that no two transactions wait for each other. To be called after the streams are locked.
CREATE FUNCTION jetlag.lock_tags(named text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next text;
BEGIN
    FOR next IN SELECT DISTINCT tag COLLATE "C" FROM unnest(named) tag ORDER BY 1 LOOP
        INSERT INTO jetlag.tag_locks VALUES (next) ON CONFLICT DO NOTHING;
        PERFORM FROM jetlag.tag_locks WHERE tag = next FOR UPDATE;
    END LOOP;
END $$;

-- As jetlag.append, for events with `tags`, an array of texts, and with a condition: `counted` is an object of tags with the
-- number of events that the decision has found with each. If there are more by now, it fails with JL001. Positions would
-- not do: an event can become visible behind a later one.
CREATE FUNCTION jetlag.append_tagged(command_id text, expected jsonb, counted jsonb, events jsonb, outcome_of jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    earlier jsonb := jetlag.record(command_id);
    wanted  record;
    actual  bigint;
BEGIN
    IF earlier IS NOT NULL THEN
        RETURN earlier;
    END IF;
    PERFORM jetlag.expect(expected);
    PERFORM jetlag.lock_tags(ARRAY(
        SELECT jsonb_array_elements_text(event->'tags') FROM jsonb_array_elements(events) event
        UNION SELECT jsonb_object_keys(counted)
    ));
    FOR wanted IN SELECT key, value::bigint AS matches FROM jsonb_each_text(counted) LOOP
        SELECT count(*) INTO actual FROM jetlag.tags WHERE tag = wanted.key;
        IF actual <> wanted.matches THEN
            RAISE EXCEPTION '% events have tag %, expected %', actual, wanted.key, wanted.matches USING ERRCODE = 'JL001';
        END IF;
    END LOOP;
    PERFORM jetlag.store(command_id, events);
    INSERT INTO jetlag.tags
    SELECT DISTINCT tag, stored.position
    FROM (
        SELECT position, row_number() OVER (ORDER BY position) AS nth FROM jetlag.events WHERE command = command_id
    ) stored
    JOIN jsonb_array_elements(events) WITH ORDINALITY AS given(event, nth) USING (nth),
    jsonb_array_elements_text(event->'tags') tag;
    UPDATE jetlag.commands SET outcome = outcome_of WHERE command = command_id;
    RETURN NULL;
END $$;
