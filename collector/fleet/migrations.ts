import type { DatabaseSync } from 'node:sqlite'
import { PgherdError } from '../../common/errors.ts'

/**
 * The schema, one step per release that changed it. A step that was ever released is never edited; the
 * database's user_version says how many it has had.
 */
const steps: readonly string[] = [
  `CREATE TABLE nodes (
     node          TEXT    PRIMARY KEY,
     cluster       TEXT    NOT NULL,
     ip            TEXT    NOT NULL,
     version       TEXT    NOT NULL,
     first_seen_ms INTEGER NOT NULL,
     last_seen_ms  INTEGER NOT NULL,
     clock_skew_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`,
  // Who may read, write and command. Hashes are SHA-256; no secret is kept.
  `CREATE TABLE tokens (
     id            TEXT    PRIMARY KEY,
     name          TEXT    NOT NULL,
     role          TEXT    NOT NULL,
     hash          BLOB    NOT NULL,
     created_ms    INTEGER NOT NULL,
     created_by    TEXT    NOT NULL,
     expires_ms    INTEGER,
     last_used_ms  INTEGER,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE join_tokens (
     id            TEXT    PRIMARY KEY,
     node          TEXT    NOT NULL,
     hash          BLOB    NOT NULL,
     created_by    TEXT    NOT NULL,
     expires_ms    INTEGER NOT NULL,
     key_hash      BLOB,
     certificate   TEXT,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE certificates (
     serial        TEXT    PRIMARY KEY,
     node          TEXT    NOT NULL,
     not_after_ms  INTEGER NOT NULL,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX certificates_by_node ON certificates (node)`,
  // Commands, the copies of the agents' audits, and what commands can name on a node. `signed` and `result` are JSON and
  // long, so they stand last. An epoch is a run of audit entries without a break.
  `ALTER TABLE nodes ADD COLUMN servers TEXT NOT NULL DEFAULT '[]';
   CREATE TABLE commands (
     seq               INTEGER PRIMARY KEY,
     id                TEXT    NOT NULL UNIQUE,
     node              TEXT    NOT NULL,
     kind              TEXT    NOT NULL,
     state             TEXT    NOT NULL,
     version           INTEGER NOT NULL,
     signatures_needed INTEGER NOT NULL,
     requested_by      TEXT    NOT NULL,
     queued_ms         INTEGER NOT NULL,
     expires_ms        INTEGER NOT NULL,
     deadline_ms       INTEGER NOT NULL,
     delivered_ms      INTEGER,
     started_ms        INTEGER,
     finished_ms       INTEGER,
     size              INTEGER NOT NULL,
     signed            TEXT    NOT NULL,
     result            TEXT
   ) STRICT;
   CREATE INDEX commands_by_node ON commands (node, seq);
   CREATE INDEX commands_unfinished ON commands (seq) WHERE finished_ms IS NULL;
   CREATE TABLE agent_audit (
     node          TEXT    NOT NULL,
     epoch         INTEGER NOT NULL,
     seq           INTEGER NOT NULL,
     hash          TEXT    NOT NULL,
     entry         TEXT    NOT NULL,
     PRIMARY KEY (node, epoch, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE agent_audit_breaks (
     node          TEXT    NOT NULL,
     epoch         INTEGER NOT NULL,
     seq           INTEGER NOT NULL,
     kind          TEXT    NOT NULL,
     at_ms         INTEGER NOT NULL,
     detail        TEXT    NOT NULL,
     PRIMARY KEY (node, epoch, seq, kind)
   ) STRICT, WITHOUT ROWID`,
  // What happened to the fleet, for people to look through.
  `CREATE TABLE events (
     seq           INTEGER PRIMARY KEY,
     at_ms         INTEGER NOT NULL,
     type          TEXT    NOT NULL,
     node          TEXT    NOT NULL,
     cluster       TEXT    NOT NULL,
     text          TEXT    NOT NULL,
     command       TEXT
   ) STRICT;
   CREATE INDEX events_by_node ON events (node, seq);
   CREATE INDEX events_by_time ON events (at_ms)`,
  // What commands beside the collector have done, until the collector's audit has it.
  `CREATE TABLE kept_facts (
     seq           INTEGER PRIMARY KEY,
     fact          TEXT    NOT NULL
   ) STRICT`,
  // What each agent can do, as it told last.
  `CREATE TABLE action_catalogues (
     digest        TEXT    PRIMARY KEY,
     actions       TEXT    NOT NULL
   ) STRICT;
   CREATE TABLE node_actions (
     node          TEXT    PRIMARY KEY,
     digest        TEXT    NOT NULL
   ) STRICT, WITHOUT ROWID`,
  // How long failovers took, as JSON, for what the next one may take.
  `ALTER TABLE events ADD COLUMN change TEXT;
   CREATE INDEX events_by_cluster ON events (cluster, seq)`,
  // What agents tell of backups: of each member the newest report, and all runs, as JSON.
  `CREATE TABLE backup_reports (
     cluster       TEXT    NOT NULL,
     node          TEXT    NOT NULL,
     at_ms         INTEGER NOT NULL,
     report        TEXT    NOT NULL,
     PRIMARY KEY (cluster, node)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE backup_runs (
     node          TEXT    NOT NULL,
     id            TEXT    NOT NULL,
     cluster       TEXT    NOT NULL,
     operation     TEXT    NOT NULL,
     started_ms    INTEGER NOT NULL,
     outcome       TEXT    NOT NULL,
     run           TEXT    NOT NULL,
     PRIMARY KEY (node, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX backup_runs_by_cluster ON backup_runs (cluster, started_ms)`,
  // What the collector itself has told of alerts, by whom it told, and the silences that it keeps, as JSON.
  `CREATE TABLE notify_log (
     target        TEXT    NOT NULL,
     group_key     TEXT    NOT NULL,
     sent_ms       INTEGER NOT NULL,
     firing        TEXT    NOT NULL,
     PRIMARY KEY (target, group_key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE silences (
     id            TEXT    PRIMARY KEY,
     ends_ms       INTEGER NOT NULL,
     silence       TEXT    NOT NULL
   ) STRICT, WITHOUT ROWID`,
  // Which of the agents' reports were taken, so that none is taken twice.
  `CREATE TABLE insight_taken (
     seq           INTEGER PRIMARY KEY,
     node          TEXT    NOT NULL,
     id            TEXT    NOT NULL,
     at_ms         INTEGER NOT NULL,
     UNIQUE (node, id)
   ) STRICT`,
  // Texts of statements, and what is watched of each: `reference` (how it was in its last week) and `regression` are JSON.
  `CREATE TABLE statement_texts (
     cluster       TEXT    NOT NULL,
     datname       TEXT    NOT NULL,
     query         TEXT    NOT NULL,
     first_ms      INTEGER NOT NULL,
     last_ms       INTEGER NOT NULL,
     text          TEXT    NOT NULL,
     PRIMARY KEY (cluster, datname, query)
   ) STRICT;
   CREATE INDEX statement_texts_by_query ON statement_texts (query);
   CREATE INDEX statement_texts_by_age ON statement_texts (last_ms);
   CREATE TABLE watched_queries (
     cluster       TEXT    NOT NULL,
     server        TEXT    NOT NULL,
     datname       TEXT    NOT NULL,
     query         TEXT    NOT NULL,
     at_ms         INTEGER NOT NULL,
     reference     TEXT    NOT NULL,
     regression    TEXT,
     PRIMARY KEY (cluster, server, datname, query)
   ) STRICT`,
  // Schemas: of each database what there is by now and since when that is known, and what has changed; `facts` and `record` are JSON.
  `CREATE TABLE ddl_databases (
     cluster       TEXT    NOT NULL,
     database      TEXT    NOT NULL,
     oid           INTEGER NOT NULL,
     system        TEXT    NOT NULL,
     timeline      INTEGER NOT NULL,
     since_ms      INTEGER NOT NULL,
     is_complete   INTEGER NOT NULL,
     PRIMARY KEY (cluster, database)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE ddl_objects (
     cluster       TEXT    NOT NULL,
     database      TEXT    NOT NULL,
     class         TEXT    NOT NULL,
     oid           INTEGER NOT NULL,
     kind          TEXT    NOT NULL,
     name          TEXT    NOT NULL,
     parent_oid    INTEGER,
     parent        TEXT,
     facts         TEXT    NOT NULL,
     UNIQUE (cluster, database, class, oid)
   ) STRICT;
   CREATE INDEX ddl_objects_by_name ON ddl_objects (cluster, database, class, name);
   CREATE INDEX ddl_objects_by_parent ON ddl_objects (cluster, database, parent_oid);
   CREATE TABLE ddl_changes (
     seq           INTEGER PRIMARY KEY,
     cluster       TEXT    NOT NULL,
     database      TEXT    NOT NULL,
     at_ms         INTEGER NOT NULL,
     change        TEXT    NOT NULL,
     kind          TEXT    NOT NULL,
     object        TEXT    NOT NULL,
     actor         TEXT,
     under         INTEGER,
     parts         INTEGER NOT NULL DEFAULT 0,
     key           TEXT    UNIQUE,
     record        TEXT    NOT NULL
   ) STRICT;
   CREATE INDEX ddl_changes_by_database ON ddl_changes (cluster, database, at_ms);
   CREATE INDEX ddl_changes_by_object ON ddl_changes (cluster, database, object, seq);
   CREATE INDEX ddl_changes_by_time ON ddl_changes (at_ms)`,
  // Of each member how its indexes are used, in parts of many thousand, and what the primary says they are, as JSON.
  `CREATE TABLE index_ledgers (
     cluster       TEXT    NOT NULL,
     server        TEXT    NOT NULL,
     database_oid  INTEGER NOT NULL,
     part          INTEGER NOT NULL,
     node          TEXT    NOT NULL,
     taken_ms      INTEGER NOT NULL,
     count         INTEGER NOT NULL,
     about         TEXT    NOT NULL,
     columns       TEXT    NOT NULL,
     UNIQUE (cluster, server, database_oid, part)
   ) STRICT;
   CREATE INDEX index_ledgers_by_time ON index_ledgers (taken_ms);
   CREATE TABLE index_facts (
     cluster       TEXT    NOT NULL,
     database_oid  INTEGER NOT NULL,
     kind          TEXT    NOT NULL,
     oid           INTEGER NOT NULL,
     server        TEXT    NOT NULL,
     database      TEXT    NOT NULL,
     system        TEXT    NOT NULL,
     look_ms       INTEGER NOT NULL,
     taken_ms      INTEGER NOT NULL,
     is_valid      INTEGER NOT NULL,
     was_valid     INTEGER NOT NULL,
     fact          TEXT    NOT NULL,
     UNIQUE (cluster, database_oid, kind, oid)
   ) STRICT;
   CREATE INDEX index_facts_by_time ON index_facts (taken_ms)`,
  // What watchdogs have seen and done, with the evidence as JSON.
  `CREATE TABLE watchdog_reports (
     seq           INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms         INTEGER NOT NULL,
     cluster       TEXT    NOT NULL,
     server        TEXT    NOT NULL,
     deed          TEXT    NOT NULL,
     report        TEXT    NOT NULL
   ) STRICT`,
  // What dropped indexes are built of again, as their hosts have told it, as JSON.
  `CREATE TABLE saved_indexes (
     cluster       TEXT    NOT NULL,
     id            TEXT    NOT NULL,
     server        TEXT    NOT NULL,
     told_ms       INTEGER NOT NULL,
     started_ms    INTEGER NOT NULL,
     report        TEXT    NOT NULL,
     UNIQUE (cluster, id)
   ) STRICT`,
]

/**
 * Brings a database to the newest schema, each step in a transaction of its own.
 * @throws PgherdError DIRECTORY_UNUSABLE when a newer release has written it
 */
export function migrate(database: DatabaseSync, path: string): void {
  const done = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (done > steps.length) {
    throw new PgherdError(
      'DIRECTORY_UNUSABLE',
      `${path} has schema ${done}, this release knows ${steps.length}: start the newer release that wrote it`,
    )
  }
  for (const [i, step] of steps.entries()) {
    if (i < done) continue
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${i + 1}; COMMIT`)
  }
}
