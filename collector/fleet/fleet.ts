import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ZodError } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { openCertificates } from './certificates.ts'
import type { Certificates } from './certificates.ts'
import { openEnrolment } from './enrolment.ts'
import type { Enrolment, Signing } from './enrolment.ts'
import { openEvents } from './events.ts'
import type { Events } from './events.ts'
import { factEvent } from './fact-event.ts'
import { openKeptFacts } from './kept-facts.ts'
import type { TellAudit } from './kept-facts.ts'
import { migrate } from './migrations.ts'
import { openNodes } from './nodes.ts'
import type { Nodes } from './nodes.ts'
import { openTokens } from './tokens.ts'
import type { Tokens } from './tokens.ts'

/** What the collector knows about the machines it looks after, kept in one SQLite file. */
export interface Fleet extends Disposable {
  /** For stages that keep tables of their own in it, which migrations.ts makes. */
  readonly database: DatabaseSync
  readonly nodes: Nodes
  readonly tokens: Tokens
  readonly certificates: Certificates
  readonly events: Events
  /** How agents join where there is an authority. */
  enrolment(signing: Signing): Enrolment
  /** Tells the audit what processes without one have done. @throws what the audit rejects with */
  tellKept(): Promise<void>
}

/**
 * Opens the file or creates it, readable by its owner only. WAL with synchronous=FULL: what a call has stored
 * survives a power cut.
 * @throws PgherdError DIRECTORY_UNUSABLE or STORE_CORRUPT
 */
export function openFleet(options: {
  readonly path: string
  readonly clock: Clock
  /** Left out, facts are kept for the process that has one. */
  readonly audit?: TellAudit
}): Fleet {
  const { path, clock } = options
  const closing = new AbortController()
  let database: DatabaseSync | undefined
  try {
    // SQLite gives its -wal and -shm files the permissions of the database.
    closeSync(openSync(path, 'a', 0o600))
    database = new DatabaseSync(path, { timeout: 5_000 })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate(database, path)
    const opened = database
    const nodes = openNodes(opened, clock)
    const events = openEvents(opened, { clock, signal: closing.signal })
    const kept = openKeptFacts(opened)
    const tell: TellAudit = options.audit ?? kept.keep
    const audit: TellAudit = async (fact) => {
      await tell(fact)
      const event = factEvent(fact)
      if (event !== undefined) events.add(event)
    }
    const tokens = openTokens(opened, { clock, audit })
    const certificates = openCertificates(opened, clock)
    return {
      database: opened,
      nodes,
      tokens,
      certificates,
      events,
      tellKept: () => (options.audit === undefined ? Promise.resolve() : kept.tellTo(options.audit)),
      enrolment: (signing) => openEnrolment(opened, { clock, audit, signing, certificates }),
      [Symbol.dispose]() {
        closing.abort()
        try {
          events.flush()
          nodes.flush()
          tokens.flush()
        } catch {
          // Only when a node was last heard of or a token used gets older by this; a full disk must not make a stop
          // a failure.
        } finally {
          opened.close()
        }
      },
    }
  } catch (error) {
    database?.close()
    throw openError(path, error)
  }
}

const sqliteCorrupt = 11
const sqliteNotADatabase = 26

function openError(path: string, error: unknown): PgherdError {
  if (error instanceof PgherdError) return error
  const result: unknown = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  const badRow = error instanceof ZodError
  const corrupt = badRow || result === sqliteCorrupt || result === sqliteNotADatabase
  return new PgherdError(
    corrupt ? 'STORE_CORRUPT' : 'DIRECTORY_UNUSABLE',
    `the fleet's state ${path} cannot be opened: ${badRow ? 'a stored row is damaged' : messageOf(error)}`,
    { cause: error },
  )
}
