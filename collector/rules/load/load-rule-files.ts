import { glob, readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { RuleGroup } from '../rule-types.ts'
import { parseRuleFile } from './parse-rule-file.ts'
import type { RuleFileOptions } from './parse-rule-file.ts'

/** Unit tests for promtool, which stand beside the rules they test. */
const unitTest = /\.test\.ya?ml$/

/**
 * Loads rule files in Prometheus' format. A pattern may contain `*`; unit tests that it matches are skipped, and
 * matching nothing is fine. A plain path has to exist.
 * @throws PgherdError RULE_INVALID, one line for each problem in all files: `file:line: path: what is wrong`
 */
export async function loadRuleFiles(
  patterns: readonly string[],
  options: RuleFileOptions,
): Promise<readonly RuleGroup[]> {
  const problems: string[] = []
  const groups: RuleGroup[] = []
  for (const file of await filesOf(patterns)) {
    try {
      const parsed = parseRuleFile(await readFile(file, 'utf8'), file, options)
      groups.push(...parsed.groups)
      problems.push(...parsed.problems)
    } catch (error) {
      problems.push(`${file}: cannot be read: ${messageOf(error)}`)
    }
  }
  if (problems.length > 0) throw new PgherdError('RULE_INVALID', problems.join('\n'))
  return groups
}

async function filesOf(patterns: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>()
  for (const pattern of patterns) {
    if (!/[*?[{]/.test(pattern)) {
      files.add(pattern)
      continue
    }
    const matches: string[] = []
    for await (const file of glob(pattern)) if (!unitTest.test(file)) matches.push(file)
    for (const file of matches.sort()) files.add(file)
  }
  return [...files]
}
