import { goOn } from './begin-watching.ts'
import type { ChangeRecord } from './change-record.ts'
import { withServerOf } from './change-work.ts'
import type { ChangeWork } from './change-work.ts'
import { finish, setState } from './finish-change.ts'
import { suspects } from './hand-changes.ts'
import { readPlace } from './snapshot.ts'
import { isOrAre, tellNames } from './tell-names.ts'
import { valuesNow } from './values-now.ts'

/**
 * One look whether the restart has come that a change waits for.
 * @throws PgherdError while the server, or its keeper, does not answer
 */
export async function waitForRestart(
  work: ChangeWork,
  record: ChangeRecord,
  signal: AbortSignal,
): Promise<ChangeRecord> {
  const { serverStartMs, suspected } = await look(work, record)
  const isNew = serverStartMs !== record.serverStartMs
  if (!isNew && suspected.length === 0) return record
  const values = await withServerOf(work, record, signal, (tuned) => valuesNow(tuned, record))
  const of = (state: string): readonly string[] =>
    values.filter((one) => one.state === state).map(({ name }) => name)
  const [gone, staged] = [of('change'), of('staged')]
  if (gone.length === values.length) {
    return finish(
      work,
      record,
      'left-alone',
      `${tellNames(gone)} ${isOrAre(gone)} no longer as the change wrote ${gone.length === 1 ? 'it' : 'them'}: somebody else has changed ${gone.length === 1 ? 'it' : 'them'}`,
    )
  }
  if (!isNew) return record
  const seen = { ...record, serverStartMs }
  if (staged.length === 0) return goOn(work, seen, values)
  return setState(work, seen, {
    message: `the server was started anew, and ${tellNames(staged)} still ${staged.length === 1 ? 'waits' : 'wait'} for a restart: what starts it has other values`,
  })
}

async function look(
  work: ChangeWork,
  record: ChangeRecord,
): Promise<{ readonly serverStartMs: number; readonly suspected: readonly string[] }> {
  await using session = await work.openLook(record.server)
  const { serverStartMs } = await readPlace(session)
  return { serverStartMs, suspected: await suspects(session, record) }
}
