import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { PgherdError } from '../errors.ts'
import { readYaml } from '../config/yaml-records.ts'

/** What takes a password: `pgbackrest-cipher` and `supabase-jwt` are phrases in files, the others are logins. */
export const passwordServices = [
  'postgres',
  'patroni',
  'haproxy',
  'grafana',
  'minio',
  'etcd',
  'pgbackrest-cipher',
  'supabase-studio',
  'supabase-jwt',
] as const
export type PasswordService = (typeof passwordServices)[number]

/** A password that everybody may know. `password` itself is to be compared or tried, and never told. */
export interface KnownPassword {
  /** The name of the list that it is on. */
  readonly set: string
  readonly service: PasswordService
  /** Empty where there is none, as for a phrase. */
  readonly user: string
  readonly password: string
  /** What is to be changed, in words. */
  readonly setting: string
  /** Its name in an inventory of Pigsty. */
  readonly variable: string | undefined
}

const word = z.string().min(1).max(200)
const fileOfSets = z.strictObject({
  sets: z.array(
    z.strictObject({
      name: word,
      source: z.url(),
      passwords: z.array(
        z.strictObject({
          service: z.enum(passwordServices),
          user: word.default(''),
          password: word,
          setting: word,
          variable: word.optional(),
        }),
      ),
    }),
  ),
})

const ownFile = new URL('known-passwords.yaml', import.meta.url)

/**
 * The passwords that come with pgherd.
 * @throws PgherdError CONFIG_INVALID for a file that was damaged
 */
export function readKnownPasswords(): readonly KnownPassword[] {
  return parseKnownPasswords(readFileSync(ownFile, 'utf8'))
}

/** @throws PgherdError CONFIG_INVALID, in words that quote no password */
export function parseKnownPasswords(text: string): readonly KnownPassword[] {
  const read = readYaml(text, 'known-passwords.yaml', fileOfSets)
  if (read.problems !== undefined) throw new PgherdError('CONFIG_INVALID', 'known-passwords.yaml is damaged')
  return read.value.sets.flatMap(({ name, passwords }) =>
    passwords.map((one) => ({ ...one, set: name, variable: one.variable })),
  )
}
