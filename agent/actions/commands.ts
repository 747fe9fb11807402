import type { AuditChain } from '../../common/audit/chain.ts'
import type { AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { Log } from '../../common/log.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import type { Action, AgentControls } from './action.ts'
import { createAuditSending } from './audit-sending.ts'
import { createBackgroundWork } from './background-work.ts'
import { createCancelAction } from './cancel-action.ts'
import { createCommandAudit } from './command-audit.ts'
import { createCommandEndings, interruptedEnd, neverBegun } from './command-endings.ts'
import type { CommandPort } from './command-port.ts'
import { createCommandCounters } from './command-counters.ts'
import type { CommandCounters } from './command-counters.ts'
import { describeAction } from './describe-action.ts'
import type { Journal } from './journal/journal.ts'
import { journalEntry } from './journal-entry.ts'
import { judgeCommand, payloadDigest } from './judge-command.ts'
import type { Accepted } from './judge-command.ts'
import { createLanes } from './lanes.ts'
import { createLiveCommands, notWritten } from './live-commands.ts'
import type { Targets } from './targets.ts'
import type { TrustFiles } from './trust.ts'
import { createUndoing } from './undoing.ts'

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
  /** Writes into the audit what concerns no command, and tries again. Never rejects. @returns false when it ended before that */
  readonly record: (fact: AuditFact) => Promise<boolean>
  /** Ends what runs and takes nothing more; resolves when everything is written down. */
  stop(): Promise<void>
}

/** Commands that are being looked at: what comes on top the collector sends again. */
const maxJudging = 200

/**
 * Takes up what operators ask for: judges it, remembers it, runs it at most once, tells and remembers how it ended.
 * Everything is in the journal and in the audit before it begins.
 */
export async function startCommands(options: CommandsOptions): Promise<Commands> {
  const { node, agent, targets, trust, journal, chain, clock, log } = options
  const { maxRunning = 4, maxWaiting = 100, retryMs = 5_000 } = options
  const stopping = new AbortController()
  const work = createBackgroundWork({ clock, log, stopping: stopping.signal, retryMs })
  const counters = createCommandCounters()
  const sending = createAuditSending(chain, log)
  const audit = createCommandAudit({ chain, node, clock, log, onEntry: () => sending.grown() })
  const judging = new Set<string>()
  let connection: (message: FromAgent) => void = () => undefined
  const send = (message: FromAgent): void => connection(message)
  let newestMs = Math.max(journal.newestMs, (await chain.read(chain.head.seq - 1, 1))[0]?.atMs ?? 0)
  const latestMs = (): number => (newestMs = Math.max(newestMs, clock.now()))

  const cancelAction = createCancelAction((id, why) => live.cancel(id, why) ?? undoing.cancel(id, why))
  const actions = new Map([...options.actions, cancelAction as Action].map((action) => [action.kind, action]))
  const descriptions = [...actions.values()].map(describeAction)
  const judge = { node, actions, targets, journal, latestMs, clockMs: () => clock.now() }
  const endings = createCommandEndings({ actions, journal, audit, counters, work, send, clock, log })
  const lanes = createLanes(maxRunning)
  const shared = { node, agent, targets, journal, audit, endings, lanes, work, send, clock }
  const undoing = createUndoing({ ...shared, actions, log, stopping: stopping.signal })
  const live = createLiveCommands({ ...shared, undoing, trust, latestMs, stopping: stopping.signal })

  const accept = async (command: SignedCommand, accepted: Accepted): Promise<void> => {
    const { payload, operators, action } = accepted
    const { id } = payload
    try {
      await journal.receive(journalEntry(command, accepted, action, false, clock.now()))
    } catch (error) {
      await endings.refuse(command, { ok: false, refusal: notWritten(error), signed: accepted, final: false })
      return
    }
    try {
      await audit.delivered(payload, operators)
    } catch (error) {
      send({ type: 'command-received', id })
      await endings.finish(id, payload, { outcome: 'refused', ...notWritten(error) })
      return
    }
    send({ type: 'command-received', id })
    live.add(command, accepted, action.kind === cancelAction.kind)
  }

  const repeat = async (id: string): Promise<void> => {
    counters.repeated()
    send({ type: 'command-received', id })
    const result = await journal.result(id)
    if (result !== undefined) send({ type: 'command-result', id, result })
  }

  for (const entry of journal.unsettled) undoing.take(entry)
  for (const entry of journal.interrupted) {
    const { id, kind, state } = entry
    if (undoing.take(entry)) {
      log.warn({ command: id, kind }, 'commands: the agent ended while it ran; it is undone')
      continue
    }
    const ending = state === 'running' ? interruptedEnd(entry, actions.get(kind)) : neverBegun
    log.warn(
      { command: id, kind, outcome: ending.outcome },
      `commands: of an earlier life: ${ending.message}`,
    )
    // Not waited for: on a full disk it is tried again and again, and the agent measures meanwhile.
    work.start(async () => {
      await endings.finish(id, entry.asked?.payload, ending)
    })
  }

  return {
    counters,
    get waiting() {
      return live.waiting
    },
    get running() {
      return live.running
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
      work.start(async () => {
        try {
          const known = journal.byPayload(digest)
          if (known !== undefined) {
            await repeat(known.id)
            return
          }
          const verdict = judgeCommand(command, await trust.current(), judge)
          if (!verdict.ok) await endings.refuse(command, verdict)
          // The collector has no answer, and sends it again; what ends others has to come through.
          else if (live.waiting >= maxWaiting && verdict.action.kind !== cancelAction.kind) counters.dropped()
          else await accept(command, verdict)
        } finally {
          judging.delete(digest)
        }
      })
    },
    resultStored(id) {
      if (journal.find(id)?.state === 'finished') {
        work.start(async () => {
          await work.persist('that a result was stored', () => journal.stored(id))
        })
      }
    },
    auditStored: (seq, hash = null) => sending.stored(seq, hash),
    collectorHead: (seq, hash) => work.start(() => audit.anchor(seq, hash)),
    connected(to) {
      connection = to
      sending.connected(to)
      work.start(async () => {
        for (const id of journal.unsent()) {
          const result = await journal.result(id)
          if (connection !== to) return
          if (result !== undefined) to({ type: 'command-result', id, result })
        }
      })
    },
    disconnected() {
      connection = () => undefined
      sending.disconnected()
    },
    async record(fact) {
      const written = Promise.withResolvers<boolean>()
      work.start(async () => {
        written.resolve(await work.persist('an entry of the audit', () => audit.fact(fact)))
      })
      return written.promise
    },
    async stop() {
      stopping.abort()
      await live.stop()
      await work.over()
    },
  }
}
