-- How often an account has been changed, its password included: who decides on what has changed meanwhile is told so.
ALTER TABLE accounts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
