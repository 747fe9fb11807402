import { readdirSync } from 'node:fs'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import type { LiveServer } from '../../../../agent/backup/drill/live-server.ts'
import { createDrill } from '../../../../agent/backup/drill/run-drill.ts'
import type { DrillOptions } from '../../../../agent/backup/drill/run-drill.ts'
import type { BackupEngine } from '../../../../agent/backup/engine.ts'
import type { Leftover } from '../../../../agent/backup/runs/run-journal.ts'
import type { WorkDone, WorkOptions } from '../../../../agent/backup/runs/work.ts'
import type { DrillPolicy } from '../../../../common/backup/backup-policy.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

export type Told = Parameters<DrillOptions['onResult']>[0]

export interface DrillBed extends Disposable {
  /** Of the policy: where scratch directories are made. */
  readonly directory: string
  readonly noted: Leftover[]
  readonly told: Told[]
  readonly progress: string[]
  /** Runs a drill once. @throws BackupFailure */
  run(
    policy?: Partial<DrillPolicy>,
    options?: Partial<DrillOptions>,
    work?: Partial<WorkOptions>,
  ): Promise<WorkDone>
  /** What is in the directory. */
  left(): readonly string[]
}

/** Drills of one server in a directory of their own. */
export function drillBed(engine: BackupEngine, postgres: PostgresServer): DrillBed {
  const owner = unprivilegedOwner()
  const own = createOwnDirectory({ prefix: 'pgherd-drills-' }, owner)
  const noted: Leftover[] = []
  const told: Told[] = []
  const progress: string[] = []
  return {
    directory: own.path,
    noted,
    told,
    progress,
    run(policy = {}, options = {}, work = {}) {
      const drill = createDrill({
        policy: {
          cluster: 'pg-main',
          nice: 5,
          drill: {
            directory: own.path,
            keepFreePercent: 0,
            target: 'latest',
            amcheck: false,
            queries: [],
            timeoutMs: 60_000,
            ...policy,
          },
        },
        engine,
        user: owner ?? null,
        live: () => Promise.resolve(liveOf(postgres)),
        heldBack: () => Promise.resolve(undefined),
        clock: systemClock,
        onResult: (result) => told.push(result),
        ...options,
      })
      return drill({
        signal: new AbortController().signal,
        note: (left) => {
          noted.push(left)
          return Promise.resolve()
        },
        progress: (_, text) => progress.push(text),
        ...work,
      })
    },
    left: () => readdirSync(own.path),
    [Symbol.dispose]: () => own[Symbol.dispose](),
  }
}

export function liveOf(postgres: PostgresServer): LiveServer {
  return postgres.isRunning() ? { pid: postgres.pid, superuser: 'postgres' } : {}
}

/** The failure of work that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<BackupFailure> {
  try {
    await work
  } catch (error) {
    if (error instanceof BackupFailure) return error
    throw error
  }
  throw new Error('it did not fail')
}
