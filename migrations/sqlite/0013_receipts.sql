-- A message is taken in, and a copy is put out, in one statement each, as a step is (migration 0011): the messages that
-- came before and the counters of the flood limits stand beside the first step of a case, a public copy beside the step
-- that publishes it.

-- Puts a copy out, in the place of an earlier one of the same case. The id is the first of its millisecond, or the one
-- behind the last; 1000 of a millisecond have one of their own (crates/store/src/publications.rs).
CREATE VIEW copies (id, number, published_at, topic, category, department, division, kind, summary, data, terms) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0;

CREATE TRIGGER copies_put INSTEAD OF INSERT ON copies BEGIN
    DELETE FROM publication_search WHERE rowid IN (SELECT id FROM publications WHERE number = NEW.number);
    DELETE FROM publications WHERE number = NEW.number;
    INSERT INTO publications (id, number, published_at, topic, category, department, division, kind, summary, data)
    SELECT max(NEW.id, COALESCE(MAX(id), 0) + 1), NEW.number, NEW.published_at, NEW.topic, NEW.category,
        NEW.department, NEW.division, NEW.kind, NEW.summary, NEW.data
    FROM publications WHERE id < NEW.id + 1000;
    INSERT INTO publication_search (rowid, terms) SELECT id, NEW.terms FROM publications WHERE number = NEW.number;
END;

-- As migration 0011 has it, with the copies, and with the column of migration 0012. That is the last one of its rows, so
-- that a component from before it still writes what it knows: its rows end one value earlier.
DROP TRIGGER steps_taken;
DROP VIEW steps;

CREATE VIEW steps (cases, events, documents, done, jobs, tallies, likeness, copies) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0;

CREATE TRIGGER steps_taken INSTEAD OF INSERT ON steps BEGIN
    SELECT RAISE(ABORT, 'the case has changed')
    FROM json_each(NEW.cases) AS row LEFT JOIN cases ON cases.number = row.value ->> 0
    WHERE COALESCE(cases.sequence, 0) <> row.value ->> 2;

    INSERT INTO cases (number, sequence, previous, state, queue, kind, urgency, channel, division, category, department,
        received_at, updated_at, due_at, emergency_at, data, follow_up_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
        value ->> 16
    FROM json_each(NEW.cases) WHERE true
    ON CONFLICT (number) DO UPDATE SET sequence = excluded.sequence, previous = excluded.previous,
        state = excluded.state, queue = excluded.queue, urgency = excluded.urgency, category = excluded.category,
        department = excluded.department, updated_at = excluded.updated_at, due_at = excluded.due_at,
        emergency_at = excluded.emergency_at, data = excluded.data, follow_up_at = excluded.follow_up_at;

    INSERT INTO events (number, sequence, at, kind, data)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(NEW.events);

    INSERT INTO documents (number, sequence, data)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(NEW.documents);

    DELETE FROM jobs WHERE (stage, number, attempts) IN (
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(NEW.done)
    );

    INSERT INTO jobs (stage, number, ready_at, attempts, dead, created_at, request)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
    FROM json_each(NEW.jobs) WHERE true
    ON CONFLICT (stage, number) DO UPDATE SET ready_at = excluded.ready_at, attempts = jobs.attempts + 1, dead = 0,
        request = excluded.request, error = NULL;

    INSERT INTO tallies (day, department, measure, shard, count)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(NEW.tallies) WHERE true
    ON CONFLICT (day, department, measure, shard) DO UPDATE SET count = tallies.count + excluded.count;

    INSERT INTO likeness (day, bucket, number)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(NEW.likeness) WHERE true
    ON CONFLICT DO NOTHING;

    INSERT INTO copies (id, number, published_at, topic, category, department, division, kind, summary, data, terms)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9, value ->> 10
    FROM json_each(NEW.copies);
END;

-- Takes a message in: what is remembered of it, each counter with the most it may stand at, and the contact beside the
-- rows of the first step. What it says of a message that cannot be taken in is known to crates/store/src/once.rs; why,
-- is found out apart.
CREATE VIEW receipts (key, fingerprint, number, response, at, since, counters, code, sealed, phone, email,
    cases, events, documents, jobs, tallies) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0;

CREATE TRIGGER receipts_taken INSTEAD OF INSERT ON receipts BEGIN
    SELECT RAISE(ABORT, 'the message is not taken in') FROM submissions WHERE key = NEW.key AND at >= NEW.since;

    INSERT INTO submissions (key, fingerprint, number, response, at)
    VALUES (NEW.key, NEW.fingerprint, NEW.number, NEW.response, NEW.at)
    ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, number = excluded.number,
        response = excluded.response, at = excluded.at;

    INSERT INTO counters (key, window_start, count)
    SELECT unhex(value ->> 0), value ->> 1, 1 FROM json_each(NEW.counters) WHERE true
    ON CONFLICT (key, window_start) DO UPDATE SET count = counters.count + excluded.count;

    SELECT RAISE(ABORT, 'the message is not taken in')
    FROM json_each(NEW.counters) AS row
        JOIN counters ON counters.key = unhex(row.value ->> 0) AND counters.window_start = row.value ->> 1
    WHERE counters.count > row.value ->> 2;

    INSERT INTO contacts (number, code, sealed, phone, email)
    VALUES (NEW.number, NEW.code, NEW.sealed, NEW.phone, NEW.email);

    INSERT INTO steps (cases, events, documents, jobs, tallies)
    VALUES (NEW.cases, NEW.events, NEW.documents, NEW.jobs, NEW.tallies);
END;
