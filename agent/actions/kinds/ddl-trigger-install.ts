import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { ddlSchema, installDdlTrigger } from '../ddl-trigger.ts'
import {
  changeDdlTrigger,
  databaseArgs,
  grantOfDdlTrigger,
  lookForDdlTrigger,
} from '../ddl-trigger-target.ts'

const args = z.strictObject({
  ...databaseArgs,
  always: z
    .boolean()
    .default(false)
    .describe('also in sessions that replay logical replication (ENABLE ALWAYS)'),
})

export const ddlTriggerInstall: Action<z.infer<typeof args>> = {
  kind: 'ddl-trigger-install',
  what: 'install an event trigger in one database that writes down who changes its schema',
  risk: 'change',
  mustBeNamed: true,
  target: 'server',
  args,
  deadlineMs: 60_000,
  examples: ['run ddl-trigger-install -n pg-main-1 database=shop'],
  async plan(context, { database, always }) {
    const { lines, isInstalled, isAllowed, where } = await lookForDdlTrigger(context, database)
    return [
      ...lines,
      ...(isInstalled ? ['it is there already: nothing would be done; remove it first to change it'] : []),
      `runs in ${where}, as one statement:`,
      ...installDdlTrigger(always).split('\n'),
      ...(isAllowed ? [] : [`this role may not; it takes: ${grantOfDdlTrigger}`]),
    ]
  },
  async run(context, { database, always }) {
    const { session, isInstalled, where } = await lookForDdlTrigger(context, database)
    if (isInstalled)
      throw new PgherdError('REFUSED', `schema ${ddlSchema} is in ${where} already; nothing was done`)
    await changeDdlTrigger(session, installDdlTrigger(always), context.signal)
    return { message: `The event trigger writes down what changes in ${where}.`, output: [] }
  },
  async verify(context, { database }) {
    const { lines, isInstalled, where } = await lookForDdlTrigger(context, database)
    if (isInstalled) return lines
    throw new PgherdError('INTERNAL', `it is not in ${where}`)
  },
}
