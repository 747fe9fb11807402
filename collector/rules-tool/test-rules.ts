import { dirname, isAbsolute, join, normalize } from 'node:path'
import type { GivenFiles, RuleTestReport } from '../../common/alerts/rule-files.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { readGroups } from './read-groups.ts'
import { runTest } from './run-test.ts'
import { parseUnitTestFile } from './unit-test-file.ts'
import type { UnitTestFile } from './unit-test-file.ts'

/** The files that a path leads to; `*` in it stands for any name. None, where there are none. */
export type FindFiles = (path: string) => Promise<GivenFiles>

/**
 * Runs a file of promtool's unit tests with the loader, the evaluator and the engine that rules have in force.
 * @param find - for its rule_files, which are beside it
 * @param checkpoint - is called again and again; what it throws ends everything
 */
export async function testRuleFile(
  file: GivenFiles[number],
  find: FindFiles,
  checkpoint: () => void = () => undefined,
): Promise<RuleTestReport> {
  const report = (problems: readonly string[]): RuleTestReport => ({
    ...{ file: file.name, checks: 0, failures: [], problems: [...problems] },
  })
  let given: UnitTestFile
  try {
    given = parseUnitTestFile(file.text)
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    return report(
      messageOf(error)
        .split('\n')
        .map((line) => `${file.name}: ${line}`),
    )
  }
  const found: GivenFiles = []
  for (const path of given.rule_files) {
    const files = await find(isAbsolute(path) ? path : normalize(join(dirname(file.name), path)))
    if (files.length === 0) return report([`${file.name}: rule_files: there is no ${path}`])
    found.push(...files)
  }
  const { groups, problems } = readGroups(found, given.evaluation_interval)
  if (problems.length > 0) return report(problems)
  const placeOf = (name: string): number => {
    const place = given.group_eval_order.indexOf(name)
    return place === -1 ? Infinity : place
  }
  const ordered = groups.toSorted((a, b) =>
    placeOf(a.name) < placeOf(b.name) ? -1 : placeOf(a.name) > placeOf(b.name) ? 1 : 0,
  )
  const outcome: RuleTestReport = report([])
  for (const test of given.tests) {
    const { checks, failures } = await runTest(test, ordered, {
      evaluationIntervalMs: given.evaluation_interval,
      fuzzy: given.fuzzy_compare,
      checkpoint,
    })
    outcome.checks += checks
    outcome.failures.push(...failures)
  }
  return outcome
}
