import { createHash } from 'node:crypto'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { messageOf } from '../../common/errors.ts'
import type { Action } from './action.ts'
import type { Journal } from './journal/journal.ts'
import { decide } from './policy/decide.ts'
import type { Asked } from './policy/decide.ts'
import type { Refusal, RefusalReason } from './refusal.ts'
import type { Targets } from './targets.ts'
import type { Trust } from './trust.ts'
import { verifyCommand } from './verify-command.ts'
import type { VerifiedCommand } from './verify-command.ts'

export interface Accepted extends VerifiedCommand {
  readonly ok: true
  readonly action: Action
  /** As the action reads them. */
  readonly args: unknown
  /** What a plan tells beside its steps. */
  readonly remarks: readonly string[]
}
export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
  /** What operators of this host have signed; undefined when nothing of it is to be believed. */
  readonly signed: VerifiedCommand | undefined
  /** Whether the command is remembered as refused, so that it cannot be let run later. */
  readonly final: boolean
}

export interface JudgeOptions {
  readonly node: string
  readonly actions: ReadonlyMap<string, Action>
  readonly targets: Targets
  readonly journal: Journal
  /** Never earlier than what was seen before, so that setting the clock back does not make an expired command valid. */
  readonly latestMs: () => number
  readonly clockMs: () => number
}

/** SHA-256 of a payload's text: the journal's name for exactly this command. */
export function payloadDigest({ payload }: SignedCommand): string {
  return createHash('sha256').update(payload).digest('hex')
}

/** Whether a command that the journal does not have may run. Nothing waits in here: two at a time cannot pass each other. */
export function judgeCommand(
  command: SignedCommand,
  trust: Trust,
  options: JudgeOptions,
): Accepted | Refused {
  const { journal, targets } = options
  const nowMs = options.latestMs()
  const verified = verifyCommand(command, {
    operators: trust.operators,
    node: options.node,
    servers: targets.named(),
    nowMs,
    clockMs: options.clockMs(),
    forgottenUntilMs: journal.forgottenUntilMs,
    rememberedSinceMs: journal.beganMs,
  })
  if (!verified.ok) {
    const { refusal, signed } = verified
    // What was meant for another node will be no more this one's later.
    const final = signed !== undefined && refusal.reason !== 'wrong-node' && !isKnown(signed, journal)
    return { ok: false, refusal, signed, final }
  }
  const { payload, operators } = verified
  const signed = { payload, operators }
  const refuse = (reason: RefusalReason, message: string): Refused => {
    return { ok: false, refusal: { reason, message }, signed, final: !isKnown(signed, journal) }
  }
  if (isKnown(signed, journal)) return refuse('replayed', 'another command with this id was here before')
  if (journal.hasNonce(payload.nonce)) return refuse('replayed', 'a command with this nonce was here before')

  const action = options.actions.get(payload.kind)
  if (action === undefined) {
    return refuse(
      'unsupported',
      `this agent has no action ${payload.kind}; it may be older than what asks for it`,
    )
  }
  const problem = targetProblem(action, payload.server, targets)
  if (problem !== undefined) return refuse('wrong-target', problem)
  const parsed = action.args.safeParse(payload.args)
  if (!parsed.success) {
    const told = parsed.error.issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim())
    return refuse('arguments', `${payload.kind}: ${told.join('; ')}`)
  }
  const asked: Asked = {
    kind: action.kind,
    risk: action.risk,
    mustBeNamed: action.mustBeNamed === true,
    mode: payload.mode,
    server: payload.server,
    args: typeof parsed.data === 'object' && parsed.data !== null ? { ...parsed.data } : {},
    operators,
    atMs: nowMs,
  }
  const verdictOn = (mode: Asked['mode']) =>
    decide(trust.policy, { ...asked, mode }, (concerns, withinMs) =>
      journal.recently(({ kind, risk }) => concerns(kind, risk), withinMs),
    )
  try {
    const verdict = verdictOn(payload.mode)
    if (!verdict.allowed) return refuse(verdict.reason, verdict.message)
    const run = payload.mode === 'plan' ? verdictOn('run') : verdict
    const remarks = run.allowed ? [] : [`It would be refused now: ${run.message}.`]
    return { ok: true, ...signed, action, args: parsed.data, remarks }
  } catch (error) {
    return refuse(
      'arguments',
      `${payload.kind}: the policy cannot be applied to its arguments: ${messageOf(error)}`,
    )
  }
}

function isKnown({ payload }: VerifiedCommand, journal: Journal): boolean {
  return journal.find(payload.id) !== undefined
}

function targetProblem(
  { kind, target }: Action,
  server: string | null,
  targets: Targets,
): string | undefined {
  const is = server === null ? 'node' : targets.find(server)?.kind === 'pgbouncer' ? 'pooler' : 'server'
  if (is === target) return undefined
  const what = { node: 'the node, and no server', server: 'a PostgreSQL server', pooler: 'a pooler' }
  return `${kind} is about ${what[target]}, and ${server ?? 'the node'} is none`
}
