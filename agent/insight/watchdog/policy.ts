import { isIP } from 'node:net'
import { z } from 'zod'
import { parseDuration } from '../../../common/config/kinds.ts'
import { cases, isLeftoverCase, noCancel } from './cases.ts'

const time = (min: string, max: string) => {
  const allowed = `a duration from ${min} to ${max}, such as 90s or 10m`
  return z
    .string({ error: allowed })
    .transform((text) => parseDuration(text) ?? -1)
    .refine((ms) => ms >= (parseDuration(min) ?? 0) && ms <= (parseDuration(max) ?? 0), allowed)
}

const whole = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, error).max(max, error)
}

const applicationText =
  'values of application_name, in which * stands for any text, of ASCII as PostgreSQL keeps it'
const application = z.string({ error: applicationText }).regex(/^[ -~]{1,63}$/, applicationText)

const names = (what: string) =>
  z.array(z.string({ error: what }).min(1, what).max(63, what), { error: `a list of ${what}` })

const list = (of: z.ZodArray<z.ZodString>, least: number) =>
  of.min(least, 'a list with something in it, or no such key').max(1_000).default([])

const clientText = 'an address, a network such as 10.0.0.0/8, or "socket"'
const client = z.string({ error: clientText }).refine(isClient, clientText)

/** @param least entries of a list that is given */
const selector = (least: number) => ({
  roles: list(names('names of roles, in which * stands for any text'), least),
  applications: list(z.array(application, { error: `a list of ${applicationText}` }), least),
  databases: list(names('names of databases, in which * stands for any text'), least),
  clients: list(z.array(client, { error: `a list, each ${clientText}` }), least),
})
const selectorKeys = 'roles, applications, databases, clients'
const some = z.strictObject(selector(0), { error: selectorKeys })
/** Sessions of any of these roles, applications, databases or clients. */
export type Selector = z.output<typeof some>
/** What names nobody would here be what fits everybody, and is more often a template that had nothing to fill in. */
const within = z
  .strictObject(selector(1), { error: selectorKeys })
  .refine((given) => Object.values(given).some((one) => one.length > 0), `at least one of ${selectorKeys}`)
  .default({ roles: [], applications: [], databases: [], clients: [] })

const harmText =
  'none, or at least one of blocks_longer_than: <duration>, xmin_older_than: <transactions>, holds_exclusive_lock: true'
const harm = z.union(
  [
    z.literal('none'),
    z
      .strictObject({
        blocks_longer_than: time('1s', '1d').optional(),
        xmin_older_than: whole(1, 2_000_000_000).optional(),
        holds_exclusive_lock: z.literal(true).optional(),
      })
      .refine((given) => Object.values(given).some((one) => one !== undefined), harmText),
  ],
  { error: harmText },
)
/** What a session must do to others before it is touched, any of them; `none` where its state is enough. */
export type Harm = z.output<typeof harm>

const nameText = 'a name of a to z, 0 to 9 and -, at most 40 characters'
const actions = ['report', 'cancel', 'terminate'] as const
const ruleKeys = 'name, case, after, harm, action, grace, per_minute, only, except'

const rule = z
  .strictObject(
    {
      name: z.string({ error: nameText }).regex(/^[a-z0-9][a-z0-9-]{0,39}$/, nameText),
      case: z.enum(cases, { error: cases.join(', ') }),
      /** How long it has been so. */
      after: time('1s', '30d'),
      /** Not of leftovers, which are only told. */
      harm: harm.optional(),
      action: z.enum(actions, { error: actions.join(', ') }).default('report'),
      /** From the report to the first signal, and from a cancel to the end of the session. */
      grace: time('0s', '1h').default(30_000),
      per_minute: whole(1, 600).default(2),
      /** Where a list is given, a session must be in it. */
      only: within,
      except: some.prefault({}),
    },
    { error: ruleKeys },
  )
  .superRefine((one, context) => {
    const refuse = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (isLeftoverCase(one.case)) {
      if (one.action !== 'report') {
        const owner =
          one.case === 'inactive-slot' ? 'its consumer loses data' : 'its coordinator may still need it'
        refuse('action', `report, because a person has to decide about a ${one.case}: ${owner}`)
      }
      if (one.harm !== undefined && one.harm !== 'none') refuse('harm', `none for a ${one.case}`)
      return
    }
    if (one.harm === undefined) refuse('harm', harmText)
    const why = noCancel.get(one.case)
    if (one.action === 'cancel' && why !== undefined) {
      refuse('action', `report or terminate in this case, because ${why}`)
    }
    if (one.case === 'lock-head' && one.harm !== undefined) {
      const blocks = one.harm === 'none' ? undefined : one.harm.blocks_longer_than
      if (blocks === undefined) refuse('harm', 'one with blocks_longer_than for a lock-head')
    }
  })
export type Rule = z.output<typeof rule>

/** What the watchdog may do on this host. */
export const policyFile = z
  .strictObject(
    {
      /** Tells what it would do, and signals nobody. */
      dry_run: z.boolean({ error: 'true or false' }).default(true),
      /** Signals of all rules together. */
      per_minute: whole(1, 600).default(5),
      /** Never signalled, beside those that are protected anyway. */
      protected: some.prefault({}),
      /** The first that fits a session counts. */
      rules: z.array(rule, { error: 'a list of rules' }).max(50, 'at most 50 rules').default([]),
    },
    { error: 'dry_run, per_minute, protected, rules' },
  )
  .superRefine(({ rules }, context) => {
    for (const [i, { name }] of rules.entries()) {
      if (rules.findIndex((other) => other.name === name) === i) continue
      context.addIssue({
        code: 'custom',
        path: ['rules', i, 'name'],
        message: 'each name once, because caps and figures go by it',
      })
    }
  })
export type Policy = z.output<typeof policyFile>

function isClient(text: string): boolean {
  if (text === 'socket') return true
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32))
}
