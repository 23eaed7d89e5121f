-- What the platform has to tell a department about its handler. Append only.
CREATE TABLE handler_notices (
    department TEXT NOT NULL,
    at INTEGER NOT NULL,
    release INTEGER NOT NULL,
    -- rests: it failed again and again and is left out for a while; recovered: it answers again.
    what TEXT NOT NULL,
    -- Of the last failure: time, memory, stack, output, trap or contract; none where it recovered.
    cause TEXT
);
CREATE INDEX handler_notices_department ON handler_notices (department, at);
