import type { Command } from 'commander'
import { parseTimeArgument } from '../../common/parse-time-argument.ts'
import { addWord, createSubprogram, runSubprogram } from '../../common/subprogram.ts'
import { exportStore } from './export.ts'
import type { ExportTools } from './export.ts'
import { findStore } from './find-store.ts'
import { printStats } from './stats.ts'
import { verifyStore } from './verify.ts'

export interface StoreToolInvocation extends ExportTools {
  /** What follows `store` on the command line. */
  readonly argv: readonly string[]
  /** Where the store is unless the command line says. */
  readonly directory: string
  /** The variable that sets `directory`, for the help. */
  readonly variable: string
  readonly print: (line: string) => void
}

/**
 * `pgherd-collector store verify|stats|export`: what can be done with a store while no collector runs on it.
 * @returns the exit status: 1 when verify has found damage
 * @throws PgherdError USAGE, NOT_FOUND, DIRECTORY_LOCKED, QUERY_INVALID, DISK_FULL
 */
export async function runStoreTool(invocation: StoreToolInvocation): Promise<number> {
  const { argv, print } = invocation
  let status = 0
  const program = createSubprogram(
    'pgherd-collector store',
    'Checks, shows and exports the embedded store of a collector, or a snapshot of one.',
    print,
  )
  const command = (name: string, what: string): Command =>
    addWord(program, name, what).option(
      '--store-directory <directory>',
      `the collector's directory, or a snapshot [$${invocation.variable}]`,
      invocation.directory,
    )
  command(
    'verify',
    'Reads every checksum and unpacks every chunk; changes nothing. Each damage is one line that says the file and what ' +
      'is lost; the exit status is 1 when there is any. May run beside a collector.',
  ).action(async ({ storeDirectory }: { storeDirectory: string }) => {
    status = (await verifyStore(findStore(storeDirectory), print)) === 0 ? 0 : 1
  })
  command(
    'stats',
    'Shows blocks, time range, series, samples, bytes per sample and the metrics with the most samples; changes ' +
      'nothing. May run beside a collector.',
  ).action(async ({ storeDirectory }: { storeDirectory: string }) => {
    await printStats(findStore(storeDirectory), print)
  })
  command(
    'export',
    'Writes samples to a file: jsonl is what POST /api/v1/import of pgherd and of VictoriaMetrics takes, parquet has a row ' +
      'for each sample (__name__, labels as JSON, timestamp, value). Not beside a collector: take a snapshot first ' +
      '(GET /api/v1/admin/tsdb/snapshot) and export that.',
  )
    .requiredOption('--format <format>', 'jsonl or parquet')
    .requiredOption('--output <file>', 'the file to write; - is standard output, for jsonl')
    .option('--match <selector>', 'series to export, such as {job="node"}; may be repeated', collect)
    .option('--start <time>', 'first moment: RFC 3339 or seconds since 1970', parseTimeArgument)
    .option('--end <time>', 'last moment: RFC 3339 or seconds since 1970', parseTimeArgument)
    .action(async ({ storeDirectory, ...options }: ExportArguments) => {
      await exportStore(findStore(storeDirectory), options, invocation)
    })
  await runSubprogram(
    program,
    argv,
    (message = 'say verify, stats or export') => `${message} (see pgherd-collector store --help)`,
  )
  return status
}

interface ExportArguments {
  readonly storeDirectory: string
  readonly format: string
  readonly output: string
  readonly match?: readonly string[]
  readonly start?: number
  readonly end?: number
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
