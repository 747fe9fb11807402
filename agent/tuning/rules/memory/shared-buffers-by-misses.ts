import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { readLatency } from '../../evidence/read-latency.ts'
import type { ReadLatency } from '../../evidence/read-latency.ts'
import { wantsHugePages } from '../../recommend/budget.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { roundDown } from '../../recommend/sizes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'

/** shared_buffers are too small when pages that are used again have to leave, and reading them again takes time. */
export const sharedBuffersByMisses: Rule = {
  id: 'M2',
  what: 'pages that are read again and again because shared_buffers does not hold them',
  advise(input) {
    const { evidence, situation } = input
    const now = settingBytes(situation, 'shared_buffers')
    const latency = readLatency(evidence)
    const missed = missesOf(input)
    if (!isWarm(evidence) || now === undefined || missed === undefined) return nothing
    if (latency === undefined || latency.ms <= constants.costlyReadMs) return nothing
    const pressed = pressureOf(input, now)
    return pressed === undefined ? nothing : larger(input, now, latency, `${missed}, and ${pressed}`)
  },
}

/** A clause about the share of pages that are found; undefined where it is large enough, or there were too few. */
function missesOf({ evidence, situation }: RuleInput): string | undefined {
  const hits = evidence.increase('database.blks_hit')
  const reads = evidence.increase('database.blks_read')
  if (hits === undefined || reads === undefined || reads < constants.events) return undefined
  const found = hits / (hits + reads)
  const wanted = constants.hitRatio[situation.profile]
  return found < wanted
    ? `${(found * 100).toFixed(1)} % of the pages are found in shared_buffers (${wanted * 100} % is usual)`
    : undefined
}

/** A clause about what the pages in shared_buffers are worth; undefined where others can take the place of some. */
function pressureOf({ evidence, details }: RuleInput, now: number): string | undefined {
  const taken = evidence.perSecond('buffers.taken')
  const turnovers = taken === undefined ? 0 : (taken * 8192 * 3600) / now
  if (turnovers > constants.turnoversPerHour) {
    return `all of its ${printAbout(now)} is exchanged ${turnovers.toFixed(1)} times an hour`
  }
  const hot = details.bufferUsage?.hotShare ?? 0
  return hot >= constants.hotShare
    ? `${Math.round(hot * 100)} % of what is there is used again and again`
    : undefined
}

function larger(input: RuleInput, now: number, latency: ReadLatency, why: string): Finding {
  const { machine, server } = input.situation
  const told = `${why}; each of ${latency.reads} reads took ${latency.ms.toFixed(2)}ms`
  const ofData =
    server.databaseBytes === null ? Infinity : server.databaseBytes * baseline.sharedBuffersOfDatabase
  const most = Math.min(machine.memoryBytes * baseline.sharedBuffersShareMost, ofData)
  const next = roundDown(Math.min(now * constants.sharedBuffersStep, most))
  if (next <= now * 1.05) {
    const limit =
      ofData < machine.memoryBytes * baseline.sharedBuffersShareMost ? 'the data' : '40 % of the memory'
    return {
      drafts: [],
      notes: [`${told}; shared_buffers is ${printSetting(now)}, and no larger than ${limit} it should be`],
    }
  }
  const room = roomWith(input, { sharedBuffers: next })
  if (!room.fits)
    return { drafts: [], notes: [`${told}; shared_buffers stays ${printSetting(now)}: ${room.why}`] }
  return {
    drafts: [
      {
        parameter: 'shared_buffers',
        proposed: printSetting(next),
        reason: told,
        evidence: `pg_stat_database.blks_hit, blks_read; ${latency.from}; pg_stat_io.evictions`,
        risk: "what it takes is not the kernel's cache any more: take it back when a week later not half a percent more is found",
        effect: 'fewer pages have to be read again',
        confidence: 'medium',
        takesMemory: true,
      },
    ],
    notes: wantsHugePages({ sharedBuffers: next })
      ? [
          `before shared_buffers is ${printSetting(next)} the kernel has to set aside more huge pages (vm.nr_hugepages), else none are used`,
        ]
      : [],
  }
}
