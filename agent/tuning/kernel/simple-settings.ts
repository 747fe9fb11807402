import type { Proposal } from '../../../common/tuning/proposal.ts'
import { constants } from './constants.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { sysctlProposal } from './kernel-proposal.ts'

interface Simple {
  readonly name: string
  /** Undefined where what is set is right. */
  readonly wanted: (now: number, input: KernelInput) => number | undefined
  readonly why: Pick<Proposal, 'reason' | 'risk' | 'effect'> & Partial<Pick<Proposal, 'confidence'>>
}

const above = (limit: number, proposed: number) => (now: number) => (now > limit ? proposed : undefined)

const ofNodes = (now: number, { host }: KernelInput): number | undefined =>
  now !== 0 && (host.numaNodes ?? 1) > 1 ? 0 : undefined

const keepalive: Simple['why'] = {
  reason:
    'a peer that is gone without a word is noticed after two hours, and its session keeps its locks so long',
  risk: 'a few packets per idle connection and minute; a network that is away for two minutes ends its connections',
  effect: 'sessions of clients that are gone end after about two minutes',
}

/** Settings each of which is right or wrong by its value alone. Source: tuning of the kernel for PostgreSQL as its manual and the kernel's have it. */
const simple: readonly Simple[] = [
  {
    name: 'vm.zone_reclaim_mode',
    wanted: ofNodes,
    why: {
      reason:
        'on several NUMA nodes it drops the cache of files on one although there is memory on the other',
      risk: 'none',
      effect: 'the whole memory is cache',
      confidence: 'high',
    },
  },
  {
    name: 'kernel.numa_balancing',
    wanted: ofNodes,
    why: {
      reason:
        'shared memory is used from all NUMA nodes, so that moving its pages between them only takes time',
      risk: 'other programs of the host may want it',
      effect: 'fewer page faults in shared memory',
    },
  },
  {
    name: 'kernel.sched_autogroup_enabled',
    wanted: above(0, 0),
    why: {
      reason: 'it shares the processors among sessions of terminals, which servers are not',
      risk: 'none on a server',
      effect: 'a job in a terminal does not get as much as all of the server',
      confidence: 'low',
    },
  },
  {
    name: 'fs.file-max',
    wanted(now, { outcome }) {
      const wanted = Math.max(outcome.load.connections * constants.filesPerConnection, constants.filesLeast)
      return now < wanted ? wanted : undefined
    },
    why: {
      reason: `${constants.filesPerConnection} open files for each connection`,
      risk: 'none',
      effect: 'nobody is refused a file',
    },
  },
  {
    name: 'net.core.somaxconn',
    wanted(now, { hasPooler }) {
      const wanted = hasPooler ? constants.backlogOfPooler : constants.backlog
      return now < wanted ? wanted : undefined
    },
    why: {
      reason: 'so many connections may wait to be accepted, when all of an application come at once',
      risk: 'none',
      effect: 'a restart of the application is not refused connections',
    },
  },
  {
    name: 'net.ipv4.tcp_keepalive_time',
    wanted: above(constants.keepaliveTolerance, constants.keepalive.time),
    why: keepalive,
  },
  {
    name: 'net.ipv4.tcp_keepalive_intvl',
    wanted: above(30, constants.keepalive.intvl),
    why: keepalive,
  },
  {
    name: 'net.ipv4.tcp_keepalive_probes',
    wanted: above(constants.keepalive.probes, constants.keepalive.probes),
    why: keepalive,
  },
  {
    name: 'net.ipv4.tcp_syncookies',
    wanted: (now) => (now === 0 ? 1 : undefined),
    why: {
      reason: 'without it many half-open connections keep everybody else out',
      risk: 'none',
      effect: 'connections are accepted also then',
    },
  },
]

export function simpleSettings(input: KernelInput): AdvisedPart {
  const proposals = simple.flatMap(({ name, wanted, why }) => {
    const current = input.host.sysctls.get(name)
    const proposed = current === undefined ? undefined : wanted(Number(current), input)
    return current === undefined || proposed === undefined
      ? []
      : [sysctlProposal(name, { current, proposed }, why)]
  })
  return { proposals, notes: [] }
}
