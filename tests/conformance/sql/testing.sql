-- What the rows of the suite need beside the migration.

-- A commit that is refused: a constraint that is checked at the commit only, as a foreign key may be.
CREATE FUNCTION jetlag.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('jetlag.refuse', true) = 'on' THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON jetlag.events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION jetlag.refuse();

-- A table over which two serializable transactions can disagree.
CREATE TABLE jetlag.duty (doctor text PRIMARY KEY, is_on boolean NOT NULL);
INSERT INTO jetlag.duty VALUES ('a', true), ('b', true);
