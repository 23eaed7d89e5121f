-- The identity provider's name for the person of an account, and the provider: both or none.
ALTER TABLE accounts ADD COLUMN issuer TEXT;
ALTER TABLE accounts ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX accounts_subject ON accounts (issuer, subject);

-- When the person last proved who they are, with a password or at the provider.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
-- 1 where the session was begun at the provider: a one-time password does not stand in its way.
ALTER TABLE sessions ADD COLUMN provider BIGINT NOT NULL DEFAULT 0;

-- What for, where somebody had the contact shown in the clear: call, verify, follow-up or urgent.
ALTER TABLE openings ADD COLUMN purpose TEXT;

-- Pieces of answers that are written once and used often; those without a department are for all.
CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    department TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
CREATE INDEX templates_department ON templates (department);

-- What somebody narrows the list of cases to again and again.
CREATE TABLE kept_filters (
    account TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    queue TEXT,
    state TEXT,
    department TEXT,
    PRIMARY KEY (account, name)
);
