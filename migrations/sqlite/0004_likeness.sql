-- Cases that are likely about the same matter share a bucket (crates/text, module
-- likeness). By day, so that what is old goes in one stretch and new rows stay together.
CREATE TABLE likeness (
    day INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (day, bucket, number)
) WITHOUT ROWID;
