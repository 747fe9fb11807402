import { printAbout, printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import { roundDown } from '../../recommend/sizes.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/**
 * A host that is short of memory swaps, or its kernel kills the server. One thing at a time is made smaller, in the order of what that
 * costs: memory of sorts, of autovacuum, sessions, and at last the cache. What takes more memory is not proposed meanwhile.
 */
export const memoryPressure: Rule = {
  id: 'M3',
  what: 'a host that is short of memory',
  advise(input) {
    const signs = shortages(input)
    if (signs.length === 0) return nothing
    const told = `the memory is short (${signs.join(', ')})`
    const draft = smaller(input, told)
    return {
      drafts: draft === undefined ? [] : [draft],
      notes: [
        `${told}: nothing that takes more memory is proposed until that is over${draft === undefined ? '; no setting of the server is left that could give some back: put pgBouncer in front for fewer sessions, or give the machine more memory' : ''}`,
      ],
    }
  },
}

/** What says that memory is short, a clause each. */
function shortages({ host, evidence }: Pick<RuleInput, 'host' | 'evidence'>): readonly string[] {
  const signs: string[] = []
  const { memoryAvailableBytes: available, memoryTotalBytes: total, committedBytes, commitLimitBytes } = host
  if (available !== null && total !== null && available < constants.availableShare * total) {
    signs.push(`${printAbout(available)} of ${printAbout(total)} are available`)
  }
  const usual = evidence.mean('host.memory_available_share')
  if (signs.length === 0 && usual !== undefined && usual < constants.availableShare) {
    signs.push(`${printShare(usual)} of it is available in the mean`)
  }
  const swapped = evidence.peakPerSecond('host.swapped_in_pages') ?? 0
  if (swapped > 0) signs.push(`${swapped.toFixed(1)} pages a second are swapped in at the peak`)
  const pressure = Math.max(host.memoryPressurePercent ?? 0, evidence.usualMax('host.memory_pressure') ?? 0)
  if (pressure > constants.pressurePercent) {
    signs.push(`something waited for memory ${Math.round(pressure)} % of a minute`)
  }
  const held = host.memoryLimitEvents ?? 0
  if (held > 0 && pressure > constants.pressureAtLimitPercent) {
    signs.push(`the limit of its cgroup has held the server ${held} times`)
  }
  // Any other policy promises more than there is, and means to.
  const isStrict = host.sysctls.get('vm.overcommit_memory') === '2'
  if (isStrict && committedBytes !== null && commitLimitBytes !== null) {
    const share = committedBytes / commitLimitBytes
    if (share > constants.committedShare) {
      signs.push(`${printShare(share)} of the ${printAbout(commitLimitBytes)} that may be promised are`)
    }
  }
  return signs
}

const evidence = 'MemAvailable of /proc/meminfo, pswpin of /proc/vmstat, /proc/pressure/memory'

function smaller({ situation }: RuleInput, told: string): RuleDraft | undefined {
  const shared = { evidence, confidence: 'high', takesMemory: false } as const
  const workMem = settingBytes(situation, 'work_mem') ?? 0
  const step = baseline.workMemSteps.findLast((size) => size <= workMem / constants.step)
  if (step !== undefined) {
    return {
      ...shared,
      parameter: 'work_mem',
      proposed: printSetting(step),
      reason: `${told}, and each sort or hash may take work_mem ${printSetting(workMem)}`,
      risk: 'more goes to temporary files',
      effect: 'sorts and hashes take half of the memory',
    }
  }
  const maintenance = settingBytes(situation, 'maintenance_work_mem') ?? 0
  const own = settingBytes(situation, 'autovacuum_work_mem') ?? -1
  const autovacuum = own < 0 ? maintenance : own
  const workers = settingOf(situation, 'autovacuum_max_workers') ?? 0
  const half = Math.max(constants.autovacuumLeastBytes, autovacuum / constants.step)
  if (half < autovacuum) {
    return {
      ...shared,
      parameter: 'autovacuum_work_mem',
      proposed: printSetting(half),
      reason: `${told}, and each of ${workers} autovacuum workers may take ${printSetting(autovacuum)}; work_mem is ${printSetting(workMem)} already`,
      risk: 'VACUUM of large tables reads their indexes more than once',
      effect: 'autovacuum takes half of the memory',
    }
  }
  const buffers = settingBytes(situation, 'shared_buffers') ?? 0
  const share = roundDown(situation.machine.memoryBytes * constants.sharedBuffersShare)
  const next = Math.max(share, roundDown(buffers / constants.step))
  return next >= buffers
    ? undefined
    : {
        ...shared,
        parameter: 'shared_buffers',
        proposed: printSetting(next),
        reason: `${told}, and shared_buffers take ${printShare(buffers / situation.machine.memoryBytes)} of ${printAbout(situation.machine.memoryBytes)}; sorts and autovacuum take as little as they can`,
        risk: 'more pages are read again',
        effect: 'the rest of the machine has more memory',
      }
}
