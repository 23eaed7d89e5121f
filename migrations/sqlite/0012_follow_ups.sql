-- When a department has something to do after its answer; none where there is nothing.
ALTER TABLE cases ADD COLUMN follow_up_at INTEGER;
CREATE INDEX cases_follow_up ON cases (follow_up_at, number) WHERE follow_up_at IS NOT NULL;
CREATE INDEX cases_department_follow_up ON cases (department, follow_up_at, number) WHERE follow_up_at IS NOT NULL;
