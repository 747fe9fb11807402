import { PgherdError } from '../../common/errors.ts'
import { labelKey, labelRecord, labelSet } from '../../common/series/label-set.ts'
import type { Rule, RuleContext } from './rule.ts'
import type { RecordingRuleDefinition } from './rule-types.ts'

/** A rule that stores the result of its expression under another name. */
export function createRecordingRule(
  definition: RecordingRuleDefinition,
  limit: number,
  context: RuleContext,
): Rule {
  return {
    definition,
    async evaluate(_atMs, queryMs, signal) {
      const results = await context.query(definition.expression, queryMs, signal)
      if (limit > 0 && results.length > limit) {
        throw new PgherdError('QUERY_LIMIT', `exceeded limit of ${limit} with ${results.length} series`)
      }
      const keys = new Set<string>()
      return results.map(({ labels, value }) => {
        const named = labelSet({ ...labelRecord(labels), ...definition.labels, __name__: definition.name })
        const key = labelKey(named)
        if (keys.has(key)) {
          throw new PgherdError(
            'QUERY_FAILED',
            'vector contains metrics with the same labelset after applying rule labels',
          )
        }
        keys.add(key)
        return { labels: named, value }
      })
    },
    takeNotifications: () => [],
    alerts: new Map(),
    heritage: undefined,
  }
}
