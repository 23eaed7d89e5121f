-- Handlers that run as applications of their own: the log says at which address.
-- Its actions are publish, promote, rollback, disable and endpoint.
ALTER TABLE handler_log ADD COLUMN endpoint TEXT;
