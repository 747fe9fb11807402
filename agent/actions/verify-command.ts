import { readCanonical } from '../../common/command/canonical-json.ts'
import type { OperatorKey } from '../../common/command/operator-key.ts'
import {
  allowedSkewMs,
  commandPayload,
  maxLifetimeMs,
  maxPayloadBytes,
} from '../../common/command/payload.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { isSignedBy } from '../../common/command/sign.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { Refusal, RefusalReason } from './refusal.ts'

/** What a command is held against. */
export interface Situation {
  /** By key id. */
  readonly operators: ReadonlyMap<string, OperatorKey>
  readonly node: string
  /** By ins label; of a pooler, or where it is not known, the system identifier is null. */
  readonly servers: ReadonlyMap<string, NamedServer>
  /** The latest time that was ever seen here, so that a clock that is set back makes no command valid again. */
  readonly nowMs: number
  /** What the clock says, if it is less. */
  readonly clockMs?: number
  /** Commands that expire before this may have been here, and forgotten: see the journal. */
  readonly forgottenUntilMs: number
  /** Commands that were issued before this cannot be told from repeated ones. */
  readonly rememberedSinceMs: number
}

export interface NamedServer {
  readonly kind: 'postgres' | 'pgbouncer'
  readonly systemIdentifier: string | null
}

export type VerifiedCommand = {
  readonly payload: CommandPayload
  /** Names of those who signed, each once; the first is the payload's operator. */
  readonly operators: readonly string[]
}

/**
 * `signed` on a refusal: operators of this host did sign it, so it is theirs, and the refusal is final. Nothing else that
 * it says was believed.
 */
export type Verification =
  | ({ readonly ok: true } & VerifiedCommand)
  | { readonly ok: false; readonly refusal: Refusal; readonly signed: VerifiedCommand | undefined }

const limits = { maxDepth: 16, maxLength: maxPayloadBytes }

/**
 * Whether operators of this host have asked this very agent for this, now. What depends on earlier commands (a replay) and
 * on the policy is asked for elsewhere. Signatures come first: of what nobody has signed, nothing is read. Never throws.
 */
export function verifyCommand(
  { payload: text, signatures }: SignedCommand,
  situation: Situation,
): Verification {
  const unsigned = (reason: RefusalReason, message: string): Verification => {
    return { ok: false, refusal: { reason, message }, signed: undefined }
  }
  if (Buffer.byteLength(text) > maxPayloadBytes) {
    return unsigned('too-large', `the command is larger than ${maxPayloadBytes} bytes`)
  }
  const { operators } = situation
  if (operators.size === 0) {
    return unsigned(
      'no-operators',
      'this host knows no operator, so it takes no commands (actions.operators_file)',
    )
  }
  const names: string[] = []
  const keys = new Set<string>()
  for (const signature of signatures) {
    const key = operators.get(signature.key)
    if (key === undefined) return unsigned('unknown-key', `this host does not know the key ${signature.key}`)
    if (keys.has(key.id)) return unsigned('same-key', `the key ${key.id} of ${key.name} signed twice`)
    if (!isSignedBy(text, signature, key)) {
      return unsigned('bad-signature', `what the key ${key.id} of ${key.name} signed is not this command`)
    }
    keys.add(key.id)
    if (!names.includes(key.name)) names.push(key.name)
  }
  const [first] = names
  if (first === undefined) return unsigned('bad-signature', 'nobody has signed the command')

  const reading = readCanonical(text, limits)
  if (!reading.ok) return unsigned('not-canonical', `the command cannot be read: ${reading.problem}`)
  const parsed = commandPayload.safeParse(reading.value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue === undefined ? '' : `: ${issue.path.map(String).join('.')} ${issue.message}`
    return unsigned('malformed', `the command is malformed${where}`)
  }
  const payload = parsed.data
  if (payload.operator !== first) {
    return unsigned(
      'wrong-operator',
      `the command is that of ${payload.operator}, and ${first} has signed first`,
    )
  }
  const signed = { payload, operators: names }
  const refusal = targetProblem(payload, situation) ?? timeProblem(payload, situation)
  return refusal === undefined ? { ok: true, ...signed } : { ok: false, refusal, signed }
}

function targetProblem(payload: CommandPayload, { node, servers }: Situation): Refusal | undefined {
  if (payload.node !== node) {
    return { reason: 'wrong-node', message: `the command is for ${payload.node}, and this is ${node}` }
  }
  const { server, system_identifier: identifier } = payload
  if (server === null) {
    if (identifier === null) return undefined
    return { reason: 'wrong-system', message: 'the command names a system identifier without a server' }
  }
  const known = servers.get(server)
  if (known === undefined) {
    const all = [...servers.keys()].join(', ')
    return {
      reason: 'unknown-server',
      message: `${server} is no server of ${node}; there ${all === '' ? 'is none' : `are ${all}`}`,
    }
  }
  return systemProblem(server, identifier, known)
}

/** What is wrong with the system identifier that a command names for a server; asked again once that is connected to. */
export function systemProblem(
  server: string,
  named: string | null,
  { kind, systemIdentifier }: NamedServer,
): Refusal | undefined {
  if (kind === 'pgbouncer') {
    if (named === null) return undefined
    return { reason: 'wrong-system', message: `${server} is a pooler, which has no system identifier` }
  }
  if (named === null) {
    return { reason: 'wrong-system', message: `the command does not name the system identifier of ${server}` }
  }
  if (systemIdentifier === null || systemIdentifier === named) return undefined
  const message = `${server} has the system identifier ${systemIdentifier}, and the command is for ${named}`
  return { reason: 'wrong-system', message }
}

function timeProblem(payload: CommandPayload, situation: Situation): Refusal | undefined {
  const { issued_ms: issued, expires_ms: expires } = payload
  const { nowMs } = situation
  if (expires <= issued || expires - issued > maxLifetimeMs) {
    const message = `a command may be valid for ${maxLifetimeMs / 86_400_000} days at most, and has to end after it begins`
    return { reason: 'lifetime', message }
  }
  if (issued > nowMs + allowedSkewMs) {
    const message = `the command is not valid before ${shown(issued)}; the clock of this host says ${shown(nowMs)}`
    return { reason: 'not-yet-valid', message }
  }
  const expired = expiryProblem(payload, nowMs, situation.clockMs)
  if (expired !== undefined) return expired
  if (expires <= situation.forgottenUntilMs || issued < situation.rememberedSinceMs) {
    const message = `this host no longer knows whether it had the command before (its clock was set back, or its journal is new): send it anew`
    return { reason: 'replayed', message }
  }
  return undefined
}

/** Without an allowance for clocks: what is late is not begun. */
export function expiryProblem(payload: CommandPayload, nowMs: number, clockMs = nowMs): Refusal | undefined {
  const { expires_ms: expires } = payload
  if (nowMs < expires) return undefined
  const message =
    clockMs < expires
      ? `the command expired at ${shown(expires)} for this host, whose clock has said ${shown(nowMs)} before it was set back to ${shown(clockMs)}; --expires gives it more time`
      : `the command expired at ${shown(expires)}; the clock of this host says ${shown(clockMs)}`
  return { reason: 'expired', message }
}

function shown(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}
