import { mkdirSync } from 'node:fs'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { PgherdError } from '../../common/errors.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { readSettingsFile, settingNames, settingsDirectory, settingsFile } from '../settings.ts'
import type { SettingName } from '../settings.ts'

/** `agentctl config`: where the collector, the token, the authority and the key are, and what says so. */
export function addConfig(program: Command, context: CliContext): void {
  const config = program
    .command('config')
    .description('show or change how the collector is reached')
    .addHelpText(
      'after',
      `
Examples:
  agentctl config
  agentctl config set collector https://collector:8432
  agentctl config set token_file /run/secrets/pgherd-token

Exit status: 0 done, 2 wrong usage or a file that cannot be read.`,
    )
    .action(() => show(context))
  config
    .command('set')
    .description(`keep a setting in the file: ${settingNames.join(', ')}`)
    .argument('<name>')
    .argument('<value>', 'the new value; an empty one removes it')
    .action((name: string, value: string) => set(context, name, value))
}

function show(context: CliContext): void {
  const { collector, token, ca, keyFile, origins } = context.settings()
  const rows: readonly (readonly [SettingName, string])[] = [
    ['collector', collector],
    ['token_file', token === undefined ? 'no token' : '***'],
    ['ca_file', ca === undefined ? "the system's authorities" : 'a PEM file'],
    ['key_file', keyFile],
  ]
  present(context, {
    columns: [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }],
    rows: rows.map(([name, value]) => [name, value, origins[name]]),
    data: Object.fromEntries(rows.map(([name, value]) => [name, { value, from: origins[name] }])),
    nothing: '',
  })
}

async function set(context: CliContext, name: string, value: string): Promise<void> {
  const known = settingNames.find((one) => one === name)
  if (known === undefined) {
    throw new PgherdError('USAGE', `no setting is called ${name}; allowed: ${settingNames.join(', ')}`)
  }
  const { [known]: before, ...others } = readSettingsFile(context.environment)
  const settings = value === '' ? others : { ...others, [known]: value }
  mkdirSync(settingsDirectory(context.environment), { recursive: true, mode: 0o700 })
  await writeFileDurably(settingsFile(context.environment), stringify(settings), 0o600)
  context.terminal.print(
    `${known}: ${value === '' ? 'removed' : value}${before === undefined ? '' : ` (was ${before})`}`,
  )
}
