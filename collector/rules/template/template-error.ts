import { PgherdError } from '../../../common/errors.ts'

/** An error in a template, found when it is parsed or when it runs. */
export function templateError(problem: string, line?: number): PgherdError {
  return new PgherdError('RULE_INVALID', line === undefined ? problem : `template line ${line}: ${problem}`)
}
