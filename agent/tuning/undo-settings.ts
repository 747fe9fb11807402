import { isDeepStrictEqual } from 'node:util'
import { PgherdError } from '../../common/errors.ts'
import { isSameSetting } from '../postgres/setting-value.ts'
import { alterSystem } from './alter-system.ts'
import { reload } from './apply-settings.ts'
import type { TunedServer } from './apply-settings.ts'
import { isSameStored } from './list-value.ts'
import type { NotedChange } from './noted-change.ts'
import { readSettings } from './read-settings.ts'
import type { SettingNow } from './server-settings.ts'

const statementMs = 5_000

/**
 * Puts back what there was before a change of settings, in the place that was changed and in the reverse order. What somebody else has
 * changed meanwhile stays as it is. It can be done again.
 * @returns half a sentence for the operator
 * @throws PgherdError when it did not succeed
 */
export async function undoSettings(noted: NotedChange, server: TunedServer): Promise<string> {
  return tell(await takeBack(noted, server))
}

/** By name. */
export interface TakenBack {
  readonly back: readonly string[]
  /** What somebody else has changed meanwhile. */
  readonly left: readonly string[]
}

/** As `undoSettings`, for whoever tells of it in other words. */
export function takeBack({ by, changes }: NotedChange, server: TunedServer): Promise<TakenBack> {
  const backwards = changes.toReversed()
  return by === 'keeper' ? inKeeper(backwards, server) : onServer(backwards, server)
}

async function onServer(changes: NotedChange['changes'], server: TunedServer): Promise<TakenBack> {
  const { session, signal } = server
  const names = changes.map(({ name }) => name)
  const found = await readSettings(session, names)
  if (!found.knowsFiles) throw new PgherdError('REFUSED', 'this role may no longer read pg_file_settings')
  // With a mistake in another file the server does not even show this one, which ALTER SYSTEM writes all the same.
  const isBlind = found.fileErrors.length > 0
  const isNow = (name: string): string | null => found.settings.get(name)?.byAlterSystem ?? null
  const isOurs = ({ name, wrote }: NotedChange['changes'][number]): boolean =>
    isSameStored(name, isNow(name), wrote) || isSameValue(found.settings.get(name), wrote)
  const undoable = changes.filter((one) => isBlind || isOurs(one))
  for (const { name, before } of undoable) {
    const text = alterSystem(name, typeof before === 'string' ? before : null)
    await session.change({ text }, { timeoutMs: statementMs, signal })
  }
  // Also where the lines are back already: the agent may have ended before the reload.
  await reload(server)
  const left = changes.filter((one) => !isBlind && !isOurs(one) && isNow(one.name) !== one.before)
  return { back: undoable.map(({ name }) => name), left: left.map(({ name }) => name) }
}

/** A line that somebody has written again in another spelling, such as 8192kB for 8MB, still says what was changed. */
function isSameValue(now: SettingNow | undefined, wrote: string): boolean {
  const stored = now?.byAlterSystem ?? null
  return now !== undefined && stored !== null && isSameSetting(stored, wrote, now)
}

async function inKeeper(
  changes: NotedChange['changes'],
  { keeper, signal }: TunedServer,
): Promise<TakenBack> {
  if (keeper === undefined)
    throw new PgherdError('NOT_FOUND', 'who keeps the settings of this cluster is gone')
  const values = await keeper.read()
  const undoable = changes.filter(({ name, wrote }) => isDeepStrictEqual(values[name], wrote))
  if (undoable.length > 0) {
    await keeper.change(Object.fromEntries(undoable.map(({ name, before }) => [name, before])), signal)
  }
  const left = changes.filter(
    ({ name, wrote, before }) =>
      !isDeepStrictEqual(values[name], wrote) && !isDeepStrictEqual(values[name] ?? null, before),
  )
  return { back: undoable.map(({ name }) => name), left: left.map(({ name }) => name) }
}

function tell({ back, left }: TakenBack): string {
  const parts = [
    ...(back.length === 0 ? [] : [`${back.join(', ')} ${back.length === 1 ? 'is' : 'are'} as before`]),
    ...(left.length === 0 ? [] : [`${left.join(', ')} was changed by somebody else meanwhile and stays`]),
  ]
  return parts.length === 0 ? 'the settings are as before' : parts.join('; ')
}
