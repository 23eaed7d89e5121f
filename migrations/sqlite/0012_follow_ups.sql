-- When a department has something to do after its answer; none where there is nothing.
ALTER TABLE cases ADD COLUMN follow_up_at INTEGER;
CREATE INDEX cases_follow_up ON cases (follow_up_at, number) WHERE follow_up_at IS NOT NULL;
CREATE INDEX cases_department_follow_up ON cases (department, follow_up_at, number) WHERE follow_up_at IS NOT NULL;

-- As migration 11 has it, and the new column. It is the last one, so that a component from before it still writes what
-- it knows: its rows end here one value earlier.
DROP TRIGGER steps_taken;

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
END;
