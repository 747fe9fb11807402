import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import { isWarm } from '../is-warm.ts'
import { standbyLag } from '../replication/standby-lag.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { fullPages } from './full-pages.ts'

export const walCompressionByVolume: Rule = {
  id: 'W7',
  what: 'more WAL than disk or network like, much of it whole pages, while processors are idle',
  advise(input) {
    const { evidence, situation } = input
    const pages = fullPages(input)
    const busy = evidence.usualMax('host.cpu_busy')
    const rate = evidence.peakPerSecond('wal.bytes')
    if (evidence.inRecovery || !isWarm(evidence)) return nothing
    if (pages === undefined || busy === undefined || rate === undefined) return nothing
    if (pages.share <= constants.fullPageShareToCompress || busy >= constants.busyProcessors) return nothing
    const limit = constants.muchWalBytesPerSecond[situation.machine.diskClass]
    const network = standbyLag(evidence, 'disk') === undefined ? standbyLag(evidence, 'network') : undefined
    const next = nextMethod(input)
    if ((rate <= limit && network === undefined) || next === undefined) return nothing
    const much =
      rate > limit
        ? `${printAbout(rate)} of WAL per second are more than half of what such a disk writes (${situation.machine.diskClass})`
        : `${printAbout(rate)} of WAL per second are more than the network takes to standbys, which are ${network ?? ''} behind`
    return {
      drafts: [
        {
          parameter: 'wal_compression',
          proposed: next,
          reason: `${much}, ${printShare(pages.share)} of it are ${pages.count} whole pages, and processors are busy to ${printShare(busy)} at most`,
          evidence:
            'rate(pg_wal_bytes[5m]), and increase(pg_wal_fpi[1d]) * 8192 / increase(pg_wal_bytes[1d])',
          risk: `${next} takes time of the processors for each whole page: take it back where they are busier by more than 10 %`,
          effect: 'whole pages take a half or less of their room in WAL',
          confidence: 'medium',
        },
      ],
      notes: [],
    }
  },
}

/** From none or the slow one to lz4, from there to zstd, as far as this build has them; in 14 there is only one. */
function nextMethod({ situation }: RuleInput): string | undefined {
  const setting = situation.server.settings.get('wal_compression')
  if (setting === undefined) return undefined
  const has = (method: string): boolean => setting.enumValues?.includes(method) === true
  if (setting.vartype === 'bool') return setting.value === 'off' ? 'on' : undefined
  if (setting.value === 'zstd') return undefined
  if (setting.value === 'lz4') return has('zstd') ? 'zstd' : undefined
  if (has('lz4')) return 'lz4'
  return setting.value === 'off' ? 'pglz' : undefined
}
