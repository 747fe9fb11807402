import { printValue } from '../recommend/print-value.ts'
import { takeBack } from '../undo-settings.ts'
import { readSettings } from '../read-settings.ts'
import type { TunedServer } from '../apply-settings.ts'
import { namesOf } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import { isOrAre, tellNames } from './tell-names.ts'

const patienceMs = 5_000
const pauseMs = 100

/** How a change was taken back. */
export interface RolledBack {
  readonly state: 'rolled-back' | 'left-alone'
  /** Half a sentence. */
  readonly said: string
}

/**
 * Puts back what there was, in the reverse order, looks whether the server has it as it was, value and source, and tells what is not so.
 * What somebody else has changed since stays. It can be done again.
 * @throws PgherdError when it could not be done, or not looked at
 */
export async function rollBack(tuned: TunedServer, record: ChangeRecord): Promise<RolledBack> {
  const { back, left } = await takeBack(record.noted, tuned)
  const restored = record.settings.filter(({ name }) => !left.includes(name))
  const differs = await untilAsBefore(tuned, restored)
  const waiting = differs.filter(({ kind }) => kind === 'restart').map(({ name }) => name)
  const others = differs.filter(({ kind }) => kind === 'other')
  const never = restored.filter(({ name, needsRestart }) => needsRestart && !waiting.includes(name))
  const isOther = (name: string): boolean => others.some((one) => one.name === name)
  const gone = back.length > 0 ? restored.map(({ name }) => name).filter((name) => !isOther(name)) : []
  const said = [
    gone.length > 0
      ? `${tellNames(gone)} ${isOrAre(gone)} as before`
      : left.length > 0
        ? 'nothing was taken back'
        : others.length > 0
          ? 'what the change wrote is gone'
          : 'the settings are as before already',
    ...(left.length > 0 ? [`${tellNames(left)} was changed by somebody else meanwhile and stays`] : []),
    ...others.map(({ name, text }) => `${name} is not as it was: ${text}`),
    ...(waiting.length > 0
      ? [`another restart is needed until ${tellNames(waiting)} ${isOrAre(waiting)} so`]
      : []),
    ...(never.length > 0
      ? [`${tellNames(never.map(({ name }) => name))} never took effect, so that no restart is needed`]
      : []),
  ]
  return { state: left.length > 0 ? 'left-alone' : 'rolled-back', said: said.join('; ') }
}

interface Difference {
  readonly name: string
  readonly kind: 'restart' | 'other'
  readonly text: string
}

/** A reload returns before it is done, and a member of Patroni follows in its own time. */
async function untilAsBefore(
  { session, keeper, clock, signal }: TunedServer,
  restored: ChangeRecord['settings'],
): Promise<readonly Difference[]> {
  const untilMs = clock.monotonic() + (keeper?.patienceMs ?? patienceMs)
  for (;;) {
    const found = await differences(session, restored)
    // Only those that a restart brings are left: no waiting helps.
    if (found.every(({ kind }) => kind === 'restart') || clock.monotonic() >= untilMs) return found
    signal.throwIfAborted()
    await clock.sleep(pauseMs, signal)
  }
}

async function differences(
  session: TunedServer['session'],
  restored: ChangeRecord['settings'],
): Promise<readonly Difference[]> {
  const { settings } = await readSettings(session, namesOf({ settings: restored }))
  return restored.flatMap(({ name, unit, before, source, where, needsRestart }): readonly Difference[] => {
    const print = (value: string): string => printValue({ value, unit })
    const now = settings.get(name)
    if (now === undefined || before === null) return []
    if (now.value === before) {
      if (now.source === source || needsRestart) return []
      return [
        {
          name,
          kind: 'other',
          text: `its value is, but from ${now.where ?? now.source} and not from ${where ?? source}`,
        },
      ]
    }
    if (needsRestart && now.waitsForRestart) return [{ name, kind: 'restart', text: '' }]
    return [
      {
        name,
        kind: 'other',
        text: `${print(now.value)} from ${now.where ?? now.source}, and was ${print(before)} from ${where ?? source}`,
      },
    ]
  })
}

/** What a person can do by hand when the server does not come back with what waits for a restart (its auto.conf needs no SQL). */
export function linesByHand({ noted, settings, autoConf }: ChangeRecord): string {
  const names = settings.filter(({ needsRestart }) => needsRestart).map(({ name }) => name)
  const changes = noted.changes.filter(({ name }) => names.includes(name))
  if (noted.by === 'keeper') {
    const values = changes.map(
      ({ name, before }) => `${name}: ${before === null ? 'null' : JSON.stringify(before)}`,
    )
    return `put back in the configuration of Patroni (patronictl edit-config): ${values.join(', ')}`
  }
  const lines = changes.map(({ name, wrote, before }) =>
    typeof before === 'string'
      ? `in the line of ${name}, which has ${wrote}, write '${before}' again`
      : `remove the line ${name} = '${wrote}'`,
  )
  return `in ${autoConf ?? 'postgresql.auto.conf of its data directory'}: ${lines.join('; ')}; then start it`
}
