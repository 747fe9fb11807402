import type { Invocation } from '../common/config/command-line.ts'
import { readRequest } from './tuning/offline/read-request.ts'
import { tuneOffline } from './tuning/offline/tune-offline.ts'
import { usage } from './tuning/offline/usage.ts'

/** `pgherd-agent tune ...`. @returns the exit status @throws PgherdError USAGE, or REFUSED where the memory does not hold what is asked for */
export function runTune({ argv, print }: Pick<Invocation, 'argv' | 'print'>): number {
  const [, ...options] = argv
  if (options.includes('--help') || options.length === 0) {
    print(usage)
    return options.length === 0 ? 2 : 0
  }
  tuneOffline(readRequest(options), print)
  return 0
}
