import type { AuditChain } from '../../common/audit/chain.ts'
import { anchorFact } from '../../common/audit/anchor.ts'
import type { AuditEntry, AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import { canonicalJson } from '../../common/command/canonical-json.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandResult } from '../../common/command/result.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Refusal } from './refusal.ts'

/** What this host writes down of its commands. */
export interface CommandAudit {
  /** @throws PgherdError when it cannot be written: then the command must not run */
  delivered(payload: CommandPayload, operators: readonly string[]): Promise<void>
  /** @throws PgherdError as above */
  started(payload: CommandPayload, operators: readonly string[]): Promise<void>
  /** @throws PgherdError as above */
  finished(
    of: { readonly id: string; readonly payload: CommandPayload | undefined },
    result: CommandResult,
  ): Promise<void>
  /** What concerns no command. @throws PgherdError as above */
  fact(fact: AuditFact): Promise<void>
  /** What a command had left is undone, or was given up. @throws PgherdError as above */
  undone(payload: CommandPayload, outcome: string): Promise<void>
  /** Never rejects. `payload` is undefined when nobody known has signed: then nothing of it is believed. */
  refused(refusal: Refusal, of: CommandPayload | undefined): Promise<void>
  /** The collector's newest entry, now and then. Never rejects. */
  anchor(seq: number, hash: string): Promise<void>
}

/** Refusals that are written down at once, and how soon the next one is: a mad collector must not fill the disk. */
const refusals = { burst: 100, everyMs: 10_000 }
const anchorEveryMs = 600_000

export function createCommandAudit(options: {
  readonly chain: AuditChain
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  /** Called for each entry that is written. */
  readonly onEntry: (entry: AuditEntry) => void
}): CommandAudit {
  const { chain, node, clock, log } = options
  let allowance = refusals.burst
  let allowedMs = clock.monotonic()
  let unwritten = 0
  let anchored: { readonly seq: number; readonly atMs: number } | undefined

  const write = async (fact: AuditFact): Promise<void> => options.onEntry(await chain.append(fact))
  const about = (
    event: AuditFact['event'],
    { kind, args, mode, server, reason, id }: CommandPayload,
    who: readonly string[],
  ): AuditFact => ({
    event,
    who: who.join(' and '),
    what: canonicalJson({ args, kind, mode }),
    where: server ?? node,
    why: reason,
    command: id,
    outcome: null,
    digest: null,
  })
  const mayWriteRefusal = (): boolean => {
    const now = clock.monotonic()
    allowance = Math.min(refusals.burst, allowance + (now - allowedMs) / refusals.everyMs)
    allowedMs = now
    if (allowance < 1) return false
    allowance--
    return true
  }

  return {
    delivered: (payload, operators) => write(about('delivered', payload, operators)),
    started: (payload, operators) => write(about('started', payload, operators)),
    async finished({ id, payload }, { outcome, message, digest }) {
      const fact =
        payload === undefined
          ? { ...nobody, event: 'finished' as const, where: node, command: id }
          : about('finished', payload, [payload.operator])
      await write({ ...fact, outcome: `${outcome}: ${message}`, digest })
    },
    fact: write,
    undone: (payload, outcome) => write({ ...about('undone', payload, [`agent ${node}`]), outcome }),
    async refused({ reason, message }, payload) {
      log.warn({ reason, command: payload?.id, operator: payload?.operator }, `commands: refused: ${message}`)
      if (!mayWriteRefusal()) {
        unwritten++
        return
      }
      const fact =
        payload === undefined
          ? { ...nobody, event: 'refused' as const, where: node }
          : about('refused', payload, [payload.operator])
      const more =
        unwritten === 0 ? '' : ` (${unwritten} more were refused before this, and not written down)`
      unwritten = 0
      try {
        await write({ ...fact, outcome: `${reason}: ${message}${more}` })
      } catch (error) {
        log.error({ error: messageOf(error) }, 'commands: a refusal could not be written into the audit')
      }
    },
    async anchor(seq, hash) {
      const now = clock.monotonic()
      if (anchored !== undefined && (anchored.seq === seq || now - anchored.atMs < anchorEveryMs)) return
      anchored = { seq, atMs: now }
      try {
        await write(anchorFact('collector', { seq, hash }))
      } catch (error) {
        log.warn({ error: messageOf(error) }, "commands: the collector's audit could not be anchored")
      }
    },
  }
}

const nobody = { who: 'nobody known', what: '', why: '', command: null, outcome: null, digest: null }
