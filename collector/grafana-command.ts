import { readFileSync } from 'node:fs'
import { PgherdError, messageOf } from '../common/errors.ts'
import type { HttpClient } from '../common/http-client.ts'
import { addWord, createSubprogram, runSubprogram } from '../common/subprogram.ts'
import type { BoardFiles } from './board-files.ts'
import { createGrafanaApi } from './grafana/api.ts'
import { provision } from './grafana/provision.ts'

interface Options {
  readonly tokenFile?: string
  readonly user?: string
  readonly passwordFile?: string
  readonly folder: string
  readonly datasourceName: string
  readonly collectorUrl: string
  readonly collectorTokenFile?: string
  readonly collectorCaFile?: string
  readonly dryRun?: boolean
}

/**
 * `pgherd-collector grafana provision URL`: data source, folder and dashboards into a Grafana by its HTTP API.
 * @throws PgherdError USAGE, UNAUTHENTICATED, REFUSED, UNREACHABLE, COMMAND_FAILED
 */
export async function runGrafana(given: {
  /** What follows `grafana` on the command line. */
  readonly argv: readonly string[]
  readonly boards: BoardFiles
  readonly http: HttpClient
  print(line: string): void
}): Promise<number> {
  const program = createSubprogram(
    'pgherd-collector grafana',
    'Brings the dashboards of pgherd into a Grafana.',
    (line) => given.print(line),
  )
  addWord(
    program,
    'provision <url>',
    'Makes data source, folder and dashboards, or changes them; what is there and the same stays as it is.',
  )
    .requiredOption('--collector-url <url>', 'where Grafana reaches the collector')
    .option('--token-file <file>', 'the token of a service account of Grafana with the role Admin')
    .option('--user <name>', 'in place of a token, with --password-file')
    .option('--password-file <file>', 'the password of --user')
    .option('--collector-token-file <file>', 'the token that Grafana shows the collector; role viewer')
    .option(
      '--collector-ca-file <file>',
      "the fleet's authority, where the collector's certificate is from it",
    )
    .option('--datasource-name <name>', 'of the data source', 'pgherd')
    .option('--folder <title>', 'of the folder', 'pgherd')
    .option('--dry-run', 'look, and tell what would be done')
    .action((url: string, options: Options) => run(url, options, given))
  await runSubprogram(program, given.argv, (message = '(outputHelp)') => message)
  return 0
}

async function run(url: string, options: Options, given: Parameters<typeof runGrafana>[0]): Promise<void> {
  const dryRun = options.dryRun === true
  const collectorUrl = webAddress(options.collectorUrl, '--collector-url')
  const api = createGrafanaApi(
    given.http,
    webAddress(url, 'the address of Grafana'),
    authorizationOf(options),
  )
  const boards = given.boards.list().flatMap(({ file }) => given.boards.text(file) ?? [])
  if (boards.length === 0) throw new PgherdError('NOT_FOUND', 'no dashboards come with this installation')
  await provision(api, {
    collector: {
      url: collectorUrl,
      ...(options.collectorTokenFile === undefined ? {} : { token: lineOf(options.collectorTokenFile) }),
      ...(options.collectorCaFile === undefined ? {} : { authority: textOf(options.collectorCaFile) }),
    },
    dataSource: options.datasourceName,
    folder: options.folder,
    boards,
    dryRun,
    tell: ({ what, did }) =>
      given.print(did === 'unchanged' || !dryRun ? `${what}: ${did}` : `${what}: would be ${did}`),
  })
}

function authorizationOf({ tokenFile, user, passwordFile }: Options): string {
  if (tokenFile !== undefined && user === undefined && passwordFile === undefined)
    return `Bearer ${lineOf(tokenFile)}`
  if (tokenFile === undefined && user !== undefined && passwordFile !== undefined) {
    return `Basic ${Buffer.from(`${user}:${lineOf(passwordFile)}`).toString('base64')}`
  }
  throw new PgherdError('USAGE', 'give --token-file, or --user with --password-file')
}

function webAddress(text: string, what: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new PgherdError(
      'USAGE',
      `${what} is an http or https URL without user or query, not "${text.slice(0, 200)}"`,
    )
  }
  return url.href.replace(/\/$/, '')
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new PgherdError('USAGE', `${file} cannot be read: ${messageOf(error)}`)
  }
}

/** What a header takes: a secret in a file often ends with a line break. */
function lineOf(file: string): string {
  const text = textOf(file).trim()
  if (!/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text))
    throw new PgherdError('USAGE', `${file} has to have one line of text`)
  return text
}
