import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readParameters } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import type { RuleGroupView, RuleView } from '../rule-views.ts'

/** GET /api/v1/rules: groups, rules and their alerts, narrowed by Prometheus' parameters. */
export function addRules(scope: FastifyInstance, { deps }: ApiContext): void {
  scope.get('/api/v1/rules', (request: FastifyRequest) => ({
    status: 'success',
    data: { groups: select(deps.rules(), readParameters(request)) },
  }))
}

function select(groups: readonly RuleGroupView[], parameters: RequestParameters): readonly RuleGroupView[] {
  const wantedType = readType(parameters)
  const isWanted = (name: string, value: string): boolean => {
    const wanted = parameters.all(name)
    return wanted.length === 0 || wanted.includes(value)
  }
  const keepsRule = (rule: RuleView): boolean =>
    (wantedType === undefined || rule.type === wantedType) && isWanted('rule_name[]', rule.name)
  const withoutAlerts = parameters.one('exclude_alerts') === 'true'
  const isNarrowed = wantedType !== undefined || parameters.all('rule_name[]').length > 0
  return groups
    .filter((group) => isWanted('rule_group[]', group.name) && isWanted('file[]', group.file))
    .map((group) => ({
      ...group,
      rules: group.rules
        .filter(keepsRule)
        .map((rule) => (withoutAlerts && rule.alerts !== undefined ? { ...rule, alerts: [] } : rule)),
    }))
    .filter((group) => !isNarrowed || group.rules.length > 0)
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
