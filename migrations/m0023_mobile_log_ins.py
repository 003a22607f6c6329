"""Logging in by a mobile number finds the one account whose password it is, by a hash of its own."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000023"
VERSION = "1.38.0"
DESCRIPTION = "Hash of the password for log-ins by mobile"

SQL = """
ALTER TABLE users ADD COLUMN mobile_hash bytea
    CONSTRAINT users_mobile_hash_of_mobile CHECK (mobile_hash IS NULL OR mobile IS NOT NULL);
ALTER TABLE pending_sign_ups ADD COLUMN mobile_hash bytea
    CONSTRAINT pending_mobile_hash_of_mobile CHECK (mobile_hash IS NULL OR mobile IS NOT NULL);
CREATE INDEX users_mobile_hash ON users (mobile, mobile_hash) WHERE mobile_hash IS NOT NULL;

CREATE FUNCTION forget_mobile_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mobile_hash IS NOT DISTINCT FROM OLD.mobile_hash THEN
        NEW.mobile_hash := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_mobile_hash_is_todays BEFORE UPDATE ON users FOR EACH ROW
    WHEN (NEW.mobile IS DISTINCT FROM OLD.mobile OR NEW.password_hash IS DISTINCT FROM OLD.password_hash)
    EXECUTE FUNCTION forget_mobile_hash();
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
