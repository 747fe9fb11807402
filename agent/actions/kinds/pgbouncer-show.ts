import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { reportsOfPooler } from '../reports-of-pooler.ts'
import type { PoolerReport } from '../reports-of-pooler/pooler-report.ts'

const args = z.strictObject({
  report: z
    .enum(reportsOfPooler.map(({ name }) => name))
    .describe(reportsOfPooler.map(({ name, what }) => `${name}: ${what}`).join('; ')),
  limit: z.int().min(1).max(1_000).default(50).describe('rows of each table'),
})

export const pgbouncerShow: Action<z.infer<typeof args>> = {
  kind: 'pgbouncer-show',
  what: 'one of the built-in reports about a pgBouncer',
  risk: 'read',
  target: 'pooler',
  args,
  deadlineMs: 30_000,
  examples: [
    'run pgbouncer-show -n pg-main-1 report=pools',
    'run pgbouncer-show -c pg-main report=clients limit=20',
  ],
  plan: (_, { report }) => Promise.resolve([`asks the console: ${reportOf(report).what}; changes nothing`]),
  async run(context, { report, limit }) {
    const session = await context.session()
    const output = await reportOf(report).read({ session, limit })
    return { message: `${report}: ${reportOf(report).what}.`, output }
  },
}

function reportOf(name: string): PoolerReport {
  const report = reportsOfPooler.find((one) => one.name === name)
  if (report === undefined) throw new PgherdError('NOT_FOUND', `there is no report ${name}`)
  return report
}
