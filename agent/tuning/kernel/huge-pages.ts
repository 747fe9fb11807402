import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import { pageTableBytes } from '../recommend/budget.ts'
import { constants } from './constants.ts'
import { noPart } from '../advised-part.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { sysctlProposal } from './kernel-proposal.ts'

/** Memory in large pages for the shared memory of the server, as many as PostgreSQL itself says that it takes. */
export function hugePages(input: KernelInput): AdvisedPart {
  const { host, outcome, pages } = input
  const { sizes, load } = outcome
  const has = host.hugePages
  const memory = host.memoryTotalBytes
  if (has === null || memory === null || pages.mode === 'off') return noPart
  const tables = pageTableBytes(load, sizes.sharedBuffers, false)
  if (sizes.sharedBuffers < constants.hugePagesLeastBytes) return noPart
  if (sizes.sharedBuffers < constants.hugePagesFromBytes && tables <= constants.pageTableShare * memory) {
    return noPart
  }
  if (pages.pages === null) {
    return { proposals: [], notes: [`how many huge pages the server takes is not known: ${pages.why}`] }
  }
  // What others have taken stays theirs; what this server has now it gives back.
  const others = Math.max(0, has.total - has.free - pages.ownNow)
  const wanted = pages.pages + others
  if (has.total >= wanted) return noPart
  const bytes = wanted * has.pageBytes
  const why = `${load.connections} sessions that have used all of shared_buffers have ${printAbout(tables)} of page tables without them`
  if (bytes > constants.hugePagesShareMost * memory) {
    return {
      proposals: [],
      notes: [
        `${wanted} huge pages are ${printShare(bytes / memory)} of the memory, and what is theirs nobody else can use: with less shared_buffers they would be worth it (${why})`,
      ],
    }
  }
  const of = others === 0 ? '' : `, and ${others} that others use`
  return {
    proposals: [
      sysctlProposal(
        'vm.nr_hugepages',
        { current: host.sysctls.get('vm.nr_hugepages') ?? String(has.total), proposed: wanted },
        {
          reason: `${pages.isExact ? '' : 'about '}${pages.pages} for the shared memory of the server with what is proposed${of}; ${why}`,
          evidence: pages.isExact
            ? 'postgres -C shared_memory_size_in_huge_pages, with the settings that are proposed'
            : 'a formula: before PostgreSQL 15 the server does not say it',
          risk: `${printAbout(bytes)} are theirs alone and nobody else's; one short, and the server takes none of them (huge_pages=try) or does not start (on)`,
          effect: 'page tables take nearly nothing, and the processors find memory sooner',
          needs: 'restart',
          confidence: pages.isExact ? 'high' : 'medium',
        },
      ),
    ],
    notes: [
      `huge pages, in this order: set vm.nr_hugepages to ${wanted}; look that HugePages_Free in /proc/meminfo is at least ${wanted - has.total + has.free} (else free memory is in pieces: drop caches, or boot anew; and put it back where it stays short); restart PostgreSQL; look that huge_pages_status is on (17), or that HugePages_Rsvd has grown. Again after each change of shared_buffers, max_connections, max_locks_per_transaction, wal_buffers or of libraries`,
    ],
  }
}
