import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { logged } from './ask-engine.ts'
import { askInfo } from './ask-info.ts'
import { classify } from './classify.ts'
import { runEngine } from './run-engine.ts'
import type { EngineProgram } from './run-engine.ts'

/** Another member makes it at this moment: it is two files, written one after the other. */
const isHalf = /(?:archive|backup)\.info exists but (?:archive|backup)\.info is missing/
const halfMs = 2_000
const halfAttempts = 3

/** The version of the server that is to be backed up, such as 15; undefined when it cannot be asked. */
export type ServerVersion = (signal: AbortSignal) => Promise<number | undefined>

/**
 * Makes the stanza where it is missing, upgrades it after PostgreSQL was upgraded, and has a segment archived. A stanza of another
 * system of the same version is left alone: it may be somebody else's.
 * @throws BackupFailure, PgherdError CANCELLED
 */
export async function prepare(
  program: EngineProgram,
  run: EngineRun,
  serverVersion: ServerVersion | undefined,
  only?: 'stanza' | 'proof',
): Promise<void> {
  const command = async (name: string, more: readonly string[] = []): Promise<void> => {
    const answer = await runEngine(program, [name, ...more, ...logged('info')], {
      ...run,
      onLine: () => undefined,
    })
    if (answer.status !== 0) throw classify(name, answer, program)
  }
  if (only !== 'proof') await makeStanza()
  if (only === 'stanza') return
  run.progress?.(null, 'waits for a segment of WAL in the archive', null)
  // It looks at all repositories, and before 2.48 takes no --repo.
  await command('check')

  async function makeStanza(attempt = 1): Promise<void> {
    run.progress?.(null, 'makes the stanza', null)
    try {
      await command('stanza-create')
    } catch (error) {
      if (error instanceof BackupFailure && isHalf.test(error.message) && attempt < halfAttempts) {
        await program.clock.sleep(halfMs, run.signal)
        return makeStanza(attempt + 1)
      }
      if (!(error instanceof BackupFailure) || !(await isUpgraded(error))) throw error
      run.progress?.(null, 'upgrades the stanza', null)
      await command('stanza-upgrade')
    }
  }

  async function isUpgraded({ problem }: BackupFailure): Promise<boolean> {
    if (problem !== 'stanza-mismatch' && problem !== 'version-mismatch') return false
    const now = await serverVersion?.(run.signal)
    if (now === undefined) return false
    const infos = await askInfo(program, { signal: run.signal })
    // Before 10 the second number counts too: those servers are not supported any more.
    const versions = infos.flatMap(({ version }) => (version === null ? [] : [Number.parseInt(version, 10)]))
    return versions.length > 0 && versions.some((version) => version < now)
  }
}
