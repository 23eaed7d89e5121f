-- Since when a case is an emergency; none where it is none.
ALTER TABLE cases ADD COLUMN emergency_at BIGINT;
UPDATE cases SET emergency_at = received_at WHERE urgency = 'emergency';
CREATE INDEX cases_emergency ON cases (emergency_at, number, queue, department)
    WHERE emergency_at IS NOT NULL AND queue IS NOT NULL;

-- What waits: emergencies before what is urgent, that before the rest, each by when it is due; without a due time it
-- comes last of its kind. The number is that of crates/store/src/desk.rs.
DROP INDEX cases_waiting;
DROP INDEX cases_queue;
DROP INDEX cases_department;
CREATE INDEX cases_waiting ON cases (
    ((CASE urgency WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 10000000000000000 ELSE 20000000000000000 END + COALESCE(due_at, 9007199254740991))),
    number
) WHERE queue IS NOT NULL;
CREATE INDEX cases_queue ON cases (
    queue,
    ((CASE urgency WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 10000000000000000 ELSE 20000000000000000 END + COALESCE(due_at, 9007199254740991))),
    number
) WHERE queue IS NOT NULL;
CREATE INDEX cases_department ON cases (
    department,
    ((CASE urgency WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 10000000000000000 ELSE 20000000000000000 END + COALESCE(due_at, 9007199254740991))),
    number,
    queue
) WHERE queue IS NOT NULL;
