import type { OperatorKey } from '../../common/command/operator-key.ts'
import { parseOperatorsFile } from '../../common/command/operators-file.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { LocalFile } from '../../common/local-file.ts'
import { localFile } from '../../common/local-file.ts'
import { defaultPolicy, readPolicy } from './policy/read-policy.ts'
import type { Policy } from './policy/schema.ts'

/** Whom this host obeys, and in what. */
export interface Trust {
  readonly operators: ReadonlyMap<string, OperatorKey>
  readonly policy: Policy
}

export interface TrustFiles {
  /** As the files are now; of one that has mistakes, what was read before. */
  current(): Promise<Trust>
  /** Reads both again. @returns whether neither has mistakes */
  reload(): Promise<boolean>
}

export interface TrustFilesOptions {
  readonly operatorsFile: string
  readonly policyFile: string
  /** Of this agent's actions. */
  readonly kinds: readonly string[]
  readonly userId: number
  readonly log: Log
}

/** Nobody may do anything: before a first reading without mistakes. */
const nothing: Policy = { time_zone: 'UTC', rules: [], require_two_operators: [] }

/** The operators' keys and the policy, read again as soon as their files have changed, so that a key that is removed ends at once. */
export function openTrustFiles(options: TrustFilesOptions): TrustFiles {
  const { log, userId, kinds } = options
  const operators = watched<ReadonlyMap<string, OperatorKey>>(
    localFile(options.operatorsFile, userId),
    { missing: new Map(), before: new Map() },
    (text) => {
      const { keys, problems } = parseOperatorsFile(text, options.operatorsFile)
      return { value: problems.length === 0 ? keys : undefined, problems }
    },
    log,
  )
  const policy = watched<Policy>(
    localFile(options.policyFile, userId),
    { missing: defaultPolicy, before: nothing },
    (text) => {
      const { policy: value, problems } = readPolicy(text, options.policyFile, kinds)
      return { value, problems }
    },
    log,
  )
  return {
    async current() {
      await Promise.all([operators.refresh(), policy.refresh()])
      return { operators: operators.value(), policy: policy.value() }
    },
    async reload() {
      const good = await Promise.all([operators.refresh(true), policy.refresh(true)])
      return good.every(Boolean)
    },
  }
}

interface Watched<T> {
  value(): T
  refresh(always?: boolean): Promise<boolean>
}

function watched<T>(
  file: LocalFile,
  initial: { readonly missing: T; readonly before: T },
  parse: (text: string) => { readonly value: T | undefined; readonly problems: readonly string[] },
  log: Log,
): Watched<T> {
  let value = initial.before
  let seen: string | undefined = 'never'
  let good = false
  let turn: Promise<unknown> = Promise.resolve()

  const read = async (): Promise<boolean> => {
    try {
      const { value: read, problems } = parse(await file.read())
      for (const problem of problems) log.error(`commands: ${problem}`)
      if (read === undefined) return false
      value = read
      return true
    } catch (error) {
      log.error(`commands: ${messageOf(error)}`)
      return false
    }
  }
  const refresh = async (always: boolean): Promise<boolean> => {
    const stamp = await file.stamp()
    if (!always && stamp === seen) return good
    seen = stamp
    if (stamp === undefined) {
      value = initial.missing
      good = true
    } else good = await read()
    return good
  }
  return {
    value: () => value,
    refresh(always = false) {
      // One after the other: an older reading must not overwrite a newer one.
      const next = turn.then(() => refresh(always))
      turn = next
      return next
    },
  }
}
