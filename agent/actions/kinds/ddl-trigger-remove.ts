import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { removeDdlTrigger } from '../ddl-trigger.ts'
import { databaseArgs, grantOfDdlTrigger, lookForDdlTrigger } from '../ddl-trigger-target.ts'
import { serverRefusal } from '../server-refusal.ts'

const args = z.strictObject(databaseArgs)
const changeMs = 10_000

export const ddlTriggerRemove: Action<z.infer<typeof args>> = {
  kind: 'ddl-trigger-remove',
  what: 'remove the event trigger of ddl-trigger-install from one database, with what it has written down',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 60_000,
  examples: ['run ddl-trigger-remove -n pg-main-1 database=shop'],
  async plan(context, { database }) {
    const { lines, isInstalled, isAllowed, where } = await lookForDdlTrigger(context, database)
    return [
      ...lines,
      ...(isInstalled ? [] : ['it is not there: nothing would be done']),
      `runs in ${where}, as one statement:`,
      ...removeDdlTrigger.split('\n'),
      ...(isAllowed ? [] : [`this role may not; it takes: ${grantOfDdlTrigger}`]),
    ]
  },
  async run(context, { database }) {
    const { session, isInstalled, where } = await lookForDdlTrigger(context, database)
    if (!isInstalled) return { message: `It is not in ${where}; nothing was done.`, output: [] }
    const limits = { timeoutMs: changeMs, signal: context.signal }
    await session.change({ text: removeDdlTrigger }, limits).catch((error: unknown) => {
      throw serverRefusal(error, grantOfDdlTrigger)
    })
    return { message: `The event trigger is gone from ${where}.`, output: [] }
  },
  async verify(context, { database }) {
    const { lines, isInstalled, where } = await lookForDdlTrigger(context, database)
    if (!isInstalled) return lines
    throw new PgherdError('INTERNAL', `it is still in ${where}`)
  },
}
