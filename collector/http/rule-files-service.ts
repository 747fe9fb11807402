import type { GivenFiles, RuleCheck, RuleTestReport } from '../../common/alerts/rule-files.ts'

/** Rule files that are not in force. */
export interface RuleFilesService {
  check(files: GivenFiles): RuleCheck
  /** @throws PgherdError NOT_FOUND, TIMED_OUT, CANCELLED, OVERLOADED */
  test(files: GivenFiles, tests: readonly string[], signal: AbortSignal): Promise<readonly RuleTestReport[]>
}
