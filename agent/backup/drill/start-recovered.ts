import { join } from 'node:path'
import { BackupFailure } from '../backup-failure.ts'
import { awaitRecovery } from './await-recovery.ts'
import type { AwaitRecoveryOptions } from './await-recovery.ts'
import { readControlData } from './control-data.ts'
import type { LiveServer } from './live-server.ts'
import { keepRecoverySettings, prepareData } from './prepare-data.ts'
import type { RecoveryAsked } from './recovery-end.ts'
import type { RecoveryPoint } from './recovery-point.ts'
import { runTool } from './run-tool.ts'
import type { ScratchPlace } from './scratch-place.ts'
import { startScratchServer } from './scratch-server.ts'
import type { ScratchServer } from './scratch-server.ts'
import { recoveryModules, scratchSettings } from './scratch-settings.ts'
import { findServerPrograms, majorOf } from './server-programs.ts'
import type { ServerPrograms } from './server-programs.ts'
import type { ServerUser } from './server-user.ts'

export interface StartRecoveredOptions extends Omit<AwaitRecoveryOptions, 'superuser'> {
  readonly dataDirectory: string
  readonly place: ScratchPlace
  /** Where links of the data directory may lead. */
  readonly places: readonly string[]
  readonly live: LiveServer
  readonly binDirectory?: string | undefined
  readonly user: ServerUser
  readonly nice: number
  /** Nobody else will start it: then its configuration is not kept. */
  readonly isThrownAway: boolean
  /** What is to be archived is marked, and sent by whoever starts it next. */
  readonly archivesLater?: boolean
}

/** Disposing ends the server. */
export interface RecoveredServer extends AsyncDisposable {
  readonly server: ScratchServer
  readonly programs: ServerPrograms
  readonly superuser: string
  readonly point: RecoveryPoint
}

/** It names the socket, in a directory that nobody else has one in; no port is taken. */
const port = 5432
const mostAttempts = 5

/**
 * Starts a server on a restored data directory and waits until it has recovered to where it was to go. When its settings turn
 * out to be too low for the log, which may happen anywhere in it, it starts again with what it asks for.
 * @throws BackupFailure
 */
export async function startRecovered(
  asked: Omit<RecoveryAsked, 'segmentBytes'>,
  options: StartRecoveredOptions,
): Promise<RecoveredServer> {
  const { dataDirectory, live, user, signal } = options
  const major = await majorOf(dataDirectory)
  const { binDirectory } = options
  const programs = await findServerPrograms(major, { binDirectory, runningPid: live.pid, user, signal })
  await prepareData(dataDirectory, [options.place.directory, ...options.places], user)
  const libraries = live.preload ?? (await configuredModules(programs, options))
  if (options.isThrownAway) await keepRecoverySettings(dataDirectory)
  const control = await readControlData(dataDirectory, programs, { user, signal })
  const superuser = live.superuser ?? 'postgres'
  let atLeast = live.atLeast ?? new Map<string, number>()
  let withAllModules = false
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const settings = scratchSettings({
      major,
      dataDirectory,
      runDirectory: options.place.runDirectory,
      socketDirectory: options.place.socketDirectory,
      port,
      control,
      atLeast,
      preload: recoveryModules(libraries, withAllModules),
      archivesLater: options.archivesLater === true,
    })
    await using stack = new AsyncDisposableStack()
    const server = stack.use(await startScratchServer({ ...options, programs, settings, port }))
    const { segmentBytes } = control
    const end = await awaitRecovery(server, { ...asked, segmentBytes }, { ...options, superuser })
    if ('lsn' in end) {
      const kept = stack.move()
      return {
        server,
        programs,
        superuser,
        point: end,
        [Symbol.asyncDispose]: () => kept.disposeAsync(),
      }
    }
    if (end.needsModule && withAllModules) break
    withAllModules ||= end.needsModule
    atLeast = new Map([...atLeast, ...end.tooLow])
  }
  throw new BackupFailure(
    'configuration',
    `the log has records of a module that is not loaded; of shared_preload_libraries (${libraries}) none has them`,
  )
}

/** By the configuration in the data directory, where it is there. */
async function configuredModules(
  programs: ServerPrograms,
  { dataDirectory, user, signal }: StartRecoveredOptions,
): Promise<string> {
  const program = join(programs.directory, 'postgres')
  const args = ['-D', dataDirectory, '-C', 'shared_preload_libraries']
  const { status, stdout } = await runTool(program, args, { user, signal, timeoutMs: 10_000 })
  return status === 0 ? stdout.trim() : ''
}
