#!/usr/bin/env -S node --max-semi-space-size=2 --no-opt --no-maglev
import { systemClock } from '../common/clock.ts'
import { hidePassword } from '../common/config/kinds.ts'
import { createHttpClient } from '../common/http-client.ts'
import { aborted, shutdownSignal } from '../common/lifecycle.ts'
import { createLog } from '../common/log.ts'
import { runProgram } from '../common/run-program.ts'
import { createSelfMetrics } from '../common/self-metrics.ts'
import { labelValue } from '../common/series/label-set.ts'
import { version } from '../common/version.ts'
import { channelPath } from '../common/wire/channel.ts'
import { createRemoteWriteEncoder } from '../common/wire/remote-write-encode.ts'
import { createChannel } from './channel/channel.ts'
import { agentProgram } from './config.ts'
import type { AgentConfig } from './config.ts'
import { transportFigures } from './figures.ts'
import { createOwnSource } from './own-source.ts'
import { serveOwnMetrics } from './own-metrics-server.ts'
import { problemOfTarget } from './postgres/target.ts'
import { loadProbes } from './probes/load.ts'
import { createPusher } from './push/pusher.ts'
import type { Batch } from './scrape/batch.ts'
import { createHostSource } from './scrape/host-source.ts'
import { identityLabels } from './scrape/identity.ts'
import { createPostgresSource } from './scrape/postgres-source.ts'
import { createScraper } from './scrape/scraper.ts'
import { openSpool } from './spool/spool.ts'

/** In the instance label of the agent's own series; http.listen may choose another. */
const ownPort = 8433

/** The only destination so far; its name is part of the spool on disk. */
const destination = 'collector'

const program: typeof agentProgram = {
  ...agentProgram,
  check(config) {
    const problem = problemOfTarget(config['postgres.url'])
    return [
      ...(agentProgram.check?.(config) ?? []),
      ...(problem === undefined ? [] : [`postgres.url: ${problem}`]),
    ]
  },
}

async function run(config: AgentConfig): Promise<void> {
  const log = createLog({ level: config['log.level'], program: agentProgram.name })
  const clock = systemClock
  const stop = shutdownSignal(() => process.exit(1))
  await using stack = new AsyncDisposableStack()
  const identity = {
    cluster: config['identity.cluster'],
    seq: config['identity.seq'],
    ip: config['identity.ip'],
  }
  const collectorUrl = config['collector.url']
  const probes = await loadProbes(config['postgres.probes'])

  const spool = stack.use(
    await openSpool({
      directory: config['spool.directory'],
      readers: [destination],
      maxBytes: config['spool.max_bytes'],
      maxAgeMs: config['spool.max_age'],
      clock,
      log: log.child({ part: 'spool' }),
    }),
  )
  const pusher = createPusher({
    queue: spool.reader(destination),
    http: stack.use(createHttpClient({ connections: 1 })),
    url: `${collectorUrl}/api/v1/write`,
    clock,
    log: log.child({ part: 'push' }),
  })
  const channel = createChannel({
    url: `${collectorUrl.replace(/^http/, 'ws')}${channelPath}`,
    identity: {
      node: `${identity.cluster}-${identity.seq}`,
      cluster: identity.cluster,
      ip: identity.ip,
      version,
    },
    clock,
    log: log.child({ part: 'channel' }),
  })
  const registry = createSelfMetrics(
    transportFigures(
      () => spool.stats(),
      () => pusher.stats(),
    ),
  )
  if (config['http.listen'] !== undefined) {
    stack.use(await serveOwnMetrics(config['http.listen'], registry))
  }

  const encoder = createRemoteWriteEncoder()
  const keep = async (batch: Batch): Promise<void> => {
    const { timestampMs } = batch
    for (const { body, samples } of encoder.encode(batch).bodies) {
      await spool.append({ timestampMs, payload: body })
      log.debug({ job: labelValue(batch.series[0] ?? [], 'job'), timestampMs, samples }, 'spooled')
    }
  }
  const sources = [
    createPostgresSource({
      url: config['postgres.url'],
      passwordFile: config['postgres.password_file'],
      identity,
      probes,
      // Files of the user's own may mean his extensions' views; ours name the system catalog only.
      ...(config['postgres.probes'] === undefined ? {} : { searchPath: '"$user", public' }),
      clock,
      log,
    }),
    createHostSource({ identity, clock, log }),
    createOwnSource(identityLabels(identity, 'pgherd', config['http.listen']?.port ?? ownPort), registry),
  ]
  for (const source of sources) stack.use(source)

  const transport = new AbortController()
  const transporting = Promise.all([pusher.run(transport.signal), channel.run(transport.signal)])
  const scraper = createScraper({
    sources,
    intervalMs: config['scrape.interval'],
    timeoutMs: config['scrape.timeout'],
    clock,
    log,
    onBatch: keep,
  })
  log.info({ version, ...identity, collector: hidePassword(collectorUrl), probes: probes.length }, 'ready')
  await aborted(stop)
  log.info({ reason: String(stop.reason) }, 'stopping')
  // In this order: the last batches end the series and still go out.
  await scraper.stop()
  transport.abort()
  await transporting
}

process.exitCode = await runProgram(
  program,
  {
    argv: process.argv.slice(2),
    environment: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  },
  run,
)
