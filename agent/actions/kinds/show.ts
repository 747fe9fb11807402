import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { reports } from '../reports.ts'
import type { Report } from '../reports/report.ts'

const args = z.strictObject({
  report: z
    .enum(reports.map(({ name }) => name))
    .describe(reports.map(({ name, what }) => `${name}: ${what}`).join('; ')),
  limit: z.int().min(1).max(1_000).default(50).describe('rows of each table'),
  database: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('where to look at tables and statements; that of the URL unless told'),
  megabytes: z.int().min(1).max(1_024).default(64).describe('how much of the newest WAL wal-writers reads'),
})

export const show: Action<z.infer<typeof args>> = {
  kind: 'show',
  what: 'one of the built-in reports about a server',
  risk: 'read',
  target: 'server',
  args,
  deadlineMs: 30_000,
  examples: [
    'run show -n pg-main-1 report=activity',
    'run show -n pg-main-1 report=locks',
    'run show -n pg-main-1 report=sizes database=shop limit=20',
  ],
  plan: (_, { report }) => Promise.resolve([`reads: ${reportOf(report).what}; changes nothing`]),
  async run(context, { report, limit, database, megabytes }) {
    const { clock, signal, agent } = context
    const recentSessions = agent.recentSessions?.(context.server ?? '')
    const server = await context.session()
    const session = database === undefined ? server : await server.database(database)
    const output = await reportOf(report).read({
      ...{ session, limit, megabytes, recentSessions, clock, signal },
    })
    return { message: `${report}: ${reportOf(report).what}.`, output }
  },
}

function reportOf(name: string): Report {
  const report = reports.find((one) => one.name === name)
  if (report === undefined) throw new PgherdError('NOT_FOUND', `there is no report ${name}`)
  return report
}
