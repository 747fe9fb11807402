import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import { serverRefusal } from '../server-refusal.ts'

const args = z.strictObject({})
const readMs = 3_000
const hourMs = 3_600_000

const state = `
select c.redo_lsn,
       date_trunc('seconds', c.checkpoint_time),
       pg_size_pretty(pg_wal_lsn_diff(here.lsn, c.redo_lsn)),
       current_setting('shared_buffers'),
       (select rolsuper from pg_roles where rolname = current_user)
         or (select pg_has_role(oid, 'usage') from pg_roles where rolname = 'pg_checkpoint') is true
  from pg_control_checkpoint() c,
       (select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                    else pg_current_wal_insert_lsn() end as lsn) as here`

interface State {
  readonly redo: string
  readonly lines: readonly string[]
  readonly isAllowed: boolean
}

export const checkpoint: Action<z.infer<typeof args>> = {
  kind: 'checkpoint',
  what: 'write everything that is changed in memory to the data files, at once',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: hourMs,
  examples: ['run checkpoint -n pg-main-1'],
  async plan(context) {
    const now = await look(context)
    const session = await context.session()
    return [
      'runs: CHECKPOINT, as fast as the disks allow and not spread over checkpoint_completion_target',
      ...now.lines,
      ...(session.inRecovery
        ? ['a standby writes a restart point, at the newest checkpoint it has got']
        : []),
      ...(now.isAllowed ? [] : [`this role may not; it takes: ${await grantFor(context)}`]),
    ]
  },
  async run(context) {
    const before = await look(context)
    const session = await context.session()
    try {
      const change = { timeoutMs: hourMs, signal: context.signal }
      const { elapsedMs } = await session.change({ text: 'checkpoint' }, change)
      return {
        before: before.redo,
        message: `The checkpoint took ${(elapsedMs / 1000).toFixed(1)} s.`,
        output: [{ type: 'facts', title: 'Before', facts: { redo: before.redo } }],
      }
    } catch (error) {
      throw serverRefusal(error, await grantFor(context))
    }
  },
  async verify(context, _, { before }) {
    const session = await context.session()
    const { redo } = await look(context)
    if (redo !== before) return [`recovery would begin at ${redo}; before it was ${before}`]
    // It has no newer checkpoint of its primary to restart from.
    if (session.inRecovery) return [`the standby had no newer point to restart from than ${redo}`]
    throw new PgherdError('INTERNAL', `recovery would still begin at ${redo}`)
  },
}

async function look(context: ActionContext): Promise<State> {
  const session = await context.session()
  const { rows } = await session.read({ text: state }, readMs)
  const [redo, at, wal, buffers, isAllowed] = rows[0] ?? []
  return {
    redo: redo ?? '',
    lines: [`the last one was at ${at}; WAL since then: ${wal}; at most ${buffers} of buffers to write`],
    isAllowed: isAllowed === 't',
  }
}

async function grantFor(context: ActionContext): Promise<string> {
  const { versionNumber } = await context.session()
  return versionNumber >= 150_000
    ? "GRANT pg_checkpoint TO the agent's role for commands"
    : 'a superuser, before PostgreSQL 15'
}
