/**
 * The shape of the database, one step a release; a step that was released is never edited. Each runs in one transaction
 * that also raises `user_version`, so that a database is always of exactly one version.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
      ('queued', 'preparing', 'running', 'verifying', 'completed', 'failed', 'cancelled', 'timed_out')),
    strategy TEXT NOT NULL,
    priority INTEGER NOT NULL,
    market TEXT NOT NULL,
    interval TEXT NOT NULL,
    policy TEXT NOT NULL,
    verifies TEXT,
    version INTEGER NOT NULL CHECK (version >= 1),
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    started_at INTEGER,
    finished_at INTEGER,
    lease_until INTEGER,
    deadline INTEGER,
    fed INTEGER NOT NULL CHECK (fed IN (0, 1)),
    cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
    worker TEXT,
    fingerprint TEXT,
    total_return REAL,
    symbols TEXT NOT NULL,
    labels TEXT NOT NULL,
    cell TEXT,
    outcome TEXT
  ) STRICT;
  CREATE INDEX jobs_waiting ON jobs (priority DESC, sequence) WHERE state = 'queued';
  CREATE INDEX jobs_active ON jobs (sequence) WHERE state IN ('preparing', 'running', 'verifying');
  CREATE INDEX jobs_completed ON jobs (finished_at) WHERE state = 'completed';
  CREATE INDEX jobs_by_state ON jobs (state, created_at);
  CREATE INDEX jobs_by_strategy ON jobs (strategy, state, created_at);
  CREATE INDEX jobs_by_owner ON jobs (owner, state, created_at);
  CREATE INDEX jobs_by_owner_strategy ON jobs (owner, strategy, state, created_at);

  -- Apart from the jobs: up to 1 MiB of submitted files a job would slow every listing down.
  CREATE TABLE job_requests (
    job INTEGER PRIMARY KEY REFERENCES jobs (sequence) ON DELETE CASCADE,
    config TEXT NOT NULL,
    options TEXT NOT NULL
  ) STRICT;

  CREATE TABLE job_events (
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (job, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER job_events_never_change BEFORE UPDATE ON job_events
    BEGIN SELECT RAISE (ABORT, 'events of a job never change'); END;
  -- REPLACE deletes without asking the trigger below.
  CREATE TRIGGER job_events_only_append BEFORE INSERT ON job_events
    WHEN NEW.sequence <> (SELECT count(*) + 1 FROM job_events WHERE job = NEW.job)
    BEGIN SELECT RAISE (ABORT, 'events of a job are only appended'); END;
  CREATE TRIGGER job_events_end_with_job BEFORE DELETE ON job_events
    WHEN EXISTS (SELECT 1 FROM jobs WHERE sequence = OLD.job)
    BEGIN SELECT RAISE (ABORT, 'events of a job are removed with it only'); END;

  CREATE TABLE job_idempotency (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    PRIMARY KEY (owner, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_idempotency_by_job ON job_idempotency (job);

  CREATE TABLE job_symbols (
    symbol TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    PRIMARY KEY (symbol, created_at, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_symbols_by_job ON job_symbols (job, symbol);

  CREATE TABLE job_labels (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    PRIMARY KEY (name, value, created_at, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_labels_by_job ON job_labels (job, name, value);

  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin', 'auditor')),
    secret_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Turns of the owners (queue-order.ts); what waits already keeps its order.
  ALTER TABLE jobs ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
  DROP INDEX jobs_waiting;
  CREATE INDEX jobs_waiting ON jobs (priority DESC, round, sequence) WHERE state = 'queued';
  CREATE INDEX jobs_waiting_by_owner ON jobs (owner, priority, round) WHERE state = 'queued';
  `,
  `
  -- Results that stand for others: jobs of before have no hash of their configuration, and are not found by it.
  ALTER TABLE jobs ADD COLUMN cached_from TEXT;
  ALTER TABLE jobs ADD COLUMN config_hash TEXT;
  CREATE INDEX jobs_by_config ON jobs (owner, config_hash, sequence)
    WHERE state = 'completed' AND cached_from IS NULL AND config_hash IS NOT NULL;
  `,
]
