#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_MMAP_MAX_=30000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=65536 node --max-semi-space-size=4
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openAuditChain } from '../common/audit/chain.ts'
import { systemClock } from '../common/clock.ts'
import { messageOf, systemCodeOf } from '../common/errors.ts'
import { createHttpClient } from '../common/http-client.ts'
import { aborted, shutdownSignal } from '../common/lifecycle.ts'
import { createLog } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import { exitStatusOf, runProgram } from '../common/run-program.ts'
import { createServiceManager, takeSupervision } from '../common/service-manager/service-manager.ts'
import { createSelfMetrics } from '../common/self-metrics.ts'
import { defaultLabelLimits } from '../common/series/label-rules.ts'
import { version } from '../common/version.ts'
import { printDuration } from '../common/config/kinds.ts'
import { environmentNameOf, printOptions } from '../common/config/option-table.ts'
import { agentRights, mayReport } from './agent-rights.ts'
import { insertService } from './agent-writes.ts'
import { createBoardFiles } from './board-files.ts'
import { openBackupBook } from './backups/backup-book.ts'
import { runBackup, runRestore } from './backup-command.ts'
import { collectorOptions, collectorProgram } from './config.ts'
import type { CollectorConfig } from './config.ts'
import { auditService, commandService, controlFigures, knownNodes, openControl } from './control.ts'
import { openEmbeddedBackend } from './embedded-backend.ts'
import { hasUnsentSamples, openExternalBackend } from './external-backend.ts'
import { openFleet } from './fleet/fleet.ts'
import { watchServers } from './fleet/server-watch.ts'
import { tellKeptForEver } from './fleet/tell-kept.ts'
import type { HttpDependencies } from './http/dependencies.ts'
import { jsonLines } from './http/export-lines.ts'
import { openRehearsal } from './http/rehearsal.ts'
import { createHttpServer } from './http/server.ts'
import { clusterMembers } from './cluster-members.ts'
import { runGrafana } from './grafana-command.ts'
import { ingestFigures } from './ingest-figures.ts'
import { openInsight } from './insight.ts'
import { createIngest } from './ingest/ingest.ts'
import { runMigrate } from './migrate-command.ts'
import { viewNodes } from './node-views.ts'
import { openNotify } from './notify.ts'
import { addFilters } from './promql/add-filters.ts'
import { describeExpression } from './promql/describe-expression.ts'
import { matchesAny } from './promql/matches-any.ts'
import { parseExpression } from './promql/parse-expression.ts'
import { parseSelector } from './promql/parse-selector.ts'
import { printExpression } from './promql/print-expression.ts'
import { createEvaluator } from './rules/evaluator.ts'
import { loadRuleFiles } from './rules/load/load-rule-files.ts'
import { runRulesTool } from './rules-tool/rules-tool.ts'
import { createUploadedRules } from './rules-tool/uploaded-rules.ts'
import { createRuleReload } from './rules/rule-reload.ts'
import type { RuleReload } from './rules/rule-reload.ts'
import type { RuleGroup } from './rules/rule-types.ts'
import { runStoreTool } from './store-tool/store-tool.ts'
import { openTopology, topologyFigures } from './topology.ts'
import { authService, listen, openTrust, ownNames, requireListener, trustFigures } from './trust.ts'
import { runAdminToken, runInit } from './trust-command.ts'
import { warmUp } from './warm-up.ts'

/** Nodes and rules are asked with this deadline; both are small questions. */
const internalTimeoutMs = 10_000

const boardDirectory = fileURLToPath(new URL('../dashboards/json', import.meta.url))

const supervision = takeSupervision(process.env, process.pid)
const journalStream = process.env['JOURNAL_STREAM']

async function run(config: CollectorConfig): Promise<void> {
  const reloading = Promise.withResolvers<RuleReload>()
  const asked = shutdownSignal(
    () => process.exit(1),
    () => void reloading.promise.then(({ reload }) => reload()),
  )
  const failed = new AbortController()
  await using stack = new AsyncDisposableStack()
  try {
    await serve(config, { stack, stop: AbortSignal.any([asked, failed.signal]), reloading })
  } catch (error) {
    // What has begun goes on until it is told to stop, and the stack waits for it.
    failed.abort()
    throw error
  }
}

async function serve(
  config: CollectorConfig,
  given: {
    readonly stack: AsyncDisposableStack
    readonly stop: AbortSignal
    readonly reloading: PromiseWithResolvers<RuleReload>
  },
): Promise<void> {
  const { stack, stop, reloading } = given
  const log = createLog({ level: config['log.level'], program: collectorProgram.name, journalStream })
  const clock = systemClock
  const startedMs = clock.now()
  // From here on, as a store that reads its log asks for more time to start.
  const service = stack.use(
    createServiceManager({
      ...{ supervision, clock },
      log: log.child({ part: 'service' }),
      // That the event loop turns is all there is to know: whatever hangs there has a deadline of its own.
      problem: () => undefined,
    }),
  )

  const trust = await openTrust(config, { clock, log: log.child({ part: 'trust' }) })
  requireListener(config, trust)
  const loadRules = (): Promise<readonly RuleGroup[]> =>
    loadRuleFiles(config['rules.files'], {
      defaultIntervalMs: config['rules.interval'],
      checkExpression: (text) => void parseExpression(text),
    })
  const groups = await loadRules()
  const externalUrl = config['http.external_url']
  const directory = config['store.directory']
  makeDirectory(directory)
  const isExternal = config['store.kind'] === 'victoriametrics'
  const backend = await (isExternal ? openExternalBackend : openEmbeddedBackend)(config, {
    clock,
    log: log.child({ part: 'store' }),
    internalTimeoutMs,
  })
  const store = stack.use(backend.storage)
  if (!isExternal && hasUnsentSamples(config)) {
    log.warn('the buffer has samples that the VictoriaMetrics may lack which store.kind no longer names')
  }
  const auditLog = log.child({ part: 'audit' })
  const audit = stack.use(
    await openAuditChain({ path: join(directory, 'audit.jsonl'), clock, log: auditLog }),
  )
  const fleet = stack.use(
    openFleet({
      path: join(directory, 'fleet.sqlite'),
      clock,
      audit: (fact) => audit.append(fact),
    }),
  )

  const tellingKept = tellKeptForEver(fleet, { clock, log: auditLog }, stop)
  stack.defer(() => tellingKept)

  const ingest = createIngest({
    seriesRef: (labels) => store.seriesRef(labels),
    refGeneration: () => store.refGeneration,
    append: (...samples) => store.append(...samples),
    now: () => clock.now(),
    otlpNaming: config['ingest.otlp_naming'],
    limits: {
      // Fewer than there are would mean that each is looked up again at every turn.
      maxCachedSeries: Math.max(500_000, config['store.max_series']),
      labels: {
        ...defaultLabelLimits,
        maxLabels: config['ingest.max_labels'],
        maxLabelBytes: config['ingest.max_label_bytes'],
      },
    },
  })
  const rights = agentRights(fleet.certificates, config['auth.agents_write'] === 'any')
  const { topology, ended } = openTopology(fleet, {
    clock,
    log: log.child({ part: 'topology' }),
    append: (...given) => backend.rules.append(...given),
    rights,
    signal: stop,
  })
  stack.defer(() => ended.then(() => undefined))
  const backups = openBackupBook({
    database: fleet.database,
    clock,
    log: log.child({ part: 'backups' }),
    add: (event) => fleet.events.add(event),
    mayReport: mayReport(rights),
  })
  const insight = openInsight(config, fleet, {
    clock,
    log: log.child({ part: 'insight' }),
    rights,
    members: (cluster) =>
      clusterMembers(cluster, {
        nodes: fleet.nodes.list(),
        reported: topology.cluster(cluster)?.members ?? [],
      }),
    backend,
  })
  const insightEnded = insight.run(stop)
  stack.defer(() => insightEnded)
  const control = stack.use(
    openControl(fleet, {
      topology,
      backups,
      insight: insight.intake,
      audit,
      clock,
      log: log.child({ part: 'channel' }),
      signal: stop,
    }),
  )

  const registry = createSelfMetrics([
    ...backend.figures,
    ...ingestFigures(() => ingest.stats()),
    ...controlFigures(control, fleet, audit),
    ...topologyFigures(topology),
    ...insight.figures,
    ...trustFigures(trust),
  ])
  const notify = stack.use(
    await openNotify(config, {
      fleet,
      audit: (fact) => audit.append(fact),
      clock,
      log: log.child({ part: 'notify' }),
      registry,
    }),
  )
  const evaluator = stack.use(
    createEvaluator({
      groups,
      ...backend.rules,
      notify: notify.notify,
      clock,
      log: log.child({ part: 'rules' }),
      registry,
      ...(externalUrl === undefined ? {} : { externalUrl }),
    }),
  )
  const rules = createRuleReload({
    load: loadRules,
    replace: (groups) => evaluator.replace(groups),
    clock,
    log: log.child({ part: 'rules' }),
    registry,
  })

  let isReady = false
  const served: HttpDependencies = {
    clock,
    log: log.child({ part: 'http' }),
    registry,
    auth: authService(config, fleet, trust),
    query: backend.query,
    language: {
      addFilters,
      format: (text) => printExpression(parseExpression(text)),
      describe: (text) => describeExpression(parseExpression(text)),
      matches: matchesAny,
    },
    index: store,
    ...(backend.administration === undefined ? {} : { administration: backend.administration }),
    ...(backend.cardinality === undefined ? {} : { cardinality: backend.cardinality }),
    about: {
      startedMs,
      directory,
      options: printOptions(collectorOptions, config),
      retention: printDuration(config['store.retention']),
      alertmanagers: notify.alertmanagers,
      lastReload: rules.last,
      store: () => store.stats(),
    },
    parseSelector,
    insert: insertService(ingest, {
      rights,
      clock,
      add: (event) => fleet.events.add(event),
    }),
    rules: () => evaluator.rules(),
    alerts: () => evaluator.alerts(),
    reload: rules.reload,
    silences: notify.silences,
    ruleFiles: createUploadedRules(clock),
    notify: (signal) => notify.view(signal),
    nodes: (signal) =>
      viewNodes(knownNodes(fleet, control), (expression) => backend.vector(expression, clock.now(), signal)),
    ping: (node, signal) => control.hub.ping(node, internalTimeoutMs, signal),
    acceptChannel: (socket) => control.hub.accept(socket),
    commands: commandService(control, fleet),
    audit: auditService(control),
    events: (query) => fleet.events.list(query),
    backups,
    queries: insight.queries,
    indexes: insight.indexes,
    savedIndexes: insight.savedIndexes,
    ddl: insight.ddl,
    watchdog: (query) => insight.watchdog.list(query),
    clusters: { list: () => topology.clusters(), one: (name) => topology.cluster(name) },
    isReady: () => isReady,
    hostNames: [...ownNames(config), ...(trust?.names() ?? [])],
    proxies: config['http.proxies'],
    boards: createBoardFiles(boardDirectory),
    webDirectory: fileURLToPath(new URL('web/dist', import.meta.url)),
    limits: {
      queryTimeoutMs: config['query.timeout'],
      answerSamples: config['http.max_answer_samples'],
      sendingSamples: 2 * config['http.max_answer_samples'],
      connections: config['http.max_connections'],
    },
  }
  const server = stack.use(await createHttpServer(served))
  const urls = await listen(server, config, trust)
  void trust?.keep((material) => server.replaceCertificate(material), stop)
  evaluator.start()
  reloading.resolve(rules)
  const warming = warmUp({ storage: store, open: () => openRehearsal(served) }, clock, stop)
  const warmed = warming.ended.catch((error: unknown) => {
    if (!stop.aborted) log.warn({ err: error }, 'the queries that warm up the collector failed')
  })
  stack.defer(() => warmed)
  await warming.begun
  const { events } = fleet
  const startText = `pgherd-collector ${version} has started`
  events.add({ type: 'collector-started', node: '', cluster: '', text: startText, command: null })
  const watching = watchServers(
    {
      clock,
      log: log.child({ part: 'events' }),
      vector: (expression, signal) => backend.vector(expression, clock.now(), signal),
      alerts: () => evaluator.alerts(),
      add: (event) => events.add(event),
      isWatched: (server) => topology.watches(server),
    },
    stop,
  )
  stack.defer(() => watching)
  isReady = true
  log.info({ urls, version, directory, rules: groups.length }, 'ready')
  await service.ready(`serves ${urls.join(' and ')}`)
  await aborted(stop)
  isReady = false
  log.info({ reason: String(stop.reason) }, 'stopping')
  await service.stopping()
}

const terminal = {
  print: (line: string) => void process.stdout.write(`${line}\n`),
  complain: (line: string) => void process.stderr.write(`${line}\n`),
}
const argv = process.argv.slice(2)

process.stdout.on('error', (error) => {
  // Whoever read the output has seen enough, as in `pgherd-collector --help | head`.
  if (systemCodeOf(error) === 'EPIPE') process.exit()
  terminal.complain(`${collectorProgram.name}: the output could not be written: ${messageOf(error)}`)
  process.exit(1)
})

function storeCommand(): Promise<number> {
  const variable = environmentNameOf(collectorProgram.environmentPrefix, 'store.directory')
  return runStoreTool({
    ...terminal,
    argv: argv.slice(1),
    directory: process.env[variable] ?? collectorOptions['store.directory'].fallback ?? '.',
    variable,
    clock: systemClock,
    output: process.stdout,
    parseSelector,
    jsonLines,
  })
}

async function grafanaCommand(): Promise<number> {
  using http = createHttpClient()
  return await runGrafana({ ...call, http, boards: createBoardFiles(boardDirectory) })
}

// agentctl's, and so in the shells of those who also start collectors.
const environment = { ...process.env, PGHERD_COLLECTOR_URL: undefined }
const call = { ...terminal, argv: argv.slice(1), environment, clock: systemClock }
const commands = new Map<string | undefined, () => Promise<number>>([
  ['store', storeCommand],
  ['grafana', grafanaCommand],
  ['rules', () => runRulesTool({ argv: argv.slice(1), print: terminal.print })],
  ['init', () => runInit(call)],
  ['admin-token', async () => runAdminToken(call)],
  ['backup', () => runBackup(call)],
  ['restore', () => runRestore(call)],
  ['migrate', () => runMigrate(call)],
])
const command = commands.get(argv[0])

process.exitCode =
  command === undefined
    ? await runProgram(collectorProgram, { ...terminal, argv, environment }, run)
    : await exitStatusOf(collectorProgram.name, terminal, command)
