import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/** Page tables take as much as they do because each session has its own entry for each small page of shared_buffers. */
export const pageTables: Rule = {
  id: 'M4',
  what: 'page tables that take much memory',
  advise(input) {
    const { host, situation } = input
    const { pageTableBytes, memoryTotalBytes } = host
    if (pageTableBytes === null || memoryTotalBytes === null || usesHugePages(input)) return nothing
    const isMuch =
      pageTableBytes > constants.pageTableBytes ||
      pageTableBytes > constants.pageTableShare * memoryTotalBytes
    if (!isMuch) return nothing
    const told = `page tables take ${printAbout(pageTableBytes)}, ${printShare(pageTableBytes / memoryTotalBytes)} of the memory, and huge pages are not used`
    const draft: RuleDraft = {
      parameter: 'huge_pages',
      proposed: 'try',
      reason: told,
      evidence: 'PageTables of /proc/meminfo; huge_pages_status',
      risk: 'none: without enough of them the server starts as before',
      effect: 'page tables take nearly nothing, once the kernel has enough huge pages',
      confidence: 'high',
    }
    const isOff = situation.server.settings.get('huge_pages')?.value === 'off'
    const pages = settingOf(situation, 'shared_memory_size_in_huge_pages')
    const many = pages === undefined || pages <= 0 ? 'enough' : String(pages)
    const who = host.isContainer ? 'the host of this container' : 'the kernel'
    return {
      drafts: isOff ? [draft] : [],
      notes: [`${told}: ${who} has to set aside ${many} of them (vm.nr_hugepages) before the next start`],
    }
  },
}

/** As 17 tells it; before, whether anybody has taken some of them. */
function usesHugePages({ situation, host }: RuleInput): boolean {
  const status = situation.server.settings.get('huge_pages_status')?.value
  if (status === 'on' || status === 'off') return status === 'on'
  return host.hugePages !== null && host.hugePages.free < host.hugePages.total
}
