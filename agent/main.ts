#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_MMAP_MAX_=30000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=65536 node --max-semi-space-size=2 --no-opt --no-maglev --single-threaded --optimize-for-size --no-incremental-marking --heap-growing-percent=10
import { text as readText } from 'node:stream/consumers'
import { availableParallelism, platform, release, totalmem } from 'node:os'
import { systemClock } from '../common/clock.ts'
import { hidePassword } from '../common/config/kinds.ts'
import { messageOf, systemCodeOf } from '../common/errors.ts'
import { aborted, shutdownSignal } from '../common/lifecycle.ts'
import { createLog, logLevels } from '../common/log.ts'
import { chooseProxy } from '../common/proxy.ts'
import { exitStatusOf, runProgram } from '../common/run-program.ts'
import { createServiceManager, takeSupervision } from '../common/service-manager/service-manager.ts'
import { createSelfMetrics } from '../common/self-metrics.ts'
import { labelValue } from '../common/series/label-set.ts'
import { version } from '../common/version.ts'
import { channelPath } from '../common/wire/channel.ts'
import { createRemoteWriteEncoder } from '../common/wire/remote-write-encode.ts'
import { createChannel } from './channel/channel.ts'
import { problemsOfTrustFiles } from './actions/check-trust-files.ts'
import { openBackups } from './backup.ts'
import { createHealthWatch } from './health-watch.ts'
import { serveHealthOf } from './health-answers.ts'
import { openCommands, trustFilesOf } from './commands.ts'
import { agentProgram } from './config.ts'
import type { AgentConfig } from './config.ts'
import { runJoin } from './join-command.ts'
import { openMembership } from './membership.ts'
import { openTransport } from './transport.ts'
import { healthAnswerFigures, healthFigures } from './health-figures.ts'
import { commandFigures, membershipFigures, transportFigures } from './figures.ts'
import { runMode } from './modes.ts'
import { serveOwnMetrics } from './own-metrics-server.ts'
import { openProbeFiles } from './probe-files.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { problemOfTarget } from './postgres/target.ts'
import type { Batch } from './scrape/batch.ts'
import { problemOfRounds } from './scrape/problem-of-rounds.ts'
import { createScraper } from './scrape/scraper.ts'
import { createSeriesBudget } from './scrape/series-budget.ts'
import { openInsight } from './insight.ts'
import { openSecrets } from './secrets.ts'
import { openTracing } from './open-tracing.ts'
import { createAgentSource, createSources, identityOf, insOf, serversOf } from './sources.ts'
import { openTuning } from './tuning.ts'
import { runTune } from './tune-command.ts'
import { openWatchdogs, problemsOfWatchdog } from './watchdog.ts'
import { runWatchdogCommand } from './watchdog-command.ts'

const program: typeof agentProgram = {
  ...agentProgram,
  check(config) {
    const serviceFile = config['postgres.service_file']
    const places = [
      ...serversOf(config).flatMap(({ url, actions_url }, i) =>
        config.servers.length === 0
          ? [
              { at: 'postgres.url', url },
              { at: 'actions.postgres_url', url: config['actions.postgres_url'] },
            ]
          : [
              { at: `servers[${i}].url`, url },
              { at: `servers[${i}].actions_url`, url: actions_url },
            ],
      ),
      ...config.poolers.flatMap(({ url, actions_url, through_url }, i) => [
        { at: `poolers[${i}].url`, url },
        { at: `poolers[${i}].actions_url`, url: actions_url },
        { at: `poolers[${i}].through_url`, url: through_url },
      ]),
    ]
    return [
      ...(agentProgram.check?.(config) ?? []),
      ...places.flatMap(({ at, url }) => {
        const problem = url === undefined ? undefined : problemOfTarget(url, serviceFile)
        return problem === undefined ? [] : [`${at}: ${problem}`]
      }),
    ]
  },
  checkFiles: (config) => [
    ...(config['actions.enabled'] ? problemsOfTrustFiles(trustFilesOf(config)) : []),
    ...problemsOfWatchdog(config),
  ],
}

const supervision = takeSupervision(process.env, process.pid)
const journalStream = process.env['JOURNAL_STREAM']

async function run(
  config: AgentConfig,
  mode: { readonly name: string; readonly argument: string } | undefined,
): Promise<number | undefined> {
  const clock = systemClock
  if (mode !== undefined) {
    return runMode(mode, config, { clock, print: (line) => void process.stdout.write(`${line}\n`) })
  }
  const log = createLog({ level: config['log.level'], program: agentProgram.name, journalStream })
  const probeFiles = await openProbeFiles(config, log)
  let reload = (): Promise<boolean> => probeFiles.reload()
  const stop = shutdownSignal(
    () => process.kill(process.pid, 'SIGKILL'),
    () => void reload(),
  )
  await using stack = new AsyncDisposableStack()
  const identity = identityOf(config)
  const collectorUrl = config['collector.url']
  const proxy = chooseProxy(config['collector.proxy'], process.env)
  const tracer = stack.use(await openTracing(config, clock)).tracer
  const membership = await openMembership(config, { clock, log: log.child({ part: 'trust' }), proxy })
  const transport = stack.use(await openTransport(config, { clock, log, tracer, tls: membership.tls, proxy }))
  const slots = new Map<string, ConnectionSlots>()
  const slotsOf = ({ url }: { readonly url: string }): ConnectionSlots => {
    const known = slots.get(url) ?? new Set()
    slots.set(url, known)
    return known
  }
  const health = createHealthWatch(config, clock)
  const backups = await openBackups(config, {
    clock,
    log: log.child({ part: 'backup' }),
    health: health && ((server) => health.current(server)),
  })
  if (backups !== undefined) stack.use(backups)
  const tuning = await openTuning(config, { clock, log: log.child({ part: 'tuning' }), slotsOf })
  if (tuning !== undefined) stack.use(tuning)
  const watchdogs = await openWatchdogs(config, {
    log: log.child({ part: 'watchdog' }),
    commands: () => commands,
  })
  const insight = await openInsight(config, {
    ...{ clock, slotsOf, watchdogs },
    log: log.child({ part: 'insight' }),
  })
  if (insight !== undefined) stack.use(insight)
  const [firstServer] = serversOf(config)
  const secrets = openSecrets(config, {
    ...{ clock, slotsOf },
    log: log.child({ part: 'secrets' }),
    tell: (report) => firstServer && insight?.tell(insOf(config, firstServer), 'default-passwords', report),
  })
  if (secrets !== undefined) stack.use(secrets)
  const commands = await openCommands(config, {
    clock,
    backups: backups?.controls,
    history: tuning,
    watchdogs: watchdogs.controls,
    tellSaved: (server, report) => insight?.tell(server, 'saved-index', report),
    log: log.child({ part: 'commands' }),
    slotsOf,
    controls: {
      version,
      scrapeNow: (signal) => scraper.scrapeNow(signal),
      recentSessions: (server) => insight?.recentSessions(server),
      logLevel: () => log.threshold(),
      setLogLevel(level) {
        const known = logLevels.find((one) => one === level)
        if (known !== undefined) log.setThreshold(known)
      },
      facts: () => ({
        version,
        ...identity,
        os: `${platform()} ${release()}`,
        processors: availableParallelism(),
        memoryBytes: totalmem(),
        servers: commands?.targets.list() ?? [],
        sources: sources.map(({ labels }) => labels),
        series: budget.used,
      }),
    },
  })
  if (commands !== undefined) stack.use(commands)
  reload = async () => {
    const good = await Promise.all([
      probeFiles.reload(),
      commands?.reload() ?? true,
      backups?.reload() ?? true,
      watchdogs.reload(),
    ])
    return good.every(Boolean)
  }
  const healthServer =
    health && (await serveHealthOf(config, health, { clock, log: log.child({ part: 'health' }) }))
  if (healthServer !== undefined) stack.use(healthServer)
  const channel = createChannel({
    url: `${collectorUrl.replace(/^http/, 'ws')}${channelPath}`,
    identity: {
      node: `${identity.cluster}-${identity.seq}`,
      cluster: identity.cluster,
      ip: identity.ip,
      version,
    },
    tls: () => membership.readTls(),
    proxy,
    clock,
    log: log.child({ part: 'channel' }),
    ...(commands === undefined ? {} : { commands: commands.port, servers: () => commands.targets.list() }),
    ...(health === undefined ? {} : { health }),
    ...(backups === undefined ? {} : { backups }),
    ...(insight === undefined ? {} : { insight: insight.channel }),
  })
  const budget = createSeriesBudget(config['scrape.max_series'])
  const registry = createSelfMetrics([
    ...transportFigures(transport, budget),
    ...membershipFigures(membership),
    ...(commands === undefined ? [] : commandFigures(commands)),
    ...(health === undefined ? [] : healthFigures(health)),
    ...(backups?.figures ?? []),
    ...(tuning?.figures ?? []),
    ...(insight?.figures ?? []),
    ...(secrets?.figures ?? []),
    ...(commands?.tuning?.figures ?? []),
    ...(commands?.indexes?.figures ?? []),
    ...(healthServer === undefined ? [] : healthAnswerFigures(healthServer)),
  ])
  if (config['http.listen'] !== undefined) {
    stack.use(await serveOwnMetrics(config['http.listen'], registry, () => reload()))
  }

  const encoder = createRemoteWriteEncoder()
  const keep = async (batch: Batch): Promise<void> => {
    const { timestampMs } = batch
    for (const { body, samples } of encoder.encode(batch).bodies) {
      await transport.append({ timestampMs, payload: body })
      log.debug({ job: labelValue(batch.series[0] ?? [], 'job'), timestampMs, samples }, 'spooled')
    }
  }
  const sources = [
    ...createSources({
      ...{ config, probes: probeFiles.current, budget, clock, log, tracer, slotsOf },
      besides: insight?.tables,
    }),
    createAgentSource(config, registry),
  ]
  for (const source of sources) stack.use(source)

  const ending = new AbortController()
  const transporting = Promise.all([
    transport.run(ending.signal),
    channel.run(ending.signal),
    membership.run(ending.signal, commands?.port.record),
    commands?.targets.run(ending.signal),
    health?.run(ending.signal),
    backups?.run(ending.signal),
    tuning?.run(ending.signal),
    insight?.run(ending.signal),
    secrets?.run(ending.signal),
    commands?.tuning?.run(ending.signal),
    commands?.indexes?.run(ending.signal),
  ])
  const scraper = createScraper({
    sources,
    intervalMs: config['scrape.interval'],
    timeoutMs: config['scrape.timeout'],
    budget,
    clock,
    log,
    tracer,
    onBatch: keep,
  })
  const service = stack.use(
    createServiceManager({
      ...{ supervision, clock },
      log: log.child({ part: 'service' }),
      problem: () => problemOfRounds(scraper.sinceRoundMs(), config),
    }),
  )
  const probes = probeFiles.current().length
  log.info({ version, ...identity, collector: hidePassword(collectorUrl), probes }, 'ready')
  await Promise.race([scraper.firstRound, aborted(stop)])
  if (!stop.aborted) await service.ready(`measures ${sources.length} sources`)
  await aborted(stop)
  log.info({ reason: String(stop.reason) }, 'stopping')
  const stoppingIsTold = service.stopping()
  // In this order: the last batches end the series and still go out.
  await Promise.all([scraper.stop(), commands?.port.stop()])
  ending.abort()
  await transporting
  await stoppingIsTold
  return undefined
}

process.stdout.on('error', (error) => {
  // Whoever read the output has seen enough, as in `pgherd-agent --once | head`.
  if (systemCodeOf(error) === 'EPIPE') process.exit()
  process.stderr.write(`pgherd-agent: the output could not be written: ${messageOf(error)}\n`)
  process.exit(1)
})

const invocation = {
  argv: process.argv.slice(2),
  environment: process.env,
  print: (line: string) => void process.stdout.write(`${line}\n`),
  complain: (line: string) => void process.stderr.write(`${line}\n`),
}

/** What can follow the name of the program in place of options. */
const commands = new Map([
  ['join', () => runJoin(program, { ...invocation, readInput: () => readText(process.stdin) })],
  [
    'setup',
    async () => {
      // Loaded for this alone: nothing of it is needed on a host that is watched.
      const { runSetup } = await import('./setup-command.ts')
      const readInput = () => readText(process.stdin)
      return runSetup({ ...invocation, clock: systemClock, readInput, isTerminal: process.stdin.isTTY })
    },
  ],
  ['tune', () => Promise.resolve(runTune(invocation))],
  ['watchdog', () => runWatchdogCommand(invocation)],
])
const command = commands.get(invocation.argv[0] ?? '')

process.exitCode =
  command === undefined
    ? await runProgram(program, invocation, run)
    : await exitStatusOf(program.name, invocation, command)

// A thread that hangs in a system call (on a mount whose server is gone) keeps even process.exit() from ending. All that
// is to be told was told by now.
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2_000).unref()
