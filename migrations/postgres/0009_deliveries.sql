-- What departments hand in over HTTP, until the loader of the platform has judged it.
CREATE TABLE handler_deliveries (
    -- Of the order that comes with it: no signature counts twice.
    signature BYTEA PRIMARY KEY,
    department TEXT NOT NULL,
    -- The revision that it is to make, the release that it is to become, and its share of the cases in hundredths.
    revision BIGINT NOT NULL,
    release BIGINT NOT NULL,
    share BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    key BYTEA NOT NULL,
    -- Names its parts.
    upload BYTEA NOT NULL,
    begun_at BIGINT NOT NULL,
    -- When all of it was there; none while it is being sent, or where that broke off.
    arrived_at BIGINT,
    size BIGINT NOT NULL,
    -- How often its judgement was begun.
    attempts BIGINT NOT NULL,
    judged_at BIGINT,
    -- published, proposed, refused, overtaken or replaced.
    verdict TEXT,
    -- What the gate found, for the department's programmer.
    report TEXT
);
CREATE INDEX handler_deliveries_department ON handler_deliveries (department, begun_at);
CREATE INDEX handler_deliveries_waiting ON handler_deliveries (arrived_at) WHERE judged_at IS NULL;

-- The component in parts, until it is judged: then it is in the archive, or gone.
CREATE TABLE handler_delivery_parts (
    upload BYTEA NOT NULL,
    part BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (upload, part)
);
