import type { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'

/** Tells the log when something goes down and comes back, once each. */
export interface Availability {
  up(): void
  down(error: PgherdError): void
}

/** @param what as it stands in a sentence: `PostgreSQL` */
export function createAvailability(what: string, log: Log): Availability {
  let downBecause: string | undefined
  return {
    up() {
      if (downBecause !== undefined) log.info(`scrape: ${what} is up again`)
      downBecause = undefined
    },
    down(error) {
      // Not by its message, which may tell how long it took.
      const reason = `${error.code} ${String(error.details['sqlstate'])}`
      if (downBecause !== reason) {
        const details = { ...error.details, elapsedMs: undefined }
        log.warn({ code: error.code, ...details }, `scrape: ${what} is down: ${error.message}`)
      }
      downBecause = reason
    },
  }
}
