import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ClusterSettings } from '../../common/tuning/cluster-settings.ts'
import { alterSystem } from './alter-system.ts'
import { describePlan } from './describe-plan.ts'
import type { NotedChange } from './noted-change.ts'
import { planSettings } from './plan-settings.ts'
import type { SettingsPlan } from './plan-settings.ts'
import { checkPlan } from './preflight/check-plan.ts'
import { readSettings } from './read-settings.ts'
import type { SettingsSession } from './read-settings.ts'
import type { ServerSettings } from './server-settings.ts'
import type { WantedSetting } from './wanted-setting.ts'

const statementMs = 5_000
const patienceMs = 5_000
const pauseMs = 100

/** Whose settings they are, and how they are reached. */
export interface TunedServer {
  readonly session: SettingsSession
  /** Of a server whose settings somebody keeps for the whole cluster. */
  readonly keeper: ClusterSettings | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Reads the server, and its keeper, and compares. Changes nothing. @throws PgherdError when they do not tell */
export async function lookAtSettings(
  { session, keeper }: Pick<TunedServer, 'session' | 'keeper'>,
  wanted: readonly WantedSetting[],
  replaces: boolean,
): Promise<{ readonly now: ServerSettings; readonly plan: SettingsPlan; readonly kept: NotedValues }> {
  const kept =
    keeper === undefined
      ? undefined
      : { name: keeper.name, values: await keeper.read(), waitsForRestart: await keeper.waitsForRestart() }
  const now = await readSettings(
    session,
    wanted.map(({ name }) => name),
  )
  const plan = planSettings(now, wanted, { kept, replaces })
  const before = (name: string): unknown =>
    kept === undefined ? now.settings.get(name)?.byAlterSystem : kept.values[name]
  return { now, plan, kept: { before } }
}

/** The same, tried beside the server as far as that can be. @throws PgherdError when they do not tell */
export async function lookAndTry(
  server: TunedServer,
  wanted: readonly WantedSetting[],
  replaces: boolean,
): ReturnType<typeof lookAtSettings> {
  const looked = await lookAtSettings(server, wanted, replaces)
  return { ...looked, plan: await checkPlan(server, looked.plan, looked.now) }
}

interface NotedValues {
  /** What the place that would be changed has; undefined or null for nothing. */
  readonly before: (name: string) => unknown
}

/**
 * Changes the settings one after the other, reloads, and looks whether the server has taken them. It leaves undoing to its caller,
 * for which `mustUndo` is told beforehand what there was.
 * @returns the plan that was carried out
 * @throws PgherdError REFUSED with nothing changed, COMMAND_FAILED when the server does not take it, or of the session
 */
export async function applySettings(
  server: TunedServer,
  wanted: readonly WantedSetting[],
  options: { readonly replaces: boolean; readonly mustUndo: (noted: NotedChange) => Promise<void> },
): Promise<SettingsPlan> {
  const { session, keeper, signal } = server
  const { plan, kept } = await lookAndTry(server, wanted, options.replaces)
  if (plan.refusals.length > 0)
    throw new PgherdError('REFUSED', `${plan.refusals.join('; ')}. Nothing was changed.`)
  const changes = plan.settings.filter(({ state }) => state === 'change')
  if (changes.length === 0) return plan
  const texts = keeper === undefined ? changes.map(({ name, wanted: value }) => alterSystem(name, value)) : []
  await options.mustUndo({
    by: plan.by,
    changes: changes.map(({ name, wanted: wrote }) => ({ name, wrote, before: jsonOf(kept.before(name)) })),
  })
  if (keeper === undefined) {
    for (const text of texts) await session.change({ text }, { timeoutMs: statementMs, signal })
    await reload(server)
  } else {
    await keeper.change(Object.fromEntries(changes.map((one) => [one.name, one.wanted])), signal)
  }
  await confirm(server, wanted)
  return plan
}

/** @throws PgherdError INTERNAL when the server cannot signal itself, or of the session */
export async function reload({ session, signal }: Pick<TunedServer, 'session' | 'signal'>): Promise<void> {
  const { rows } = await session.change(
    { text: 'select pg_reload_conf()' },
    { timeoutMs: statementMs, signal },
  )
  if (rows[0]?.[0] !== 't')
    throw new PgherdError('INTERNAL', 'PostgreSQL could not signal its own postmaster')
}

/** A reload returns before it is done: the values are asked for until they are there, or wait for a restart as they should. */
async function confirm(server: TunedServer, wanted: readonly WantedSetting[]): Promise<void> {
  const { keeper, clock, signal } = server
  const limitMs = keeper?.patienceMs ?? patienceMs
  const untilMs = clock.monotonic() + limitMs
  for (;;) {
    const { plan } = await lookAtSettings(server, wanted, true)
    if (plan.settings.every(({ state }) => state !== 'change')) return
    signal.throwIfAborted()
    if (clock.monotonic() >= untilMs) {
      const left = { ...plan, settings: plan.settings.filter(({ state }) => state === 'change') }
      const why = describePlan(left, keeper?.name ?? '').join('; ')
      throw new PgherdError(
        'COMMAND_FAILED',
        `the server has not taken it within ${limitMs / 1000} s: ${why}`,
      )
    }
    await clock.sleep(pauseMs, signal)
  }
}

/** What came as JSON, or from a file as text. */
function jsonOf(value: unknown): NotedChange['changes'][number]['before'] {
  return value === undefined ? null : (value as NotedChange['changes'][number]['before'])
}
