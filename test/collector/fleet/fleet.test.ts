import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { openFleet } from '../../../collector/fleet/fleet.ts'

function temporaryPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-fleet-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'fleet.db')
}

/** A clock that stands until it is moved. */
function handClock(nowMs = 1_790_000_000_000) {
  let now = nowMs
  return { ...systemClock, now: () => now, monotonic: () => now, advance: (ms: number) => void (now += ms) }
}

const first = { node: 'pg-main-1', cluster: 'pg-main', ip: '10.10.10.11', version: '0.1.0' }

test('a node that says hello is listed, with its skew, until and after a restart', () => {
  const path = temporaryPath()
  const clock = handClock()
  {
    using fleet = openFleet({ path, clock })
    fleet.nodes.hello({ ...first, nowMs: clock.now() + 1500 })
    expect(fleet.nodes.list()).toEqual([
      {
        ...first,
        connected: true,
        firstSeenMs: clock.now(),
        lastSeenMs: clock.now(),
        clockSkewMs: 1500,
        clockSkewed: false,
        servers: [],
      },
    ])
  }
  using fleet = openFleet({ path, clock })
  expect(fleet.nodes.list()).toMatchObject([{ node: 'pg-main-1', connected: false, clockSkewMs: 1500 }])
  expect(fleet.nodes.has('pg-main-1')).toBe(true)
  expect(fleet.nodes.has('pg-main-2')).toBe(false)
})

test('a second hello brings what has changed and keeps when the node was first seen', () => {
  const clock = handClock()
  using fleet = openFleet({ path: temporaryPath(), clock })
  fleet.nodes.hello({ ...first, nowMs: clock.now() })
  const firstSeenMs = clock.now()
  clock.advance(60_000)
  fleet.nodes.hello({ ...first, ip: '10.10.10.99', version: '0.2.0', nowMs: clock.now() - 40 })
  expect(fleet.nodes.list()).toEqual([
    {
      ...first,
      ip: '10.10.10.99',
      version: '0.2.0',
      connected: true,
      firstSeenMs,
      lastSeenMs: firstSeenMs + 60_000,
      clockSkewMs: -40,
      clockSkewed: false,
      servers: [],
    },
  ])
})

test('nodes are listed by name', () => {
  using fleet = openFleet({ path: temporaryPath(), clock: systemClock })
  for (const node of ['b-1', 'a-2', 'a-1']) fleet.nodes.hello({ ...first, node, nowMs: 0 })
  expect(fleet.nodes.list().map(({ node }) => node)).toEqual(['a-1', 'a-2', 'b-1'])
})

test('signs of life show at once and survive a clean end', () => {
  const path = temporaryPath()
  const clock = handClock()
  {
    using fleet = openFleet({ path, clock })
    fleet.nodes.hello({ ...first, nowMs: clock.now() })
    clock.advance(15_000)
    fleet.nodes.seen('pg-main-1')
    fleet.nodes.gone('pg-main-1')
    expect(fleet.nodes.list()).toMatchObject([{ connected: false, lastSeenMs: clock.now() }])
  }
  using fleet = openFleet({ path, clock })
  expect(fleet.nodes.list()).toMatchObject([{ lastSeenMs: clock.now() }])
})

test('signs of life reach the disk every half a minute, not each on its own', () => {
  const path = temporaryPath()
  const clock = handClock()
  using fleet = openFleet({ path, clock })
  using other = new DatabaseSync(path)
  const stored = () => other.prepare('SELECT last_seen_ms FROM nodes').get()?.['last_seen_ms']
  fleet.nodes.hello({ ...first, nowMs: clock.now() })
  const start = clock.now()
  clock.advance(15_000)
  fleet.nodes.seen('pg-main-1')
  expect(stored()).toBe(start)
  clock.advance(15_000)
  fleet.nodes.seen('pg-main-1')
  expect(stored()).toBe(start + 30_000)
})

test('a sign of life of a node that never said hello is nothing', () => {
  using fleet = openFleet({ path: temporaryPath(), clock: systemClock })
  fleet.nodes.seen('stranger-1')
  fleet.nodes.gone('stranger-1')
  expect(fleet.nodes.list()).toEqual([])
})

test('names with quotes and other characters are only names', () => {
  using fleet = openFleet({ path: temporaryPath(), clock: systemClock })
  const node = `'); DROP TABLE nodes; -- é🐘`
  fleet.nodes.hello({ ...first, node, nowMs: 0 })
  expect(fleet.nodes.list().map((known) => known.node)).toEqual([node])
})

test('only the owner can read the file and its log', () => {
  const path = temporaryPath()
  using fleet = openFleet({ path, clock: systemClock })
  fleet.nodes.hello({ ...first, nowMs: 0 })
  for (const name of [path, `${path}-wal`, `${path}-shm`]) {
    expect([name, (statSync(name).mode & 0o777).toString(8)]).toEqual([name, '600'])
  }
})

test('commits are synced and survive in a write-ahead log', () => {
  const path = temporaryPath()
  using fleet = openFleet({ path, clock: systemClock })
  using other = new DatabaseSync(path)
  expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(fleet.nodes.list()).toEqual([])
})

test('a file of a newer release is refused and left as it is', () => {
  const path = temporaryPath()
  {
    using database = new DatabaseSync(path)
    database.exec('CREATE TABLE future (x); PRAGMA user_version = 99')
  }
  expect(() => openFleet({ path, clock: systemClock })).toThrow(
    expect.objectContaining({ code: 'DIRECTORY_UNUSABLE' }) as Error,
  )
  using database = new DatabaseSync(path)
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 })
})

test('a file that is not a database is reported as damaged', () => {
  const path = temporaryPath()
  writeFileSync(path, 'this is not a database, however long one reads it '.repeat(100))
  expect(() => openFleet({ path, clock: systemClock })).toThrow(
    expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error,
  )
})

test('a path that cannot be opened is named in the error', () => {
  const path = join(temporaryPath(), 'missing', 'fleet.db')
  expect(() => openFleet({ path, clock: systemClock })).toThrow(
    expect.objectContaining({
      code: 'DIRECTORY_UNUSABLE',
      message: expect.stringContaining(path) as string,
    }) as Error,
  )
})

/** Refuses every change, as a full disk does; SQLite cannot be given a disk of its own here. */
function refuseWrites(path: string): void {
  const database = new DatabaseSync(path)
  for (const change of ['INSERT', 'UPDATE']) {
    database.exec(
      `CREATE TRIGGER refuse_${change} BEFORE ${change} ON nodes
       BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    )
  }
  database.close()
}

test('on a full disk a known node still connects, and a new one is turned away', () => {
  const path = temporaryPath()
  const clock = handClock()
  using fleet = openFleet({ path, clock })
  fleet.nodes.hello({ ...first, nowMs: clock.now() })
  fleet.nodes.gone(first.node)
  refuseWrites(path)
  clock.advance(1_000)
  fleet.nodes.hello({ ...first, nowMs: clock.now() })
  expect(fleet.nodes.list()).toMatchObject([{ ...first, connected: true, lastSeenMs: clock.now() }])
  expect(() => fleet.nodes.hello({ ...first, node: 'pg-main-2', nowMs: clock.now() })).toThrow(
    expect.objectContaining({ code: 'DISK_FULL' }),
  )
  expect(fleet.nodes.has('pg-main-2')).toBe(false)
})

test('a damaged row is one clear sentence', () => {
  const path = temporaryPath()
  const database = new DatabaseSync(path)
  // Without STRICT: what damage makes of a row, SQLite itself would refuse to write.
  database.exec(
    `CREATE TABLE nodes (node PRIMARY KEY, cluster, ip, version, first_seen_ms, last_seen_ms, clock_skew_ms);
     INSERT INTO nodes VALUES ('pg-main-1', 'pg-main', NULL, '0.1.0', 'x', 1, 1);
     PRAGMA user_version = 1`,
  )
  database.close()
  expect(() => openFleet({ path, clock: systemClock })).toThrow(
    expect.objectContaining({
      code: 'STORE_CORRUPT',
      message: `the fleet's state ${path} cannot be opened: a stored row is damaged`,
    }),
  )
})
