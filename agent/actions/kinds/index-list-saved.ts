import { z } from 'zod'
import type { Action } from '../action.ts'
import { ledgerTables } from '../indexes/index-tables.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import { serverOf } from '../server-of.ts'

const args = z.strictObject({
  limit: z.int().min(1).max(1_000).default(50).describe('at most so many, the newest first'),
})

export const indexListSaved = (given: IndexWork | undefined): Action<z.infer<typeof args>> => ({
  kind: 'index-list-saved',
  what: 'indexes that were dropped, with what they are built of again, and trials',
  risk: 'read',
  target: 'server',
  asksAgentAlone: true,
  args,
  deadlineMs: 10_000,
  examples: ['run index-list-saved -n pg-main-1', 'run index-list-saved -n pg-main-1 limit=5'],
  plan: () => Promise.resolve(['reads the ledger of this host; changes nothing']),
  run(context, { limit }) {
    const records = workOf(given).ledger.of(serverOf(context))
    const counted = (kind: string): number => records.filter((one) => one.kind === kind).length
    return Promise.resolve({
      message: `${counted('drop')} indexes were dropped, ${counted('trial')} were tried.`,
      output: ledgerTables(records, limit),
    })
  },
})
