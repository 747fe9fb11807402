import { dirname, join } from 'node:path'

/** Where all that tuning writes down is. */
export function tuningDirectory(config: {
  readonly 'tuning.directory': string | undefined
  readonly 'spool.directory': string
}): string {
  return config['tuning.directory'] ?? join(dirname(config['spool.directory']), 'tuning')
}
