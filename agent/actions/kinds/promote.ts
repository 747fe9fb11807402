import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import { answersOn } from '../answers-on.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { serverRefusal } from '../server-refusal.ts'

const args = z.strictObject({
  fenced: z
    .string()
    .min(1)
    .max(256)
    .describe(
      'host:port of the old primary as this standby follows it: whoever gives it says that it is stopped, or cannot be reached by clients any more',
    ),
})

const readMs = 3_000
const connectMs = 2_000
const waitSeconds = 60
const grant = "GRANT EXECUTE ON FUNCTION pg_promote TO the agent's role for commands"

const state = `
select pg_is_in_recovery(),
       (select coalesce(sender_host, '') || ':' || coalesce(sender_port, 5432) from pg_stat_wal_receiver),
       coalesce((select status = 'streaming' and latest_end_time > now() - interval '10 s'
                   from pg_stat_wal_receiver), false),
       current_setting('primary_conninfo', true),
       pg_last_wal_receive_lsn(),
       pg_last_wal_replay_lsn(),
       coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0),
       (select timeline_id from pg_control_checkpoint())`

interface Standby {
  /** host:port, undefined where neither a receiver nor primary_conninfo tells it. */
  readonly primary: string | undefined
  readonly hears: boolean
  readonly lines: readonly string[]
}

/**
 * Without Patroni nobody makes sure that the old primary is gone, and two primaries lose data: so the operator has to name it as
 * fenced, and nothing is done while it still answers.
 */
export const promote = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'promote',
  what: 'make a standby without Patroni the primary, once the old one is fenced',
  risk: 'destructive',
  target: 'server',
  args,
  deadlineMs: 120_000,
  mayBeLeft: 'the server may have been promoted; agentctl nodes tells its role',
  examples: ['run promote -n pg-main-2 fenced=10.0.0.1:5432'],
  async plan(context, given) {
    const found = await look(context)
    const problems = await problemsOf(found, given.fenced, patronis)
    return [
      `runs: pg_promote, and waits up to ${waitSeconds} s until the server takes writes on a new timeline`,
      ...found.lines,
      'commits of the old primary that it has not received are lost; other standbys have to be pointed here',
      ...(problems.length === 0
        ? ['nothing speaks against it']
        : problems.map((problem) => `refused: ${problem}`)),
    ]
  },
  async run(context, given) {
    const found = await look(context)
    const [problem] = await problemsOf(found, given.fenced, patronis)
    if (problem !== undefined) throw new PgherdError('REFUSED', problem)
    const session = await context.session()
    try {
      const { rows } = await session.change(
        { text: `select pg_promote(true, ${waitSeconds})` },
        { timeoutMs: (waitSeconds + 5) * 1000, signal: context.signal },
      )
      if (rows[0]?.[0] !== 't') {
        throw new PgherdError(
          'COMMAND_FAILED',
          `it was not a primary after ${waitSeconds} s; its log tells why`,
        )
      }
    } catch (error) {
      throw serverRefusal(error, grant)
    }
    return { message: `It was promoted; ${given.fenced} was said to be fenced.`, output: [] }
  },
  async verify(context) {
    const session = await context.session()
    const { rows } = await session.read(
      {
        text: `select pg_is_in_recovery(), pg_current_wal_lsn(), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`,
      },
      readMs,
    )
    const [inRecovery, position, timeline] = rows[0] ?? []
    if (inRecovery !== 'f') throw new PgherdError('COMMAND_FAILED', 'it is still in recovery')
    return [`it takes writes on timeline ${Number.parseInt(timeline ?? '', 16)}, at ${position}`]
  },
})

async function look(context: ActionContext): Promise<Standby> {
  const session = await context.session()
  if (!session.inRecovery) throw new PgherdError('REFUSED', 'it is a primary already')
  if (session.versionNumber < 120_000) {
    throw new PgherdError('REFUSED', 'pg_promote came with PostgreSQL 12; on this host: pg_ctl promote')
  }
  const { rows } = await session.read({ text: state }, readMs)
  const [inRecovery, sender, hears, conninfo, received, replayed, behind, timeline] = rows[0] ?? []
  if (inRecovery !== 't') throw new PgherdError('REFUSED', 'it is a primary already')
  const primary = sender ?? fromConninfo(conninfo ?? '')
  return {
    primary,
    hears: hears === 't',
    lines: [
      `it follows ${primary ?? 'nobody that it can name'} on timeline ${timeline}; received ${received ?? 'nothing by streaming'}, replayed ${replayed}`,
      ...(Number(behind) > 0 ? [`${behind} bytes that it has received are replayed first`] : []),
    ],
  }
}

async function problemsOf(
  { primary, hears }: Standby,
  fenced: string,
  patronis: readonly PatroniAccess[],
): Promise<readonly string[]> {
  if (patronis.length > 0) return ['Patroni runs on this host and promotes: agentctl ha failover']
  if (hears) return [`it streams from ${primary ?? 'its primary'}, which is alive: nothing is fenced`]
  if (primary !== undefined && fenced !== primary) {
    return [`fenced: was "${fenced}"; allowed: ${primary}, which is whom it follows`]
  }
  const match = /^\[?(.+?)\]?:(\d{1,5})$/.exec(fenced)
  if (match === null) return [`fenced: was "${fenced}"; allowed: host:port`]
  const [, host = '', port = ''] = match
  return (await answersOn(host, Number(port), connectMs))
    ? [`${fenced} still takes connections: stop it, or keep everybody from it, first`]
    : []
}

/** The first host of a connection string; a URL or a socket directory tells nothing of use here. */
function fromConninfo(conninfo: string): string | undefined {
  const value = (key: string) => new RegExp(`(?:^|\\s)${key}\\s*=\\s*'?([^'\\s,]+)`).exec(conninfo)?.[1]
  const host = value('host') ?? value('hostaddr')
  return host === undefined || host.startsWith('/') ? undefined : `${host}:${value('port') ?? '5432'}`
}
