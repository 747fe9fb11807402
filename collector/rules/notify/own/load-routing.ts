import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../../../common/errors.ts'
import { parseMatcher, printMatcher } from '../../../../common/alerts/matcher-text.ts'
import type { LabelMatcher } from '../../../../common/alerts/silence.ts'
import { parsePrometheusDuration } from '../../../../common/series/prometheus-duration.ts'
import { readYaml } from '../../load/yaml-reader.ts'
import type { YamlPlace } from '../../load/yaml-reader.ts'
import { matchLabels } from '../../silences/match-labels.ts'
import type { InhibitRule } from './inhibition.ts'
import type { Route } from './route.ts'

export interface Routing {
  readonly root: Route
  readonly inhibitRules: readonly InhibitRule[]
}

/** Alertmanager's own (its documentation: route). */
const defaults = {
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 4 * 3_600_000,
}

const routeKeys = [
  ...['receiver', 'matchers', 'continue', 'routes'],
  ...['group_by', 'group_wait', 'group_interval', 'repeat_interval'],
]
const inhibitKeys = ['name', 'source_matchers', 'target_matchers', 'equal']

/**
 * The `route` and the `inhibit_rules` of a configuration of Alertmanager. Receivers are not ours: all who are told here are told
 * of everything, in the groups and at the times of the first route that an alert fits.
 * @throws PgherdError CONFIG_INVALID, one line for each problem: `file:line: path: what is wrong`
 */
export async function loadRouting(file: string): Promise<Routing> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${file}: cannot be read: ${messageOf(error)}`, { cause: error })
  }
  const { root, problems } = readYaml(text, file)
  const route = root?.get('route')
  const top: Route = { ...defaults, key: '{}', fits: () => true, routes: [] }
  const routing: Routing = {
    root: route === undefined ? top : readRoute(route, top),
    inhibitRules: (root?.get('inhibit_rules')?.items() ?? []).map(readInhibitRule),
  }
  if (problems.length > 0) throw new PgherdError('CONFIG_INVALID', problems.join('\n'))
  return routing
}

/** With an alias a route could be in itself. */
const maxDepth = 10

/** @param outer - whose settings hold where it has none; for the root itself the defaults */
function readRoute(place: YamlPlace, outer: Route, depth = 0): Route {
  place.keys(routeKeys)
  const matchers = readMatchers(place, 'matchers')
  const groupBy = place.get('group_by')?.items()
  const own: Route = {
    key: depth === 0 ? '{}' : `${outer.key}/{${matchers.map(printMatcher).join(',')}}`,
    fits: matchLabels(matchers),
    groupBy: groupBy?.map((item) => item.text() ?? '') ?? outer.groupBy,
    groupWaitMs: readDuration(place, 'group_wait') ?? outer.groupWaitMs,
    groupIntervalMs: readDuration(place, 'group_interval') ?? outer.groupIntervalMs,
    repeatIntervalMs: readDuration(place, 'repeat_interval') ?? outer.repeatIntervalMs,
    routes: [],
  }
  const inside = place.get('routes')?.items() ?? []
  if (inside.length > 0 && depth === maxDepth) {
    place.problem(`allowed: routes in routes, ${maxDepth} of them at most`)
    return own
  }
  const routes = inside.map((inner) => readRoute(inner, own, depth + 1))
  return { ...own, routes }
}

function readInhibitRule(place: YamlPlace): InhibitRule {
  place.keys(inhibitKeys)
  const [source, target] = (['source_matchers', 'target_matchers'] as const).map((key) => {
    const items = place.get(key)?.items() ?? []
    if (items.length === 0) place.problem(`allowed: at least one matcher under ${key}`)
    return matchLabels(readMatchers(place, key))
  })
  return {
    isSource: source!,
    isTarget: target!,
    equal: (place.get('equal')?.items() ?? []).map((item) => item.text() ?? ''),
  }
}

function readMatchers(place: YamlPlace, key: string): readonly LabelMatcher[] {
  return (place.get(key)?.items() ?? []).flatMap((item) => {
    try {
      const matcher = parseMatcher(item.text() ?? '')
      matchLabels([matcher])
      return [matcher]
    } catch (error) {
      item.problem(messageOf(error))
      return []
    }
  })
}

function readDuration(route: YamlPlace, key: string): number | undefined {
  const place = route.get(key)
  const text = place?.text()
  if (text === undefined) return undefined
  const durationMs = parsePrometheusDuration(text)
  if (durationMs === undefined) {
    place!.problem(`was "${text}"; allowed: a duration such as 30s, 5m or 1h30m`)
  }
  return durationMs
}
