import type { Action } from '../action.ts'
import { sessionArgs } from '../session-target.ts'
import type { SessionArgs } from '../session-target.ts'
import { planSignal, signalSession, untilGone } from '../signal-session.ts'

/** Still running what it ran when it was signalled. */
const stillRunning = `
select state, wait_event_type || ':' || wait_event
  from pg_stat_activity
 where pid = $1::int
   and backend_start = $2::timestamptz
   and state = 'active'
   and query_start = nullif($3, '')::timestamptz`

export const cancelSession: Action<SessionArgs> = {
  kind: 'cancel-session',
  what: 'cancel the statement that a session is running; the session stays',
  risk: 'change',
  target: 'server',
  args: sessionArgs,
  deadlineMs: 30_000,
  examples: [
    'run cancel-session -n pg-main-1 pid=4711 "backend_start=2026-11-27 02:31:12.123456+00" "xact_start=2026-11-27 02:40:00.5+00"',
  ],
  plan: (context, args) =>
    planSignal(
      context,
      args,
      'its statement fails with 57014 (query_canceled), and its transaction is aborted',
    ),
  run: (context, args) => signalSession(context, args, 'pg_cancel_backend'),
  async verify(context, args, { before = '' }) {
    await untilGone(
      context,
      stillRunning,
      [String(args.pid), args.backend_start, before],
      `session ${args.pid} was signalled and has not cancelled its statement within 5 s`,
    )
    return [`session ${args.pid} no longer runs that statement`]
  },
}
