import { suggestions } from '../../../common/suggestions.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import { isSameSetting } from '../../postgres/setting-value.ts'
import { lookAndTry } from '../apply-settings.ts'
import type { TunedServer } from '../apply-settings.ts'
import type { SettingsPlan } from '../plan-settings.ts'
import { notCompared } from '../preflight/check-plan.ts'
import { whyNotTuned } from '../preflight/never-tuned.ts'
import { movedLimits } from '../../../common/tuning/standby-limits.ts'
import { tunableNames } from '../preflight/tunable-names.ts'
import { readSettings } from '../read-settings.ts'
import type { SettingsSession } from '../read-settings.ts'
import { printValue } from '../recommend/print-value.ts'
import { isPatronis } from '../server-settings.ts'
import type { WantedSetting } from '../wanted-setting.ts'
import type { ChangeAsked } from './change-asked.ts'
import { readCircumstances } from './circumstances.ts'
import { schemaOfStatements } from './guard/read-sample.ts'
import { readKnown } from './known-setting.ts'
import type { KnownSetting } from './known-setting.ts'
import { readValue } from './read-value.ts'
import { tellNames } from './tell-names.ts'
import { wantedOf } from './wanted-of.ts'
import type { Clock } from '../../../common/clock.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'

/** A request, as far as it can be read, and what speaks against it. */
export interface ReadRequest {
  readonly wanted: readonly WantedSetting[]
  readonly known: ReadonlyMap<string, KnownSetting>
  readonly refusals: readonly string[]
}

/** Reads what is wanted by what the server knows of its settings; asks nothing else of it. @throws PgherdError of the session */
export async function readRequest(
  session: Pick<SettingsSession, 'read'>,
  { settings, expected }: Pick<ChangeRequest, 'settings' | 'expected'>,
): Promise<ReadRequest> {
  const names = [...settings.keys()].map((name) => name.toLowerCase())
  const seen = [...expected.keys()].map((name) => name.toLowerCase())
  const known = await readKnown(session, [...new Set([...names, ...seen])])
  const refusals: string[] = []
  if (names.length === 0) refusals.push('nothing is to be changed')
  if (new Set(names).size < names.length) refusals.push('a setting is named twice')
  const wanted = [...settings].flatMap(([given, text]): readonly WantedSetting[] => {
    const name = given.toLowerCase()
    const setting = known.get(name)
    if (setting === undefined || !tunableNames.has(name)) {
      refusals.push(whyUnknown(name, setting))
      return []
    }
    const read = readValue(setting, text)
    if ('refusal' in read) {
      refusals.push(read.refusal)
      return []
    }
    const why = whyNotTuned(name, setting.value, read.value)
    if (why !== undefined) {
      refusals.push(why)
      return []
    }
    return [wantedOf(setting, read.value)]
  })
  return { wanted, known, refusals: [...refusals, ...unexpected(known, expected)] }
}

function whyUnknown(name: string, setting: KnownSetting | undefined): string {
  const why = whyNotTuned(name, null, '') ?? ''
  if (setting !== undefined || /is never tuned/.test(why)) return why
  if (tunableNames.has(name)) {
    return name.includes('.')
      ? `this server has no ${name}: its library is not loaded`
      : `this version of PostgreSQL has no ${name}`
  }
  const near = suggestions(name, [...tunableNames]).split(', ')
  return `there is no setting ${name}${near.length > 3 ? '' : `; is ${near.join(' or ')} meant?`}`
}

/** Where somebody has changed a setting since the operator has looked. */
function unexpected(
  known: ReadonlyMap<string, KnownSetting>,
  expected: ReadonlyMap<string, string>,
): readonly string[] {
  return [...expected].flatMap(([name, seen]) => {
    const setting = known.get(name.toLowerCase())
    if (setting === undefined) {
      return [`${name} was ${seen} when it was looked at, and this server has no such setting`]
    }
    if (isSameSetting(seen, setting.value, setting)) return []
    if (wantedOf(setting, seen).isMetBy(setting.value)) return []
    return [
      `${setting.name} is ${printValue(setting)} by now and was ${printValue({ value: seen, unit: setting.unit })} when it was looked at`,
    ]
  })
}

/** What a change would do, with everything that is needed to do it. */
export interface ChangePlan {
  readonly plan: SettingsPlan
  readonly request: ReadRequest
}

/**
 * Compares, tries beside the server, and looks whether it is a good moment.
 * @throws PgherdError when the server or its keeper does not tell
 */
export async function planChange(tuned: TunedServer, request: ChangeRequest): Promise<ChangePlan> {
  const { session } = tuned
  const read = await readRequest(session, request)
  const { plan } = await lookAndTry(tuned, read.wanted, true)
  const now = await readCircumstances(session)
  const changes = plan.settings.some(({ state }) => state === 'change')
  const order =
    plan.by === 'keeper' || request.standbysAreReady === true ? [] : memberOrder(plan, session, now.standbys)
  return {
    request: read,
    plan: {
      ...plan,
      refusals: [...read.refusals, ...plan.refusals, ...(changes ? [...now.refusals, ...order] : [])],
      notes: [
        ...plan.notes,
        ...(changes ? [...now.notes, ...(await guardNotes(plan, request, session))] : []),
      ],
    },
  }
}

/** What a guard would not see. */
async function guardNotes(
  { by }: SettingsPlan,
  { guard }: ChangeRequest,
  session: SettingsSession,
): Promise<readonly string[]> {
  if (guard.windowSeconds === 0) return []
  const schema = await schemaOfStatements(session)
  return [
    ...(schema === undefined
      ? [
          'the guard cannot compare the latency of statements: pg_stat_statements is not in this database, or not loaded',
        ]
      : []),
    ...(by === 'keeper' ? ['the guard watches this server alone, and the change is for every member'] : []),
  ]
}

/** A standby that has less than its primary does not start, or stops its replay. */
function memberOrder(
  { settings, notes }: SettingsPlan,
  { inRecovery }: SettingsSession,
  standbys: number,
): readonly string[] {
  const { rising, falling } = movedLimits(settings.filter(({ state }) => state === 'change'))
  const say = 'say so (standbys_are_ready)'
  if (inRecovery) {
    // Where that is known, the preflight has compared them.
    if (falling.length === 0 || !notes.some((note) => note.includes(notCompared))) return []
    return [
      `${tellNames(falling)} ${falls(falling)}, and it is not known what the primary has: the primary first, because a standby that has less does not start; where it has as little already, ${say}`,
    ]
  }
  if (standbys === 0 || rising.length === 0) return []
  const who = standbys === 1 ? 'a standby streams' : `${standbys} standbys stream`
  return [
    `${tellNames(rising)} ${rising.length === 1 ? 'rises' : 'rise'}, and ${who} from this server: the standbys first, because one that has less than its primary stops its replay; where they have it already, ${say}`,
  ]
}

const falls = (names: readonly string[]): string => (names.length === 1 ? 'falls' : 'fall')

/** As a person reads it. */
export function tellPlan(server: string, { plan, request }: ChangePlan): TunePlan {
  const print = (name: string, value: string): string =>
    printValue({ value, unit: request.known.get(name)?.unit ?? null })
  return {
    server,
    by: plan.by,
    settings: plan.settings.map(({ name, was, where, wanted, needsRestart, state }) => ({
      name,
      current: was === null ? null : print(name, was),
      where,
      wanted: print(name, wanted),
      needs: needsRestart ? 'restart' : 'reload',
      state,
    })),
    refusals: [...plan.refusals],
    notes: [...plan.notes],
  }
}

/** A server with whoever keeps its settings, where that matters. @throws PgherdError when they do not answer */
export async function withTuned<T>(
  { session, signal, withKeeper }: Pick<ChangeAsked, 'session' | 'signal' | 'withKeeper'>,
  clock: Clock,
  names: readonly string[],
  work: (tuned: TunedServer, scope: string | null) => Promise<T>,
): Promise<T> {
  const alone = { session, keeper: undefined, clock, signal }
  const now = await readSettings(session, names)
  if (!isPatronis(now)) return work(alone, null)
  return withKeeper(now.clusterName, (keeper) =>
    work({ ...alone, keeper }, keeper === undefined ? null : keeper.scope),
  )
}
