import type { AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import type { Credentials } from './credential-files.ts'
import { readJoinNotes, removeJoinNotes } from './join-notes.ts'

/** Writes a fact into this host's audit. Never rejects. @returns false when the agent ended before it was written */
export type RecordFact = (fact: AuditFact) => Promise<boolean>

/** What this host writes down of its own certificate. Nothing here throws. */
export interface MembershipAudit {
  /** What `join` has left word of. */
  joined(directory: string): Promise<void>
  renewed(credentials: Credentials): void
  /** A renewal that did not succeed: told when the reason is another one, and once a day. */
  failed(reason: string): void
}

const dayMs = 86_400_000

export function createMembershipAudit(options: {
  readonly node: string
  readonly clock: Clock
  readonly record: RecordFact
}): MembershipAudit {
  const { node, clock, record } = options
  let told: { readonly reason: string; readonly atMs: number } | undefined
  const fact = (event: AuditFact['event'], what: string, outcome: string): AuditFact => ({
    ...{ event, who: `agent ${node}`, what, where: node, why: '', command: null, outcome, digest: null },
  })
  return {
    async joined(directory) {
      const notes = await readJoinNotes(directory)
      let all = true
      for (const { atMs, serial, validToMs, url } of notes) {
        const outcome = `joined ${url} at ${shown(atMs)}; valid until ${shown(validToMs)}`
        all = (await record(fact('enrolled', certificate(serial), outcome))) && all
      }
      // Else they are told again at the next start.
      if (all) await removeJoinNotes(directory, notes).catch(() => undefined)
    },
    renewed({ serial, validToMs }) {
      told = undefined
      void record(fact('certificate-renewed', certificate(serial), `valid until ${shown(validToMs)}`))
    },
    failed(reason) {
      const atMs = clock.monotonic()
      if (told !== undefined && told.reason === reason && atMs - told.atMs < dayMs) return
      told = { reason, atMs }
      void record(fact('renewal-failed', 'the renewal of its certificate', reason))
    },
  }
}

/** As the collector's audit names it. */
function certificate(serial: string): string {
  return `certificate ${serial.toLowerCase()}`
}

function shown(ms: number): string {
  return new Date(ms).toISOString()
}
