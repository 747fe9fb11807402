import type { GivenFiles, RuleCheck } from '../../common/alerts/rule-files.ts'
import { readGroups } from './read-groups.ts'

/** Reads rule files as the collector would when they are put in force. */
export function checkRules(files: GivenFiles): RuleCheck {
  const { groups, problems } = readGroups(files, 60_000)
  return {
    files: files.length,
    groups: groups.length,
    rules: groups.reduce((sum, { rules }) => sum + rules.length, 0),
    problems: [...problems],
  }
}
