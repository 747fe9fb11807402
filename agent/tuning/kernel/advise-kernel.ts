import { constants } from './constants.ts'
import { dirtyPages } from './dirty-pages.ts'
import { diskQueues } from './disk-queues.ts'
import { hugePages } from './huge-pages.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { overcommitting, swapping } from './memory-of-the-kernel.ts'
import { simpleSettings } from './simple-settings.ts'
import { transparentHugePages } from './transparent-huge-pages.ts'

const parts = [
  hugePages,
  transparentHugePages,
  swapping,
  overcommitting,
  dirtyPages,
  simpleSettings,
  diskQueues,
  reported,
]

/** What the kernel of the server's host should have otherwise. Pure; nothing where the kernel belongs to somebody else, or is not known. */
export function adviseKernel(input: KernelInput): AdvisedPart {
  const { host } = input
  if (host.isContainer) {
    return {
      proposals: [],
      notes: ['PostgreSQL runs in a container: settings of the kernel are for whoever has its host'],
    }
  }
  const found = parts.map((part) => part(input))
  return {
    proposals: found.flatMap(({ proposals }) => proposals),
    notes: found.flatMap(({ notes }) => notes),
  }
}

/** What is only told. */
function reported({ host, outcome }: KernelInput): AdvisedPart {
  const { clockSource, frequencyGovernor, openFileLimit } = host
  const isSlowClock =
    clockSource !== null && !/^(?:tsc|kvm-clock|arch_sys_counter|hyperv\w*)$/.test(clockSource)
  const files = Math.max(constants.filesPerConnection, 1000)
  return {
    proposals: [],
    notes: [
      ...(isSlowClock
        ? [
            `the clock of the host is ${clockSource}, which is slow to read: track_io_timing and EXPLAIN ANALYZE cost more`,
          ]
        : []),
      ...(frequencyGovernor === 'powersave'
        ? [
            'the processors save power (governor powersave): with performance statements take less time, and each the same',
          ]
        : []),
      ...(openFileLimit !== null && openFileLimit < files
        ? [
            `each session may have ${openFileLimit} files open, and closes and opens others all the time where there are more: LimitNOFILE=${Math.max(constants.filesLeast, outcome.load.connections)} in the unit of PostgreSQL`,
          ]
        : []),
    ],
  }
}
