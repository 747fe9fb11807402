import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Action, ActionDone } from '../../../../agent/actions/action.ts'
import { createIndexTurns } from '../../../../agent/actions/indexes/index-work.ts'
import type { IndexWork } from '../../../../agent/actions/indexes/index-work.ts'
import { keepIndexes } from '../../../../agent/actions/indexes/keep-indexes.ts'
import type { LedgerRecord } from '../../../../agent/actions/indexes/ledger-record.ts'
import { openIndexLedger } from '../../../../agent/actions/indexes/ledger.ts'
import { kindsBeside } from '../../../../agent/actions/kinds.ts'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { contextOver, openForTest } from '../action-context.ts'
import type { TestContext } from '../action-context.ts'

/** The actions about indexes over a real server, with a ledger of the test's own; nothing watches unless `keep` is called. */
export interface IndexHost {
  readonly work: IndexWork
  readonly directory: string
  readonly audited: readonly AuditFact[]
  of(kind: string): Action
  plan(kind: string, args: object, user?: string): Promise<string>
  /** Runs and verifies, as a command does, over connections of its own. */
  run(kind: string, args: object, options?: RunOptions): Promise<ActionDone & { readonly verified: string }>
  /** What the agent does beside commands, until it is told to stop or the test ends. */
  keep(): () => Promise<void>
  records(): readonly LedgerRecord[]
  /** Another life of the agent over the same directory. */
  again(): Promise<IndexHost>
}

export interface RunOptions {
  readonly user?: string
  readonly signal?: AbortSignal
  readonly command?: string
  readonly told?: (text: string) => void
}

export const lookMs = 100

export async function startIndexHost(
  server: PostgresServer,
  options: { readonly directory?: string; readonly user?: string } = {},
): Promise<IndexHost> {
  const { user: usual = 'postgres' } = options
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'pgherd-indexes-'))
  if (options.directory === undefined)
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const audited: AuditFact[] = []
  const work: IndexWork = {
    ...{ node: 'pg-test-1', clock: systemClock, log: silentLog, lookMs },
    ledger: await openIndexLedger(directory, silentLog),
    open: () =>
      openActionSession({
        ...{ url: server.url('postgres', usual), clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
      }),
    inTurn: createIndexTurns(),
    busy: new Set(),
    record(fact) {
      audited.push(fact)
      return Promise.resolve(true)
    },
  }
  const actions = kindsBeside([], undefined, undefined, undefined, work)
  const of = (kind: string): Action => actions.find((action) => action.kind === kind)!
  const contextFor = (user: string, signal?: AbortSignal): TestContext =>
    contextOver(openForTest(server.url('postgres', user)), signal)
  return {
    ...{ work, directory, audited, of },
    async plan(kind, args, user = usual) {
      const action = of(kind)
      return (await action.plan(contextFor(user), action.args.parse(args))).join('\n')
    },
    async run(kind, args, { user = usual, signal, command, told } = {}) {
      const action = of(kind)
      const parsed = action.args.parse(args)
      const base = contextFor(user, signal)
      const context = {
        ...base,
        command: command ?? base.command,
        progress: (percent: number | null, text: string) => told?.(`${percent ?? ''} ${text}`),
      }
      const done = await action.run(context, parsed)
      return { ...done, verified: (await action.verify?.(context, parsed, done))?.join('\n') ?? '' }
    },
    keep() {
      const stopping = new AbortController()
      const running = keepIndexes(work, stopping.signal)
      const stop = async (): Promise<void> => {
        stopping.abort()
        await running
      }
      onTestFinished(stop)
      return stop
    },
    records: () => work.ledger.of('pg-test-1'),
    again: () => startIndexHost(server, { ...options, directory }),
  }
}

/** A command that goes on until it is cancelled. */
export function begin(
  host: IndexHost,
  kind: string,
  args: object,
): { readonly told: readonly string[]; readonly cancel: () => Promise<unknown> } {
  const cancelling = new AbortController()
  const told: string[] = []
  const { signal } = cancelling
  const ending = host
    .run(kind, args, { signal, told: (text) => void told.push(text) })
    .catch((error: unknown) => error)
  return {
    told,
    cancel() {
      cancelling.abort()
      return ending
    },
  }
}

/** Waits for `kind` to be refused, and gives the sentence. */
export async function refusalOf(host: IndexHost, kind: string, args: object, user?: string): Promise<string> {
  const ended = await host
    .run(kind, args, user === undefined ? {} : { user })
    .catch((error: unknown) => error)
  if (!(ended instanceof Error) || !('code' in ended))
    throw new Error(`${kind} ${JSON.stringify(args)} was not refused`)
  return `${String(ended.code)}: ${ended.message}`
}
