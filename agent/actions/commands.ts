import type { AuditChain } from '../../common/audit/chain.ts'
import type { Clock } from '../../common/clock.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandResult } from '../../common/command/result.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import type { Action, AgentControls } from './action.ts'
import { createAuditSending } from './audit-sending.ts'
import { buildResult } from './build-result.ts'
import type { Ending } from './build-result.ts'
import { createCancelAction } from './cancel-action.ts'
import { createCommandAudit } from './command-audit.ts'
import type { CommandPort } from './command-port.ts'
import { createCommandCounters } from './command-counters.ts'
import type { CommandCounters } from './command-counters.ts'
import { describeAction } from './describe-action.ts'
import type { Journal } from './journal/journal.ts'
import { judgeCommand, payloadDigest } from './judge-command.ts'
import type { Accepted, Refused } from './judge-command.ts'
import { createLanes } from './lanes.ts'
import type { Refusal } from './refusal.ts'
import { runAction } from './run-action.ts'
import type { ActionRun } from './run-action.ts'
import type { Targets } from './targets.ts'
import { createTelling } from './telling.ts'
import type { TrustFiles } from './trust.ts'
import { expiryProblem, verifyCommand } from './verify-command.ts'

export interface CommandsOptions {
  readonly node: string
  readonly actions: readonly Action[]
  readonly agent: AgentControls
  readonly targets: Targets
  readonly trust: TrustFiles
  readonly journal: Journal
  readonly chain: AuditChain
  readonly clock: Clock
  readonly log: Log
  /** 4 unless told. */
  readonly maxRunning?: number
  /** 100 unless told. */
  readonly maxWaiting?: number
  /** Pause before what could not be written is tried again; 5 s unless told. */
  readonly retryMs?: number
}

export interface Commands extends CommandPort {
  readonly counters: CommandCounters
  readonly waiting: number
  readonly running: number
  /** Ends what runs and takes nothing more; resolves when everything is written down. */
  stop(): Promise<void>
}

/** Commands that are being looked at: what comes on top the collector sends again. */
const maxJudging = 200

interface Live {
  readonly accepted: Accepted
  readonly command: SignedCommand
  run: ActionRun | undefined
  /** Its result, once it has ended. */
  readonly ended: PromiseWithResolvers<CommandResult>
}

/**
 * Takes up what operators ask for: judges it, remembers it, runs it at most once, tells and remembers how it ended.
 * Everything is in the journal and in the audit before it begins.
 */
export async function startCommands(options: CommandsOptions): Promise<Commands> {
  const { node, targets, trust, journal, chain, clock, log } = options
  const { maxRunning = 4, maxWaiting = 100, retryMs = 5_000 } = options
  const counters = createCommandCounters()
  const sending = createAuditSending(chain, log)
  const audit = createCommandAudit({ chain, node, clock, log, onEntry: () => sending.grown() })
  const lanes = createLanes(maxRunning)
  const live = new Map<string, Live>()
  const judging = new Set<string>()
  const stopping = new AbortController()
  /** What has to be done before the files may be closed. */
  const pending = new Set<Promise<void>>()
  let send: (message: FromAgent) => void = () => undefined
  let latestMs = Math.max(journal.newestMs, (await chain.read(chain.head.seq - 1, 1))[0]?.atMs ?? 0)

  const cancelAction = createCancelAction((id, why) => cancel(id, why))
  const actions = new Map([...options.actions, cancelAction as Action].map((action) => [action.kind, action]))
  const descriptions = [...actions.values()].map(describeAction)
  const judge = {
    node,
    actions,
    targets,
    journal,
    latestMs: () => (latestMs = Math.max(latestMs, clock.now())),
  }

  const inBackground = (work: () => Promise<void>): void => {
    const done = work().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, 'commands: an unexpected failure')
    })
    pending.add(done)
    void done.finally(() => pending.delete(done))
  }
  /** Until it is written, or the agent stops. */
  const persist = async (what: string, write: () => Promise<void>): Promise<void> => {
    for (let first = true; ; first = false) {
      try {
        await write()
        return
      } catch (error) {
        log[first ? 'error' : 'debug']({ error: messageOf(error) }, `commands: ${what} could not be written`)
      }
      if (stopping.signal.aborted) return
      await clock.sleep(retryMs, stopping.signal)
    }
  }

  /** The end of a command that the journal has: counted, written down, told. */
  const finish = async (
    id: string,
    payload: CommandPayload | undefined,
    ending: Ending,
  ): Promise<CommandResult> => {
    const result = buildResult(ending, clock.now())
    counters.ended(result.outcome)
    if (ending.reason !== undefined) counters.refused(ending.reason)
    await persist('a result', () => journal.finished(id, result))
    if (ending.reason === undefined) {
      await persist('an entry of the audit', () => audit.finished({ id, payload }, result))
    } else await audit.refused({ reason: ending.reason, message: ending.message }, payload)
    send({ type: 'command-result', id, result })
    return result
  }

  const refuse = async (command: SignedCommand, { refusal, signed, final }: Refused): Promise<void> => {
    const { reason, message } = refusal
    const ending: Ending = { outcome: reason === 'unsupported' ? 'unsupported' : 'refused', message }
    if (signed !== undefined && final) {
      try {
        await journal.receive(
          journalEntry(command, signed.payload, actions.get(signed.payload.kind), true, clock.now()),
        )
        await finish(signed.payload.id, signed.payload, { ...ending, reason })
        return
      } catch (error) {
        log.error({ error: messageOf(error) }, 'commands: a refusal could not be written into the journal')
      }
    }
    counters.refused(reason)
    counters.ended(ending.outcome)
    await audit.refused(refusal, signed?.payload)
    const id = signed?.payload.id ?? idIn(command)
    // Of a command that was here under the same id another answer is known.
    if (id !== undefined && journal.find(id) === undefined) {
      send({ type: 'command-result', id, result: buildResult(ending, clock.now()) })
    }
  }

  const accept = async (command: SignedCommand, accepted: Accepted): Promise<void> => {
    const { payload, operators, action } = accepted
    const { id } = payload
    const notWritten = (error: unknown): Refusal => {
      return {
        reason: 'not-written',
        message: `this host cannot write down what it does: ${messageOf(error)}`,
      }
    }
    try {
      await journal.receive(journalEntry(command, payload, action, false, clock.now()))
    } catch (error) {
      await refuse(command, { ok: false, refusal: notWritten(error), signed: accepted, final: false })
      return
    }
    try {
      await audit.delivered(payload, operators)
    } catch (error) {
      await finish(id, payload, { outcome: 'refused', ...notWritten(error) })
      return
    }
    send({ type: 'command-received', id })
    const one: Live = { accepted, command, run: undefined, ended: Promise.withResolvers() }
    live.set(id, one)
    inBackground(() => one.ended.promise.then(() => undefined))
    const isCancel = action.kind === cancelAction.kind
    const changes = payload.mode === 'run' && action.risk !== 'read'
    if (isCancel) inBackground(() => begin(one))
    else {
      lanes.add({
        id,
        lock: changes ? (payload.server ?? node) : undefined,
        run: () => begin(one),
        waits: (behind) => send({ type: 'command-progress', id, percent: null, text: `waits for ${behind}` }),
      })
    }
  }

  /** @returns when the next one may have its lock */
  const begin = async (one: Live): Promise<void> => {
    const { accepted, command, ended } = one
    const { payload, operators } = accepted
    const { id } = payload
    const end = async (ending: Ending) => {
      const result = await finish(id, payload, ending)
      live.delete(id)
      ended.resolve(result)
    }
    if (stopping.signal.aborted) return end(neverBegun)
    const refusal = await stillWrong(command)
    if (refusal !== undefined) return end({ outcome: 'refused', ...refusal })
    try {
      await audit.started(payload, operators)
      await journal.started(id)
    } catch (error) {
      const message = `this host cannot write down what it does: ${messageOf(error)}`
      return end({ outcome: 'refused', reason: 'not-written', message })
    }
    if (isAborted(stopping.signal)) return end(neverBegun)
    send({ type: 'command-started', id, atMs: clock.now() })
    const telling = createTelling(id, (message) => send(message), clock)
    const { action, args, remarks } = accepted
    one.run = runAction(action, args, payload, { clock, agent: options.agent, targets, telling, remarks })
    const ending = await one.run.ending
    telling.end()
    await end(ending)
    await one.run.over
  }

  /** A key may have been removed, or the time run out, while it waited. */
  const stillWrong = async (command: SignedCommand): Promise<Refusal | undefined> => {
    const { operators } = await trust.current()
    const nowMs = judge.latestMs()
    const again = verifyCommand(command, {
      operators,
      node,
      servers: new Map(targets.list().map(({ server, ...rest }) => [server, rest])),
      nowMs,
      forgottenUntilMs: 0,
      rememberedSinceMs: 0,
    })
    return again.ok ? expiryProblem(again.payload, nowMs) : again.refusal
  }

  const cancel = (id: string, why: string): Promise<string> | undefined => {
    const one = live.get(id)
    if (one === undefined) return undefined
    const told = one.ended.promise.then(({ outcome, message }) => `${outcome}. ${message}`)
    if (one.run !== undefined) one.run.stop('cancelled', why)
    else if (lanes.remove(id)) endUnbegun(one, `${why} before it began; nothing was done.`)
    return told
  }
  const endUnbegun = ({ accepted: { payload }, ended }: Live, message: string) => {
    inBackground(async () => {
      const result = await finish(payload.id, payload, { outcome: 'cancelled', message })
      live.delete(payload.id)
      ended.resolve(result)
    })
  }

  const repeat = async (id: string): Promise<void> => {
    counters.repeated()
    send({ type: 'command-received', id })
    const result = await journal.result(id)
    if (result !== undefined) send({ type: 'command-result', id, result })
  }

  for (const { id, state } of journal.interrupted) {
    await finish(id, undefined, state === 'running' ? unknownEnd : neverBegun)
  }

  return {
    counters,
    get waiting() {
      return lanes.waiting
    },
    get running() {
      return lanes.running
    },
    actions: (): readonly ActionDescription[] => descriptions,
    submit(command) {
      const digest = payloadDigest(command)
      if (stopping.signal.aborted || judging.has(digest)) return
      if (judging.size >= maxJudging) {
        counters.dropped()
        return
      }
      judging.add(digest)
      inBackground(async () => {
        try {
          const known = journal.byPayload(digest)
          if (known !== undefined) {
            await repeat(known.id)
            return
          }
          const verdict = judgeCommand(command, await trust.current(), judge)
          if (!verdict.ok) await refuse(command, verdict)
          else if (lanes.waiting >= maxWaiting) {
            const message = `${maxWaiting} commands wait on this host, and no more may`
            await refuse(command, {
              ok: false,
              refusal: { reason: 'overloaded', message },
              signed: verdict,
              final: true,
            })
          } else await accept(command, verdict)
        } finally {
          judging.delete(digest)
        }
      })
    },
    resultStored(id) {
      if (journal.find(id)?.state === 'finished') {
        inBackground(() => persist('that a result was stored', () => journal.stored(id)))
      }
    },
    auditStored: (seq, hash = null) => sending.stored(seq, hash),
    collectorHead: (seq, hash) => inBackground(() => audit.anchor(seq, hash)),
    connected(to) {
      send = to
      sending.connected(to)
      inBackground(async () => {
        for (const id of journal.unsent()) {
          const result = await journal.result(id)
          if (send !== to) return
          if (result !== undefined) to({ type: 'command-result', id, result })
        }
      })
    },
    disconnected() {
      send = () => undefined
      sending.disconnected()
    },
    async stop() {
      stopping.abort()
      for (const one of live.values()) {
        if (one.run !== undefined) one.run.stop('cancelled', 'the agent was stopped')
        else if (lanes.remove(one.accepted.payload.id)) endUnbegun(one, neverBegun.message)
      }
      await Promise.all([...live.values()].map(({ ended }) => ended.promise))
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}

const neverBegun: Ending = {
  outcome: 'cancelled',
  message: 'The agent ended before it began; nothing was done.',
}
const unknownEnd: Ending = {
  outcome: 'unknown',
  message: 'The agent ended while it ran: whether it was done, only a look at the target can tell.',
}

function journalEntry(
  command: SignedCommand,
  { id, nonce, kind, mode, expires_ms: expiresMs }: CommandPayload,
  action: Action | undefined,
  refused: boolean,
  receivedMs: number,
) {
  const risk = action?.risk ?? 'read'
  return { id, nonce, kind, mode, risk, refused, expiresMs, receivedMs, payload: payloadDigest(command) }
}

/** The id in a payload that nobody known has signed: good for an answer, and for nothing else. */
function idIn({ payload }: SignedCommand): string | undefined {
  return /"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/.exec(payload)?.[1]
}

/** A signal can abort during an await, which the narrowing of a property does not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
