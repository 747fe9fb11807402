import type { Log } from '../../../common/log.ts'
import type { Policy } from './policy.ts'
import { loadPolicy } from './read-policy.ts'

/** What the policy file says at the moment. */
export interface PolicyNow {
  /** Undefined where there is no file: then no session is looked at. */
  readonly policy: Policy | undefined
  /** Of the file as it is now; the policy is then the one before. */
  readonly problems: readonly string[]
}

export interface PolicyFile {
  now(): PolicyNow
  /** Reads it again; whether it has no mistakes. */
  reload(): Promise<boolean>
}

/** @param path undefined where none is configured */
export function createPolicyFile(path: string | undefined, userId: number, log: Log): PolicyFile {
  let now: PolicyNow = { policy: undefined, problems: [] }
  return {
    now: () => now,
    async reload() {
      if (path === undefined) return true
      const read = await loadPolicy(path, userId)
      if (read === undefined) {
        if (now.policy !== undefined)
          log.warn({ path }, 'watchdog: the policy file is gone: it does nothing any more')
        else log.warn({ path }, 'watchdog: there is no such policy file, so that it does nothing')
        now = { policy: undefined, problems: [] }
        return true
      }
      if (read.policy === undefined) {
        for (const problem of read.problems) log.error(`watchdog: ${problem}`)
        now = { policy: now.policy, problems: read.problems }
        return false
      }
      now = { policy: read.policy, problems: [] }
      const { dry_run: isDry, rules } = read.policy
      log.info({ path, rules: rules.length, isDry }, 'watchdog: the policy is read')
      return true
    },
  }
}
