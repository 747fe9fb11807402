import type { PgherdError } from '../../common/errors.ts'

/** What a self-test with the rights of the agent's user came to. */
export interface SelfTestResult {
  /** Exit status. */
  readonly status: number
  /** Servers that the agent's user does not reach, and why. */
  readonly unreached: readonly { readonly name: string; readonly error: PgherdError }[]
}
