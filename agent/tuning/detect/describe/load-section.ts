import { printAbout } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import type { ChosenProfile } from '../../profile/choose-profile.ts'
import type { KnownServer } from '../../recommend/known-server.ts'
import type { DatabaseSize } from '../database-size.ts'
import type { Told } from '../told.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'

export function loadSection(
  told: Told,
  server: KnownServer,
  size: DatabaseSize | null,
  history: { readonly evidence: Evidence | undefined; readonly profile: ChosenProfile },
): readonly Section[] {
  const { evidence, profile } = history
  const { peakConnections, activeSessions, settings } = server
  return section('Load', [
    fact('data', size === null ? null : printAbout(size.bytes), size?.from ?? ''),
    fact(
      'connections now',
      `${told.sessionsNow} of ${settings.get('max_connections')?.value ?? '?'}`,
      'pg_stat_activity, max_connections',
    ),
    fact('history', historyText(evidence), 'what this agent has seen'),
    fact(
      'most connections',
      peakConnections === null ? null : String(peakConnections),
      'the largest that was seen',
    ),
    fact(
      'active at once',
      activeSessions === null ? null : String(activeSessions),
      'of the history, the 99th percentile',
    ),
    fact('WAL', rate(evidence?.peakPerSecond('wal.bytes')), 'pg_stat_wal, at the peak'),
    fact('temporary files', rate(evidence?.perSecond('database.temp_bytes')), 'pg_stat_database.temp_bytes'),
    fact('profile', `${profile.profile}: ${profile.reason}`, 'chosen by the load'),
  ])
}

function historyText(evidence: Evidence | undefined): string {
  if (evidence === undefined) return 'none yet'
  const { hours } = evidence
  return hours < 48 ? `${Number(hours.toFixed(1))} h` : `${Math.round(hours / 24)} days`
}

function rate(bytesPerSecond: number | undefined): string | null {
  return bytesPerSecond === undefined ? null : `${printAbout(bytesPerSecond)}/s`
}
