import type { BackupEngine } from '../engine.ts'
import { createWorkScope } from '../work-scope.ts'
import { createArchiveLister } from './archive-listing.ts'
import { choose } from './choose.ts'
import { expire } from './expire.ts'
import { listRepositories } from './list-repositories.ts'
import type { ConfiguredRepository } from './list-repositories.ts'
import { makeBackup } from './make-backup.ts'
import { prepare } from './prepare.ts'
import type { ServerVersion } from './prepare.ts'
import { restore } from './restore.ts'
import type { EngineProgram } from './run-engine.ts'
import { verify } from './verify.ts'

export interface PgBackRestOptions extends EngineProgram {
  /** What the configuration says of each; without, they are found as pgBackRest has them, by number. */
  readonly repositories?: readonly ConfiguredRepository[]
  /** Without it a stanza is never upgraded. */
  readonly serverVersion?: ServerVersion
}

/**
 * pgBackRest 2.45 or later as the engine of one stanza. Disposing ends what runs, and waits for it.
 * @see https://pgbackrest.org/command.html
 */
export function createPgBackRest(options: PgBackRestOptions): BackupEngine & AsyncDisposable {
  const { repositories = [], serverVersion, ...program } = options
  const lister = createArchiveLister(program)
  const work = createWorkScope()
  const { until } = work
  return {
    kind: 'pgbackrest',
    list: (asked) => until(asked, (signal) => listRepositories(program, repositories, lister, signal)),
    backup: (type, run) => until(run.signal, (signal) => makeBackup(program, type, { ...run, signal })),
    verify: (run) => until(run.signal, (signal) => verify(program, lister, { ...run, signal })),
    expire: (run) => until(run.signal, (signal) => expire(program, { ...run, signal })),
    prepare: (run, only) =>
      until(run.signal, (signal) => prepare(program, { ...run, signal }, serverVersion, only)),
    choose: (asked, run) =>
      until(run.signal, async (signal) => (await choose(program, lister, asked, { ...run, signal })).set),
    restore: (request, run) =>
      until(run.signal, (signal) => restore(program, lister, request, { ...run, signal })),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  }
}
