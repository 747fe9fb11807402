import { z } from 'zod'
import { parseDuration } from '../../../common/config/kinds.ts'
import { operatorName } from '../../../common/command/operator-key.ts'
import { isTimeZone } from '../../../common/is-time-zone.ts'

const some = <T extends z.ZodType>(one: T) =>
  z.array(one, { error: 'a list' }).min(1, 'a list with something in it')

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'a text, a number, true, false or null',
})

/** What a value of an argument may be; a list means each of its elements. */
const constraint = z.union(
  [
    scalar,
    z.array(scalar),
    z.strictObject({ pattern: z.string().max(500).refine(isPattern), optional: z.boolean().default(false) }),
    z.strictObject({ any: z.literal(true) }),
  ],
  { error: 'a value, a list of values, {pattern: <regular expression>, optional: true} or {any: true}' },
)
export type Constraint = z.output<typeof constraint>

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type WeekDay = (typeof weekDays)[number]

const timeText = 'a time of day such as "08:00" or "24:00", in quotes'
/** Minutes since midnight. */
const timeOfDay = z
  .string({ error: timeText })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, timeText)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

const hours = z.strictObject(
  {
    days: some(z.enum(weekDays, { error: weekDays.join(', ') })).default([...weekDays]),
    from: timeOfDay.default(0),
    /** Before `from`: of the next day. */
    to: timeOfDay.default(24 * 60),
  },
  { error: 'days, from, to' },
)
export type Hours = z.output<typeof hours>

const perText = 'a duration from 1s to 1d'
const rate = z.strictObject(
  {
    max: z.int({ error: 'a whole number from 1 to 10000' }).min(1).max(10_000),
    per: z
      .string({ error: perText })
      .transform((text) => parseDuration(text) ?? 0)
      .refine((ms) => ms >= 1_000 && ms <= 86_400_000, perText),
  },
  { error: 'max, per' },
)

const kindText = 'the kind of an action, or read, change or destructive for all of that risk'
const kind = z.string({ error: kindText }).regex(/^[a-z][a-z0-9-]{0,63}$/, kindText)

const ruleKeys = 'kinds, operators, servers, args, hours, rate'
export const rule = z.strictObject(
  {
    kinds: some(kind),
    /** Everyone whose key is known, unless told. */
    operators: some(
      z.string({ error: 'the name of a key' }).regex(operatorName, 'the name of a key'),
    ).optional(),
    /** All, unless told. */
    servers: some(z.string({ error: 'the ins label of a server or pooler' })).optional(),
    /** Where there are some, an argument that is not named may not be given. */
    args: z.record(z.string().max(64), constraint, { error: 'a map of arguments' }).optional(),
    /** Any of them; always, unless told. */
    hours: some(hours).optional(),
    rate: rate.optional(),
  },
  { error: ruleKeys },
)
export type Rule = z.output<typeof rule>

const zoneText = 'a time zone such as Europe/Zurich'
export const policyFile = z.strictObject(
  {
    /** Of the hours. */
    time_zone: z.string({ error: zoneText }).refine(isTimeZone, zoneText).default('UTC'),
    /** A command is allowed when one of them allows it. */
    rules: z.array(rule, { error: 'a list of rules' }).max(1_000).default([]),
    require_two_operators: z.array(kind, { error: 'a list of kinds' }).default([]),
  },
  { error: 'time_zone, rules, require_two_operators' },
)
export type Policy = z.output<typeof policyFile>

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
