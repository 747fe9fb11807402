import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from '../process.ts'
import { waitFor } from '../wait.ts'
import { credentials } from './credentials.ts'
import type { HaCluster } from './cluster.ts'
import type { Member } from './member.ts'
import type { WriterOptions } from './writer-options.ts'

export interface Acknowledgement {
  readonly id: number
  /** Unix time in milliseconds. */
  readonly sentAt: number
  readonly acknowledgedAt: number
}

export interface Gap {
  readonly ms: number
  /** The last acknowledgement before it, or where the search began. */
  readonly from: number
  readonly to: number
}

export interface Writer extends AsyncDisposable {
  readonly table: string
  /** In the order in which they came. */
  acknowledgements(): readonly Acknowledgement[]
  /** The longest time without an acknowledged commit between two moments, of which `to` is now unless told. */
  longestGap(from: number, to?: number): Gap
  /** How often each error was met. */
  errors(): ReadonlyMap<string, number>
  /** Commits whose server said that they may not be on the standby: what a careful program does not count on. */
  doubtful(): readonly number[]
  /** Until a commit is acknowledged that was sent after this moment; gives when it was. */
  waitForAcknowledged(after: number, timeoutMs?: number): Promise<number>
  stop(): Promise<void>
}

/** A program that commits a row every few milliseconds through HAProxy's writer port, whatever happens. */
export async function startWriter(
  cluster: HaCluster,
  options: {
    /** Of its table in the schema `app`; `writes` unless told. */
    readonly name?: string
    /** Another way in than HAProxy: the server of a member, by an address that is reached from where the writer runs. */
    readonly target?: { readonly host: string; readonly port: number }
    /** Where it runs; beside us unless told. */
    readonly inside?: Member
    readonly clients?: number
    readonly pauseMs?: number
    readonly connectTimeoutMs?: number
    readonly commitTimeoutMs?: number
  } = {},
): Promise<Writer> {
  const { name = 'writes', inside, clients = 2, pauseMs = 5 } = options
  const table = `app.${name}`
  const primary = await cluster.waitForPrimary()
  await primary.query(
    `create table if not exists ${table} (id bigint primary key, at timestamptz default clock_timestamp())`,
  )
  await primary.query(`alter table ${table} owner to ${credentials.application.user}`)
  const journal = join(cluster.directory, `${name}.journal`)
  writeFileSync(journal, '')
  const told: WriterOptions = {
    ...(options.target ?? { host: cluster.haproxy.address, port: cluster.haproxy.writerPort }),
    ...credentials.application,
    table,
    clients,
    pauseMs,
    connectTimeoutMs: options.connectTimeoutMs ?? 800,
    commitTimeoutMs: options.commitTimeoutMs ?? 2_500,
    journal,
  }
  const command = {
    name: `the writer ${name}`,
    command: process.execPath,
    args: [fileURLToPath(new URL('writer-main.ts', import.meta.url)), JSON.stringify(told)],
    logFile: join(cluster.directory, `${name}.log`),
  }
  const child = await (inside === undefined ? startChild(command) : inside.spawn(command))
  const lines = (kind: string): readonly string[] =>
    readFileSync(journal, 'utf8')
      .split('\n')
      // The last piece is empty, or a line that is being written.
      .slice(0, -1)
      .filter((line) => line.startsWith(kind))
      .map((line) => line.slice(2))
  const writer: Writer = {
    table,
    acknowledgements: () =>
      lines('A').map((line) => {
        const [id, sentAt, acknowledgedAt] = line.split(' ').map(Number)
        return { id: id!, sentAt: sentAt!, acknowledgedAt: acknowledgedAt! }
      }),
    longestGap: (from, to = Date.now()) =>
      longestGap(
        writer.acknowledgements().map((one) => one.acknowledgedAt),
        from,
        to,
      ),
    errors() {
      const counts = new Map<string, number>()
      for (const message of lines('E')) counts.set(message, (counts.get(message) ?? 0) + 1)
      return counts
    },
    doubtful: () => lines('D').map((line) => Number(line.split(' ')[0])),
    waitForAcknowledged: (after, timeoutMs = 60_000) =>
      waitFor(
        'an acknowledged commit',
        () => {
          if (!child.isAlive()) throw new Error(`${child.name} ended: ${child.logTail()}`)
          return writer.acknowledgements().findLast((one) => one.sentAt > after)?.acknowledgedAt
        },
        {
          timeoutMs,
          intervalMs: 50,
          explain: () => `${[...writer.errors().keys()].join('\n')}\n${cluster.explain()}`,
        },
      ),
    stop: () => child.stop(),
    [Symbol.asyncDispose]: () => child.stop(),
  }
  return writer
}

/** @param times in ascending order */
export function longestGap(times: readonly number[], from: number, to: number): Gap {
  let longest: Gap = { ms: 0, from, to: from }
  // What came last before the search began tells since when nothing came.
  let last = times.findLast((time) => time <= from) ?? from
  for (const time of [...times.filter((one) => one > from && one < to), to]) {
    if (time - last > longest.ms) longest = { ms: time - last, from: last, to: time }
    last = time
  }
  return longest
}
