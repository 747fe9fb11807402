import { printSetting } from '../../../common/tuning/print-size.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import type { DiskFacts } from '../detect/host-facts.ts'
import { constants } from './constants.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { commandProposal } from './kernel-proposal.ts'

/** How requests to the disks of the server are ordered, and how far the kernel reads ahead. */
export function diskQueues(input: KernelInput): AdvisedPart {
  const { host } = input
  return {
    proposals: host.disks.flatMap((disk) => [...scheduler(disk), ...readAhead(disk, input)]),
    notes: [],
  }
}

/** NVMe, and disks that a hypervisor or a network has, order requests themselves. */
const ordersItself = /^(?:nvme|vd|xvd|dm-|md)/

function scheduler({ name, scheduler: current }: DiskFacts): readonly Proposal[] {
  if (current === null || !ordersItself.test(name) || current === 'none') return []
  return [
    commandProposal(
      `${name}/scheduler`,
      { current, proposed: 'none' },
      {
        reason: `${name} orders requests itself, so that ${current} only takes time of the processors`,
        evidence: `/sys/block/${name}/queue/scheduler`,
        risk: `it is lost with the next boot unless a rule of udev has it (ATTR{queue/scheduler}="none")`,
        effect: 'requests reach the disk sooner',
        confidence: 'low',
        statement: `echo none > /sys/block/${name}/queue/scheduler`,
      },
    ),
  ]
}

function readAhead(
  { name, readAheadBytes }: DiskFacts,
  { machine, outcome }: KernelInput,
): readonly Proposal[] {
  const isOlap = outcome.load.profile === 'olap'
  const isHdd = machine.diskClass === 'hdd'
  if (readAheadBytes === null || (!isOlap && !isHdd)) return []
  const wanted = isOlap ? constants.readAheadOlapBytes : constants.readAheadHddBytes
  if (readAheadBytes >= wanted / 2) return []
  return [
    commandProposal(
      `${name}/read_ahead_kb`,
      { current: printSetting(readAheadBytes), proposed: printSetting(wanted) },
      {
        reason: isOlap
          ? 'large scans read one page after the other'
          : 'a rotating disk reads on for nothing while it is there',
        evidence: `/sys/block/${name}/queue/read_ahead_kb`,
        risk: 'single pages bring others that nobody wanted; it is lost with the next boot unless a rule of udev has it',
        effect: 'large scans wait less; PostgreSQL 18 reads ahead by itself, and gains less',
        confidence: 'low',
        statement: `echo ${wanted / 1024} > /sys/block/${name}/queue/read_ahead_kb`,
      },
    ),
  ]
}
