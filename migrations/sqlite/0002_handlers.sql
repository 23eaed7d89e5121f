-- Handlers that departments publish. PostgreSQL has the same tables under ../postgres.

-- Components, once each. They are never deleted: past decisions are replayed with them.
CREATE TABLE handler_components (
    sha256 BLOB PRIMARY KEY,
    content BLOB NOT NULL
);

-- Public keys (Ed25519) of those who may publish for a department.
CREATE TABLE handler_keys (
    key BLOB PRIMARY KEY,
    department TEXT NOT NULL,
    holder TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;
CREATE INDEX handler_keys_department ON handler_keys (department);

-- What was published, numbered from 1 within a department.
CREATE TABLE handler_releases (
    department TEXT NOT NULL,
    release INTEGER NOT NULL,
    sha256 BLOB NOT NULL REFERENCES handler_components (sha256),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- The categories that it wants to see; a JSON list, empty for all.
    categories TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (department, release)
) WITHOUT ROWID;

-- What decides now. Every change makes the revision one more.
CREATE TABLE handlers (
    department TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    -- The release that decides; none, and the platform's default does.
    current INTEGER,
    -- A release that decides a share of the cases, in hundredths.
    candidate INTEGER,
    share INTEGER NOT NULL,
    -- Where the handler runs as a Spin application of its own; none where the platform runs it.
    endpoint TEXT
) WITHOUT ROWID;

-- Every change with the signature that allowed it. Append only; its number is the revision it made.
CREATE TABLE handler_log (
    department TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- publish, promote, rollback, disable
    action TEXT NOT NULL,
    release INTEGER,
    share INTEGER NOT NULL,
    key BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (department, revision)
) WITHOUT ROWID;
