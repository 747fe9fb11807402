import type { DiskClass } from '../../recommend/machine.ts'
import { diskClassOf, readLatency } from '../../evidence/read-latency.ts'
import { printCount } from '../print-count.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'

const nameOf: Record<DiskClass, string> = {
  nvme: 'local NVMe does',
  ssd: 'an SSD does',
  san: 'a disk behind a slow network does',
  hdd: 'a rotating disk does',
  unknown: 'some disk does',
}

/** What reads say of the disk, where the advice was made for another. */
export const diskClass: Rule = {
  id: 'I1',
  what: 'reads that take longer, or shorter, than the disk that the advice is for',
  advise({ evidence, situation }) {
    const latency = readLatency(evidence)
    const seen = latency === undefined ? undefined : diskClassOf(latency.ms)
    const { diskClass: assumed } = situation.machine
    if (latency === undefined || seen === undefined || seen === assumed) return nothing
    const note = `${printCount(latency.reads)} reads took ${latency.ms.toFixed(2)} ms each (${latency.from}), as ${nameOf[seen]}, while this advice is for ${assumed}; say --disk ${seen} for values of random_page_cost, effective_io_concurrency and autovacuum_vacuum_cost_limit that suit it`
    return { drafts: [], notes: [note] }
  },
}
