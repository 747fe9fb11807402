import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { readSelectors } from '../extra-filters.ts'
import { invalidParameter, readFlag, readInteger, readParameters } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import type { RuleGroupView, RuleView } from '../rule-views.ts'

/**
 * GET /api/v1/rules: groups, rules and their alerts, narrowed and paged by Prometheus' parameters; also where
 * VictoriaMetrics and vmalert have it.
 */
export function addRules(scope: FastifyInstance, context: ApiContext): void {
  const answer = (request: FastifyRequest): unknown => {
    const parameters = readParameters(request)
    return { status: 'success', data: page(select(context, parameters), parameters) }
  }
  for (const path of ['/api/v1/rules', '/rules', '/vmalert/api/v1/rules', '/vmalert/rules']) {
    scope.get(path, answer)
  }
}

function select(context: ApiContext, parameters: RequestParameters): readonly RuleGroupView[] {
  const wantedType = readType(parameters)
  const selectors = readSelectors(parameters, context)
  const isWanted = (name: string, value: string): boolean => {
    const wanted = parameters.all(name)
    return wanted.length === 0 || wanted.includes(value)
  }
  const keepsRule = (rule: RuleView): boolean =>
    (wantedType === undefined || rule.type === wantedType) &&
    isWanted('rule_name[]', rule.name) &&
    (selectors.length === 0 || context.deps.language.matches(rule.labels ?? {}, selectors))
  const withoutAlerts = readFlag(parameters, 'exclude_alerts')
  const isNarrowed =
    wantedType !== undefined || selectors.length > 0 || parameters.all('rule_name[]').length > 0
  return context.deps
    .rules()
    .filter((group) => isWanted('rule_group[]', group.name) && isWanted('file[]', group.file))
    .map((group) => ({
      ...group,
      rules: group.rules
        .filter(keepsRule)
        .map((rule) => (withoutAlerts && rule.alerts !== undefined ? { ...rule, alerts: [] } : rule)),
    }))
    .filter((group) => !isNarrowed || group.rules.length > 0)
}

interface Page {
  readonly groups: readonly RuleGroupView[]
  /** Where the next page begins; absent on the last one. */
  readonly groupNextToken?: string
}

/** group_limit groups from the one that group_next_token names. */
function page(groups: readonly RuleGroupView[], parameters: RequestParameters): Page {
  const token = parameters.one('group_next_token')
  if (parameters.one('group_limit') === undefined) {
    if (token === undefined) return { groups }
    throw invalidParameter('group_limit', 'group_limit needs to be set to paginate over the groups')
  }
  const limit = readInteger(parameters, 'group_limit', { min: 1, max: 1e9, fallback: 1 })
  const from = token === undefined ? 0 : groups.findIndex((group) => tokenOf(group) === token)
  if (from === -1) {
    throw invalidParameter(
      'group_next_token',
      `invalid group_next_token '${(token ?? '').slice(0, 64)}'. were rule groups changed?`,
    )
  }
  const next = groups[from + limit]
  return {
    groups: groups.slice(from, from + limit),
    ...(next === undefined ? {} : { groupNextToken: tokenOf(next) }),
  }
}

/** Opaque to clients; a name of a fixed length that stays while the file and the group do. */
function tokenOf({ file, name }: RuleGroupView): string {
  return createHash('sha1').update(`${file};${name}`).digest('hex')
}

function readType(parameters: RequestParameters): RuleView['type'] | undefined {
  const text = parameters.one('type')
  switch (text) {
    case undefined:
      return undefined
    case 'alert':
      return 'alerting'
    case 'record':
      return 'recording'
    default:
      throw invalidParameter('type', `not supported value "${text.slice(0, 64)}"; allowed: alert, record`)
  }
}
