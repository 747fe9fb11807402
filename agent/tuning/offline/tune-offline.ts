import { PgherdError } from '../../../common/errors.ts'
import { settingsFormats } from '../../../common/tuning/export/export-settings.ts'
import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import { printAbout } from '../../../common/tuning/print-size.ts'
import { version } from '../../../common/version.ts'
import type { Machine } from '../recommend/machine.ts'
import { plannedServer } from '../recommend/planned-server.ts'
import { recommend } from '../recommend/recommend.ts'
import type { Recommendation } from '../recommend/recommend.ts'
import { present, summaryOf } from './present.ts'
import type { TuneRequest } from './request.ts'
import { thisMachine } from './this-machine.ts'

/**
 * Answers `pgherd-agent tune`.
 * @param look - finds out what this machine is
 * @throws PgherdError REFUSED where the memory does not hold what is asked for, after the table of it has been printed
 */
export function tuneOffline(
  request: TuneRequest,
  print: (line: string) => void,
  look: typeof thisMachine = thisMachine,
): void {
  const found = request.what === 'new-cluster' ? look(request.dataDirectory ?? '.') : undefined
  const machine = machineOf(request, found)
  const { profile, major, databaseBytes = null, hasLz4, format } = request
  const answer = recommend({
    machine,
    profile,
    connections: request.connections ?? null,
    server: plannedServer(major, { databaseBytes, hasLz4 }),
  })
  const about = describe(request, machine)
  const holds = budgetHolds(answer.budget)
  if (holds || format === 'table' || format === 'long' || format === 'json') {
    for (const line of linesOf(format, answer, about, { request, machine })) print(line)
  }
  // Its first note says so, and what would help.
  if (!holds) throw new PgherdError('REFUSED', answer.notes[0]!)
}

function machineOf(request: TuneRequest, found: Machine | undefined): Machine {
  const { memoryBytes, processors, diskClass, diskBytes, walDiskBytes } = request
  return {
    memoryBytes: memoryBytes ?? found?.memoryBytes ?? 0,
    processors: processors ?? found?.processors ?? 0,
    diskClass: diskClass ?? found?.diskClass ?? 'unknown',
    dataDiskBytes: diskBytes ?? found?.dataDiskBytes ?? null,
    walDiskBytes: walDiskBytes ?? found?.walDiskBytes ?? null,
    fileSystem: found?.fileSystem ?? null,
    freeHugePageBytes: found?.freeHugePageBytes ?? null,
  }
}

const diskNames = {
  hdd: 'a rotating disk',
  ssd: 'a local SSD',
  nvme: 'local NVMe',
  san: 'a disk behind a network',
  unknown: 'a disk of an unknown kind',
}

function describe({ major, profile, databaseBytes, hasLz4 }: TuneRequest, machine: Machine): string {
  const { memoryBytes, processors, diskClass, dataDiskBytes, walDiskBytes, fileSystem } = machine
  const size = dataDiskBytes === null ? '' : ` of ${printAbout(dataDiskBytes)}`
  return [
    `PostgreSQL ${major}${hasLz4 ? ' with LZ4' : ''}, profile ${profile}`,
    `${processors} ${processors === 1 ? 'processor' : 'processors'}`,
    `${printAbout(memoryBytes)} of memory`,
    `${diskNames[diskClass]}${size}${fileSystem === null ? '' : ` (${fileSystem})`}`,
    ...(walDiskBytes === null ? [] : [`${printAbout(walDiskBytes)} for WAL alone`]),
    ...(databaseBytes === undefined ? [] : [`${printAbout(databaseBytes)} of data`]),
  ].join(', ')
}

function linesOf(
  format: TuneRequest['format'],
  answer: Recommendation,
  about: string,
  asked: { readonly request: TuneRequest; readonly machine: Machine },
): readonly string[] {
  const { proposals, budget, notes } = answer
  const comments = [
    `pgherd-agent ${version} tune: ${about}`,
    summaryOf(budget),
    ...notes.map((note) => `note: ${note}`),
  ]
  switch (format) {
    case 'table':
      return present(answer, about, false)
    case 'long':
      return present(answer, about, true)
    case 'json': {
      const { major, profile } = asked.request
      return [JSON.stringify({ major, profile, machine: asked.machine, ...answer }, null, 2)]
    }
    default:
      return settingsFormats[format](proposals, comments)
  }
}
