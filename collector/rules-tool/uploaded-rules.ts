import { matchesGlob, normalize } from 'node:path'
import type { GivenFiles, RuleCheck, RuleTestReport } from '../../common/alerts/rule-files.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { checkRules } from './check-rules.ts'
import { testRuleFile } from './test-rules.ts'

/** Rule files that somebody sends to be looked at, without any of them being in force. */
export interface UploadedRules {
  check(files: GivenFiles): RuleCheck
  /**
   * @param tests - names of those that are unit tests
   * @throws PgherdError NOT_FOUND, TIMED_OUT, CANCELLED, and OVERLOADED while others are tested
   */
  test(files: GivenFiles, tests: readonly string[], signal: AbortSignal): Promise<readonly RuleTestReport[]>
}

/** What a person waits for; queries and samples have their turns meanwhile. */
const deadlineMs = 30_000

export function createUploadedRules(clock: Clock): UploadedRules {
  let isTesting = false
  return {
    check: checkRules,
    async test(files, tests, signal) {
      if (isTesting) throw new PgherdError('OVERLOADED', 'other rules are being tested; one test at a time')
      isTesting = true
      const startedMs = clock.monotonic()
      const checkpoint = (): void => {
        if (signal.aborted) throw new PgherdError('CANCELLED', 'nobody waits for the tests any more')
        if (clock.monotonic() - startedMs > deadlineMs) {
          throw new PgherdError(
            'TIMED_OUT',
            `the tests take longer than ${deadlineMs / 1000} s: try fewer or shorter ones`,
          )
        }
      }
      try {
        const reports: RuleTestReport[] = []
        for (const name of tests) {
          const file = files.find((one) => one.name === name)
          if (file === undefined)
            throw new PgherdError('NOT_FOUND', `the file ${name.slice(0, 200)} was not sent`)
          reports.push(await testRuleFile(file, (path) => Promise.resolve(among(files, path)), checkpoint))
        }
        return reports
      } finally {
        isTesting = false
      }
    },
  }
}

function among(files: GivenFiles, path: string): GivenFiles {
  return files.filter(({ name }) => normalize(name) === path || matchesGlob(normalize(name), path))
}
