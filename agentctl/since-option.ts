import { Option } from 'commander'
import { lifetime } from './lifetime.ts'

const longestMs = 3_650 * 86_400_000

/** `--since`: how far back a list goes, in milliseconds. */
export function sinceOption(): Option {
  return new Option('--since <duration>', 'only the last minutes, hours or days, such as 24h').argParser(
    lifetime('1s to 3650d, such as 24h', 1_000, longestMs),
  )
}
