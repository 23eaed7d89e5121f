-- Handlers that departments publish. SQLite has the same tables under ../sqlite.

-- Components, once each. They are never deleted: past decisions are replayed with them.
CREATE TABLE handler_components (
    sha256 BYTEA PRIMARY KEY,
    content BYTEA NOT NULL
);

-- Public keys (Ed25519) of those who may publish for a department.
CREATE TABLE handler_keys (
    key BYTEA PRIMARY KEY,
    department TEXT NOT NULL,
    holder TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX handler_keys_department ON handler_keys (department);

-- What was published, numbered from 1 within a department.
CREATE TABLE handler_releases (
    department TEXT NOT NULL,
    release BIGINT NOT NULL,
    sha256 BYTEA NOT NULL REFERENCES handler_components (sha256),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- The categories that it wants to see; a JSON list, empty for all.
    categories TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (department, release)
);

-- What decides now. Every change makes the revision one more.
CREATE TABLE handlers (
    department TEXT PRIMARY KEY,
    revision BIGINT NOT NULL,
    -- The release that decides; none, and the platform's default does.
    current BIGINT,
    -- A release that decides a share of the cases, in hundredths.
    candidate BIGINT,
    share BIGINT NOT NULL,
    -- Where the handler runs as a Spin application of its own; none where the platform runs it.
    endpoint TEXT
);

-- Every change with the signature that allowed it. Append only; its number is the revision it made.
CREATE TABLE handler_log (
    department TEXT NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- publish, promote, rollback, disable
    action TEXT NOT NULL,
    release BIGINT,
    share BIGINT NOT NULL,
    key BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (department, revision)
);
