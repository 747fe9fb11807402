import type { SettingsSession } from '../read-settings.ts'

/** A setting as a server knows it; values and bounds are in its unit. */
export interface KnownSetting {
  readonly name: string
  readonly value: string
  readonly vartype: string
  readonly unit: string | null
  readonly context: string
  readonly min: string | null
  readonly max: string | null
  readonly enumValues: readonly string[] | null
  readonly boot: string | null
  /** `pg_settings.source`. */
  readonly source: string
  readonly waitsForRestart: boolean
}

const readMs = 5_000

const known = `
select name, setting, vartype, unit, context, min_val, max_val, array_to_string(enumvals, ','), boot_val, source, pending_restart
  from pg_settings
 where name = any ($1::text[])`

/** @param names - in lower case; those that the server does not have are left out. @throws PgherdError of the session */
export async function readKnown(
  session: Pick<SettingsSession, 'read'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, KnownSetting>> {
  const { rows } = await session.read({ text: known, values: [names] }, readMs)
  return new Map(
    rows.map(([name, value, vartype, unit, context, min, max, enums, boot, source, pending]) => [
      name ?? '',
      {
        name: name ?? '',
        value: value ?? '',
        vartype: vartype ?? 'string',
        unit: unit ?? null,
        context: context ?? '',
        min: min ?? null,
        max: max ?? null,
        enumValues: enums?.split(',') ?? null,
        boot: boot ?? null,
        source: source ?? '',
        waitsForRestart: pending === 't',
      },
    ]),
  )
}
