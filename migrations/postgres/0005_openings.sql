-- Who of the staff opened a case, in which role and when (milliseconds since 1970 UTC). The
-- citizen is told how often and by which role; the account is for supervision only.
CREATE TABLE openings (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    at BIGINT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (number, account, at)
);
