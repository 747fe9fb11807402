import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import type { ActionSession } from '../../../../agent/postgres/action-session.ts'
import { openChanges } from '../../../../agent/tuning/change/open-changes.ts'
import type { Changes, ChangesOptions } from '../../../../agent/tuning/change/open-changes.ts'
import type { ChangeAsked, WithKeeper } from '../../../../agent/tuning/change/change-asked.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import type { TuneChange } from '../../../../common/tuning/tune-change.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'

/** The name by which the tests know the server. */
export const server = 'pg-test-1'

/** The stage that changes settings, on one real server, with looks that come quickly. */
export interface TunedTestServer extends AsyncDisposable {
  readonly changes: Changes
  readonly audit: readonly AuditFact[]
  /** @param guard - seconds; none unless told */
  apply(settings: Readonly<Record<string, string>>, how?: ApplyHow): Promise<TuneChange>
  planned(settings: Readonly<Record<string, string>>, how?: ApplyHow): ReturnType<Changes['plan']>
  rollBack(change?: string): Promise<TuneChange>
  undo(change: string): Promise<string>
  /** Begins to watch. */
  run(): void
  newest(): Promise<TuneChange>
  until(state: TuneChange['state'], timeoutMs?: number): Promise<TuneChange>
}

export interface ApplyHow {
  readonly guard?: number
  readonly baseline?: number
  readonly bound?: number
  readonly expected?: Readonly<Record<string, string>>
  readonly standbysAreReady?: boolean
  readonly command?: string
  readonly mustUndo?: () => Promise<void>
  readonly signal?: AbortSignal
}

let count = 0
export const withoutKeeper: WithKeeper = (_scope, work) => work(undefined)

/** @param directory - of the journal */
export async function openTuned(
  postgres: Pick<PostgresServer, 'url'>,
  directory: string,
  options: Partial<ChangesOptions> = {},
): Promise<TunedTestServer> {
  const open = (): Promise<ActionSession> =>
    openActionSession({ url: postgres.url(), clock: systemClock, slots: new Set(), timeoutMs: 2_000 })
  const audit: AuditFact[] = []
  const withKeeper = options.withKeeper ?? withoutKeeper
  const changes = await openChanges({
    directory,
    node: server,
    clock: systemClock,
    log: silentLog,
    openServer: open,
    openLook: open,
    withKeeper,
    record(fact) {
      audit.push(fact)
      return Promise.resolve(true)
    },
    lookMs: 500,
    ...options,
  })
  const asked = async <T>(
    work: (asked: ChangeAsked) => Promise<T>,
    signal = new AbortController().signal,
  ): Promise<T> => {
    await using session = await open()
    return await work({ server, session, withKeeper, signal, progress: () => undefined })
  }
  const requestOf = (settings: Readonly<Record<string, string>>, how: ApplyHow) => ({
    settings: new Map(Object.entries(settings)),
    expected: new Map(Object.entries(how.expected ?? {})),
    guard: { windowSeconds: how.guard ?? 0, bound: how.bound ?? 0.2, baselineSeconds: how.baseline ?? 1 },
    ...(how.standbysAreReady === undefined ? {} : { standbysAreReady: how.standbysAreReady }),
  })
  const stopping = new AbortController()
  const running: Promise<void>[] = []
  const newest = async (): Promise<TuneChange> => (await changes.changes(server)).at(-1)!
  return {
    changes,
    audit,
    newest,
    planned: (settings, how = {}) => asked((one) => changes.plan(one, requestOf(settings, how))),
    apply: (settings, how = {}) =>
      asked(
        (one) =>
          changes.apply(one, requestOf(settings, how), {
            command: how.command ?? `change-${++count}`,
            mustUndo: how.mustUndo ?? (() => Promise.resolve()),
          }),
        how.signal,
      ),
    rollBack: (change) => asked((one) => changes.rollBack(one, change)),
    undo: (change) => asked((one) => changes.undo(one, { server, change })),
    run: () => void running.push(changes.run(stopping.signal)),
    until(state, timeoutMs = 30_000) {
      let last: TuneChange | undefined
      return waitFor(
        `the change to be ${state}`,
        async () => {
          last = await newest()
          return last.state === state ? last : undefined
        },
        { timeoutMs, intervalMs: 100, explain: () => JSON.stringify(last, null, 1) },
      )
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}
