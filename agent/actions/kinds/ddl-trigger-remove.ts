import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { removeDdlTrigger } from '../ddl-trigger.ts'
import {
  changeDdlTrigger,
  databaseArgs,
  grantOfDdlTrigger,
  lookForDdlTrigger,
} from '../ddl-trigger-target.ts'

const args = z.strictObject(databaseArgs)

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
    await changeDdlTrigger(session, removeDdlTrigger, context.signal)
    return { message: `The event trigger is gone from ${where}.`, output: [] }
  },
  async verify(context, { database }) {
    const { lines, isInstalled, where } = await lookForDdlTrigger(context, database)
    if (!isInstalled) return lines
    throw new PgherdError('INTERNAL', `it is still in ${where}`)
  },
}
