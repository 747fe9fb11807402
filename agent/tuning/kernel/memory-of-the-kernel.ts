import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import { noPart } from '../advised-part.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { sysctlProposal } from './kernel-proposal.ts'

/** How gladly the kernel swaps. */
export function swapping({ host }: KernelInput): AdvisedPart {
  const current = host.sysctls.get('vm.swappiness')
  if (current === undefined || Number(current) <= constants.swappiness) return noPart
  const swap = host.swapTotalBytes ?? 0
  return {
    proposals: [
      sysctlProposal(
        'vm.swappiness',
        { current, proposed: constants.swappiness },
        {
          reason: `at ${current} the kernel swaps out sessions and shared memory to keep files in its cache, which PostgreSQL reads again anyway`,
          risk: 'none while there is memory: what is never used stays in it',
          effect: 'sessions that were idle answer at once',
          confidence: swap > 0 ? 'high' : 'low',
        },
      ),
    ],
    notes: [],
  }
}

/** What is not this server's takes little of the memory. */
export function isDedicated({
  otherProcessesBytes,
  memoryTotalBytes,
}: Pick<KernelInput['host'], 'otherProcessesBytes' | 'memoryTotalBytes'>): boolean {
  if (otherProcessesBytes === null || memoryTotalBytes === null) return false
  return otherProcessesBytes < constants.dedicatedShare * memoryTotalBytes
}

/**
 * Whether the kernel promises more memory than there is. It is only offered to stop it, on a host that is the server's own, and where what is promised
 * now and what the server may take fit well into what would be.
 */
export function overcommitting({ host, worstCaseBytes, pages }: KernelInput): AdvisedPart {
  const current = host.sysctls.get('vm.overcommit_memory')
  const { memoryTotalBytes, committedBytes, swapTotalBytes, hugePages } = host
  if (current === undefined || current === '2') return noPart
  if (memoryTotalBytes === null || committedBytes === null) return noPart
  const hugeBytes = hugePages === null ? 0 : Math.max(hugePages.total, pages.pages ?? 0) * hugePages.pageBytes
  // Source: mm/overcommit-accounting of the kernel.
  const limit = ((memoryTotalBytes - hugeBytes) * constants.overcommitRatio) / 100 + (swapTotalBytes ?? 0)
  const most = Math.max(committedBytes, worstCaseBytes - hugeBytes)
  const fits = most <= constants.overcommitShare * limit
  if (!isDedicated(host) || !fits) {
    const { oomScoreAdjust } = host
    if (oomScoreAdjust === null || oomScoreAdjust <= constants.oomScoreAdjust) return noPart
    return {
      proposals: [],
      notes: [
        `where memory runs out the kernel may kill the postmaster: OOMScoreAdjust=${constants.oomScoreAdjust} in the unit of PostgreSQL, with PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj and PG_OOM_ADJUST_VALUE=0 in its environment, has it kill one session instead`,
      ],
    }
  }
  const why = {
    reason: `the host is the server's own, and ${printAbout(most)} of the ${printAbout(limit)} that the kernel would promise are promised or counted in the worst case (${printShare(most / limit)})`,
    evidence: 'Committed_AS of /proc/meminfo, and the memory budget',
    risk: 'programs that reserve far more than they use (Java, Go) are refused memory; what was only reserved counts',
    effect: 'a session that asks for too much gets an error, in place of a server that the kernel has killed',
    confidence: 'low',
  } as const
  const ratio = host.sysctls.get('vm.overcommit_ratio') ?? '50'
  return {
    proposals: [
      sysctlProposal('vm.overcommit_memory', { current, proposed: 2 }, why),
      ...(Number(ratio) === constants.overcommitRatio
        ? []
        : [
            sysctlProposal(
              'vm.overcommit_ratio',
              { current: ratio, proposed: constants.overcommitRatio },
              { ...why, reason: `with vm.overcommit_memory 2: ${printAbout(limit)} may then be promised` },
            ),
          ]),
    ],
    notes: [],
  }
}
