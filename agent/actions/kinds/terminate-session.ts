import type { Action } from '../action.ts'
import { sessionArgs } from '../session-target.ts'
import type { SessionArgs } from '../session-target.ts'
import { planSignal, signalSession, untilGone } from '../signal-session.ts'

const stillThere = `
select coalesce(state, backend_type), wait_event_type || ':' || wait_event
  from pg_stat_activity
 where pid = $1::int
   and backend_start = $2::timestamptz`

export const terminateSession: Action<SessionArgs> = {
  kind: 'terminate-session',
  what: 'end a session; its transaction is rolled back',
  risk: 'destructive',
  target: 'server',
  args: sessionArgs,
  deadlineMs: 30_000,
  examples: [
    'run terminate-session -n pg-main-1 pid=4711 "backend_start=2026-11-27 02:31:12.123456+00" xact_start=any',
  ],
  plan: (context, args) =>
    planSignal(
      context,
      args,
      'its connection ends with 57P01 (admin_shutdown), and its transaction is rolled back',
    ),
  run: (context, args) => signalSession(context, args, 'pg_terminate_backend'),
  async verify(context, args) {
    await untilGone(
      context,
      stillThere,
      [String(args.pid), args.backend_start],
      `session ${args.pid} was signalled and is still there after 5 s`,
    )
    return [`session ${args.pid} is gone`]
  },
}
