-- The schema of the platform. PostgreSQL has the same tables under ../postgres.
-- Times are milliseconds since 1970 UTC, truth values 0 and 1, digests raw bytes.

-- The district's data: one JSON document for each part (crates/case, module district).
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    data TEXT NOT NULL
) WITHOUT ROWID;

-- What happened. Append only; a case is the fold of its events.
CREATE TABLE events (
    number TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (number, sequence)
) WITHOUT ROWID;

-- What people wrote, beside the event of the same sequence. JSON.
CREATE TABLE documents (
    number TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (number, sequence)
);

-- The projection that decisions and lists are read from, written with the events.
CREATE TABLE cases (
    number TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    -- The sequence before the last write: what optimistic concurrency compares.
    previous INTEGER NOT NULL,
    state TEXT NOT NULL,
    queue TEXT,
    kind TEXT NOT NULL,
    urgency TEXT NOT NULL,
    channel TEXT NOT NULL,
    division TEXT,
    category TEXT,
    department TEXT,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER,
    data TEXT NOT NULL
);
-- What waits, by when it is due; without a due time it comes last. Partial, so
-- that a case which is done costs nothing here.
CREATE INDEX cases_waiting ON cases (COALESCE(due_at, 9007199254740991), number) WHERE queue IS NOT NULL;
CREATE INDEX cases_queue ON cases (queue, COALESCE(due_at, 9007199254740991), number) WHERE queue IS NOT NULL;
CREATE INDEX cases_department ON cases (department, COALESCE(due_at, 9007199254740991), number, queue)
    WHERE queue IS NOT NULL;
-- What waits for nobody any more, the latest first.
CREATE INDEX cases_done ON cases (state, updated_at, number) WHERE queue IS NULL;
CREATE INDEX cases_department_done ON cases (department, state, updated_at, number) WHERE queue IS NULL;
CREATE INDEX cases_received ON cases (received_at, number);

-- Who asked: the query code's digest, the sealed contact, keyed indexes for look-up.
CREATE TABLE contacts (
    number TEXT PRIMARY KEY,
    code BLOB NOT NULL,
    sealed BLOB,
    phone BLOB,
    email BLOB
);
CREATE INDEX contacts_phone ON contacts (phone) WHERE phone IS NOT NULL;

-- Files, once each, by the SHA-256 of what is stored.
CREATE TABLE files (
    sha256 BLOB PRIMARY KEY,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE attachments (
    number TEXT NOT NULL,
    position INTEGER NOT NULL,
    sha256 BLOB NOT NULL REFERENCES files (sha256),
    name TEXT NOT NULL,
    PRIMARY KEY (number, position)
) WITHOUT ROWID;

-- Work for the stages. A claimed job is hidden until ready_at, its lease.
CREATE TABLE jobs (
    stage TEXT NOT NULL,
    number TEXT NOT NULL,
    ready_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    request TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (stage, number)
) WITHOUT ROWID;
CREATE INDEX jobs_ready ON jobs (stage, dead, ready_at);

-- Counters of a window of time: flood limits and failed logins, by keyed digest.
CREATE TABLE counters (
    key BLOB NOT NULL,
    window_start INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (key, window_start)
) WITHOUT ROWID;
CREATE INDEX counters_age ON counters (window_start);

-- Requests that may come twice: idempotency keys and fingerprints of messages.
CREATE TABLE submissions (
    key BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    number TEXT NOT NULL,
    response BLOB,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX submissions_age ON submissions (at);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    department TEXT,
    password TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account);

-- Keys of channel adapters.
CREATE TABLE channel_keys (
    key BLOB PRIMARY KEY,
    channel TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;

-- The public copies: every public byte of a case comes from here and from the
-- public columns of its events. The id is the time of publication with a
-- running number behind it, so that its order is the order of time.
CREATE TABLE publications (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    published_at INTEGER NOT NULL,
    -- The first level of the category.
    topic TEXT,
    category TEXT,
    department TEXT NOT NULL,
    division TEXT,
    kind TEXT NOT NULL,
    -- What lists show; the whole copy is in data. JSON.
    summary TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX publications_department ON publications (department, id);
CREATE INDEX publications_topic ON publications (topic, id);
CREATE INDEX publications_category ON publications (category, id);
CREATE INDEX publications_division ON publications (division, id);
CREATE INDEX publications_kind ON publications (kind, id);
-- The additional characters of the tokenizer are those of facets (crates/store,
-- module search); terms have none of them.
CREATE VIRTUAL TABLE publication_search USING fts5 (
    terms, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '@=._-'"
);

-- The knowledge base. The weight is what a term of a query adds to the rank of
-- an article: computed when the articles are loaded, so that both databases
-- rank alike.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL UNIQUE,
    class TEXT NOT NULL,
    category TEXT NOT NULL,
    summary TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE TABLE article_terms (
    term TEXT NOT NULL,
    id INTEGER NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (term, id)
) WITHOUT ROWID;

-- Sums for the statistics, written with the events. The shard spreads the
-- rows that everybody writes; it is the last digit of the case number.
CREATE TABLE tallies (
    day INTEGER NOT NULL,
    department TEXT NOT NULL,
    measure TEXT NOT NULL,
    shard INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, department, measure, shard)
) WITHOUT ROWID;
