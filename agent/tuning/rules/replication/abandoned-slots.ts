import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

export const abandonedSlots: Rule = {
  id: 'R2',
  what: 'slots that nobody uses and that keep much WAL',
  advise({ situation, details }) {
    const disk = situation.machine.walDiskBytes ?? situation.machine.dataDiskBytes
    const notes = (details.slots ?? []).flatMap(({ name, kind, isActive, keptBytes, inactiveSeconds }) => {
      if (disk === null || isActive || keptBytes === null) return []
      const share = keptBytes / disk
      if (share <= constants.abandonedShareOfDisk) return []
      const since = inactiveSeconds === null ? '' : ` for ${printHours(inactiveSeconds)}`
      return [
        `nobody has used the ${kind} slot ${name}${since}, and it keeps ${printAbout(keptBytes)} of WAL, ${printShare(share)} of a disk of ${printAbout(disk)} (pg_slot_retained_bytes): where its reader does not come back, SELECT pg_drop_replication_slot('${name}') gives the room back; that reader then has to be made anew`,
      ]
    })
    return { drafts: [], notes }
  },
}

function printHours(seconds: number): string {
  return seconds < 3600 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`
}
