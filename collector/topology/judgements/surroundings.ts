import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Member } from '../member.ts'
import { printBytes, printSeconds } from '../print-figures.ts'
import type { Situation } from '../situation.ts'

/** Shares of a file system that is left. */
const lowShare = 0.1
const emptyShare = 0.03
/** Log that a slot keeps while nobody reads it: so much, or so much of the space that is left. */
const heldBytes = 1 << 30
const heldShare = 0.25

/** What is around each server and will hurt it: poolers, space, the archive, slots. */
export function judgeSurroundings({ fresh, nowMs }: Situation): readonly Finding[] {
  return fresh.flatMap((member) => [
    ...poolers(member),
    ...space(member),
    ...archiver(member, nowMs),
    ...slots(member),
  ])
}

function poolers(member: Member): readonly Finding[] {
  return member.health.poolers.flatMap(({ pooler, isReachable, reachesServer, reason }) => {
    if (isReachable && reachesServer !== false) return []
    const what = isReachable ? `does not lead to ${member.server}` : 'does not answer'
    return [
      finding(
        'pooler-broken',
        'warning',
        [member],
        `the pooler ${pooler} of ${member.server} ${what}: ${reason}`,
      ),
    ]
  })
}

function space(member: Member): readonly Finding[] {
  return member.health.space.flatMap(({ of, freeBytes, totalBytes, freeInodes, totalInodes }) => {
    const share = totalBytes > 0 ? freeBytes / totalBytes : 1
    const inodes =
      freeInodes === null || totalInodes === null || totalInodes <= 0 ? 1 : freeInodes / totalInodes
    if (Math.min(share, inodes) >= lowShare) return []
    const left =
      share <= inodes
        ? `${printBytes(freeBytes)} of ${printBytes(totalBytes)} (${percent(share)})`
        : `${freeInodes} of ${totalInodes} inodes (${percent(inodes)})`
    const severity = Math.min(share, inodes) < emptyShare ? 'critical' : 'warning'
    const where = of === 'wal' ? 'its log' : 'its data'
    return [finding('space-low', severity, [member], `${member.server} has ${left} left for ${where}`)]
  })
}

function archiver(member: Member, nowMs: number): readonly Finding[] {
  const { archiver } = member.health
  if (archiver?.isEnabled !== true || !archiver.isFailing) return []
  const last =
    archiver.lastArchivedMs === null
      ? 'none was ever archived'
      : `the last was archived ${printSeconds(Math.max(0, nowMs - archiver.lastArchivedMs + member.skewMs))} ago`
  return [
    finding('archiver-failing', 'warning', [member], `${member.server} cannot archive its log: ${last}`),
  ]
}

function slots(member: Member): readonly Finding[] {
  const free = member.health.space.find(({ of }) => of === 'wal')?.freeBytes
  return member.health.slots.flatMap(({ slotName, isActive, retainedBytes, walStatus }) => {
    const of = `slot ${slotName} of ${member.server}`
    if (walStatus === 'lost') {
      return [finding('slot-holds-log', 'critical', [member], `${of} has lost log that its reader needs`)]
    }
    if (retainedBytes === null) return []
    if (walStatus === 'unreserved') {
      const reason = `${of} will lose log at the next checkpoint; it is ${printBytes(retainedBytes)} behind`
      return [finding('slot-holds-log', 'warning', [member], reason)]
    }
    if (isActive || retainedBytes < Math.min(heldBytes, (free ?? Infinity) * heldShare)) return []
    const left = free === undefined ? '' : `; ${printBytes(free)} are left`
    const reason = `${of} keeps ${printBytes(retainedBytes)} of log and nobody reads it${left}`
    return [finding('slot-holds-log', 'warning', [member], reason)]
  })
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
