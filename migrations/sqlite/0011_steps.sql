-- Takes all rows of a step at once, each kind as a JSON array of arrays in the order of the columns, and writes them
-- where they belong. A transaction of several statements keeps the one turn to write while the function that makes
-- them is put aside between two of them. What it says of a case that has changed is known to crates/store/src/once.rs.
CREATE VIEW steps (cases, events, documents, done, jobs, tallies, likeness) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0;

CREATE TRIGGER steps_taken INSTEAD OF INSERT ON steps BEGIN
    SELECT RAISE(ABORT, 'the case has changed')
    FROM json_each(NEW.cases) AS row LEFT JOIN cases ON cases.number = row.value ->> 0
    WHERE COALESCE(cases.sequence, 0) <> row.value ->> 2;

    INSERT INTO cases (number, sequence, previous, state, queue, kind, urgency, channel, division, category, department,
        received_at, updated_at, due_at, emergency_at, data)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15
    FROM json_each(NEW.cases) WHERE true
    ON CONFLICT (number) DO UPDATE SET sequence = excluded.sequence, previous = excluded.previous,
        state = excluded.state, queue = excluded.queue, urgency = excluded.urgency, category = excluded.category,
        department = excluded.department, updated_at = excluded.updated_at, due_at = excluded.due_at,
        emergency_at = excluded.emergency_at, data = excluded.data;

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
END;
