import type { ActionOutput } from '../../../common/command/result.ts'
import type { RecentSample, RecentSession } from '../../../common/insight/recent-sample.ts'
import { left, right } from '../output-table.ts'
import type { Report } from './report.ts'

const title = 'Sessions of the last hour'
const hourMs = 3_600_000

/** Looks in a row that saw the same: longer than that between two of them is a new beginning. */
const longestGapMs = 5_500

export const ash: Report = {
  name: 'ash',
  what: 'who worked second by second in the last hour, and what each waited for, as this host keeps it',
  async read({ limit, clock, recentSessions }) {
    const samples = await recentSessions?.(clock.now() - hourMs)
    if (samples === undefined) {
      return [{ type: 'text', title, lines: ['Nobody looks: insight.enabled or insight.waits is off.'] }]
    }
    const spells = spellsOf(samples)
    if (spells.length === 0) return [{ type: 'text', title, lines: ['No session worked in the last hour.'] }]
    return [tableOf(spells, limit)]
  },
}

/** One session that did the same at some looks in a row. */
interface Spell {
  readonly session: RecentSession
  readonly fromMs: number
  toMs: number
  seconds: number
}

function spellsOf(samples: readonly RecentSample[]): readonly Spell[] {
  const spells: Spell[] = []
  const open = new Map<string, Spell>()
  for (const { atMs, seconds, sessions } of samples) {
    for (const session of sessions) {
      const { pid, waitType, waitEvent, query, relation } = session
      const key = [pid, waitType, waitEvent, query, relation].join('\0')
      const spell = open.get(key)
      if (spell !== undefined && atMs - spell.toMs <= longestGapMs) {
        spell.toMs = atMs
        spell.seconds += seconds
        continue
      }
      const begun = { session, fromMs: atMs, toMs: atMs, seconds }
      open.set(key, begun)
      spells.push(begun)
    }
  }
  return spells
}

function tableOf(spells: readonly Spell[], limit: number): ActionOutput {
  return {
    type: 'table',
    title,
    columns: [
      left('from'),
      right('for'),
      right('pid'),
      left('database'),
      left('user'),
      left('application'),
      left('wait'),
      left('query'),
      left('table'),
    ],
    // The newest are what is asked for.
    rows: spells
      .slice(-limit)
      .reverse()
      .map(({ session, fromMs, seconds }) => [
        new Date(fromMs).toISOString().slice(0, 19).replace('T', ' '),
        `${Math.max(1, Math.round(seconds))} s`,
        String(session.pid),
        session.database,
        session.role,
        session.application,
        session.waitType === session.waitEvent
          ? session.waitType
          : `${session.waitType}:${session.waitEvent}`,
        session.query,
        session.relation,
      ]),
    truncated: spells.length > limit,
  }
}
