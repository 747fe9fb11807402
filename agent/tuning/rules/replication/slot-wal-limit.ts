import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import { MiB, roundDown } from '../../recommend/sizes.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

export const slotWalLimit: Rule = {
  id: 'R1',
  what: 'slots that may keep WAL until the disk is full',
  advise(input) {
    const { evidence, situation } = input
    const used = evidence.last('slots.used') ?? 0
    if (used === 0 || settingOf(situation, 'max_slot_wal_keep_size') !== -1) return nothing
    const usual = evidence.usualMax('slots.active_bytes') ?? 0
    const seen = `${used} slots may keep WAL until the disk is full (max_slot_wal_keep_size is -1); those in use keep up to ${printAbout(usual)}`
    const free = freeBytes(input)
    if (free === null)
      return {
        drafts: [],
        notes: [`${seen}; what they may keep follows from the free disk, which is not known`],
      }

    const most = free * constants.slotShareOfFree - (settingBytes(situation, 'max_wal_size') ?? 0)
    const bytes = roundDown(most)
    const least = constants.slotOfUsed * usual
    const room = `half of the ${printAbout(free)} that are free, without max_wal_size, is ${printAbout(Math.max(0, most))}`
    if (bytes < Math.max(least, MiB)) {
      return {
        drafts: [],
        notes: [
          `${seen}; ${room}, less than twice that: the disk is too small for a limit that standbys can live with`,
        ],
      }
    }
    const held = evidence.last('slots.inactive_bytes') ?? 0
    if (held >= bytes) {
      return {
        drafts: [],
        notes: [
          `${seen}; ${room}, and a slot that nobody uses keeps ${printAbout(held)}: with a limit it would be lost at once, so decide about that slot first${namesOf(input)}`,
        ],
      }
    }
    return { drafts: [draftOf({ bytes, seen, room, held })], notes: idleTimeout(input) }
  },
}

function draftOf({ bytes, seen, room, held }: { bytes: number; seen: string; room: string; held: number }) {
  return {
    parameter: 'max_slot_wal_keep_size',
    proposed: printSetting(bytes),
    reason: `${seen}; ${room}`,
    evidence: 'pg_slot_retained_bytes, from pg_replication_slots.restart_lsn',
    risk: `a slot that falls behind by more is lost, and its standby or subscriber has to be made anew${held > 0 ? `; one that is not in use keeps ${printAbout(held)} now` : ''}`,
    effect: 'a standby that is away does not stop the primary with a full disk',
    confidence: 'medium',
  } as const
}

function idleTimeout({ situation, details }: RuleInput): readonly string[] {
  const idle = (details.slots ?? []).filter(({ isActive, isTemporary }) => !isActive && !isTemporary)
  if (settingOf(situation, 'idle_replication_slot_timeout') !== 0 || idle.length === 0) return []
  const names = idle.map(({ name }) => name).join(', ')
  return [
    `idle_replication_slot_timeout (of 1d to 7d) can give up slots that nobody uses, of which there are ${idle.length} (${names}); not where a standby may be down for longer on purpose, nor with slots that Patroni keeps`,
  ]
}

function namesOf({ details }: RuleInput): string {
  const idle = (details.slots ?? []).filter(({ isActive }) => !isActive).map(({ name }) => name)
  return idle.length === 0 ? '' : ` (${idle.join(', ')})`
}

function freeBytes({ host, situation }: RuleInput): number | null {
  return host.freeWalDiskBytes ?? (situation.machine.walDiskBytes === null ? host.freeDataDiskBytes : null)
}
