import type { GivenFiles } from '../../common/alerts/rule-files.ts'
import { parseExpression } from '../promql/parse-expression.ts'
import { parseRuleFile } from '../rules/load/parse-rule-file.ts'
import type { RuleGroup } from '../rules/rule-types.ts'

/** What rule files say, and each of their problems as `file:line: path: what is wrong`. */
export function readGroups(
  files: GivenFiles,
  defaultIntervalMs: number,
): { readonly groups: readonly RuleGroup[]; readonly problems: readonly string[] } {
  const parsed = files.map(({ name, text }) =>
    parseRuleFile(text, name, {
      defaultIntervalMs,
      checkExpression: (expression) => void parseExpression(expression),
    }),
  )
  return {
    groups: parsed.flatMap(({ groups }) => groups),
    problems: parsed.flatMap(({ problems }) => problems),
  }
}
