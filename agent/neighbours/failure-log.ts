import type { Log } from '../../common/log.ts'

/**
 * Takes what is wrong, or undefined when nothing is, and logs it when it begins, changes or ends. A detail may
 * change without being news.
 */
export type FailureLog = (failure: string | undefined, detail?: string) => void

/** @param told the sentence that a failure completes, and the one for its end */
export function createFailureLog(
  log: Log,
  told: { readonly bad: string; readonly good: string },
): FailureLog {
  let known: string | undefined
  return (failure, detail = '') => {
    if (failure === known) return
    known = failure
    if (failure === undefined) log.info(`neighbours: ${told.good}`)
    else log.warn(`neighbours: ${told.bad}: ${failure}${detail}`)
  }
}
