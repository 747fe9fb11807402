import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { findProgram } from '../../testbed/find-program.ts'

/** What another program says of a configuration of its own; undefined where that program is not installed. */
export type ForeignCheck = (text: string) => readonly string[] | undefined

export const promtoolConfig: ForeignCheck = (text) =>
  asked(text, 'prometheus.yml', (file) => ['promtool', 'check', 'config', '--syntax-only', file])

export const amtoolConfig: ForeignCheck = (text) =>
  asked(text, 'alertmanager.yml', (file) => ['amtool', 'check-config', file])

export const haproxyConfig: ForeignCheck = (text) =>
  asked(text, 'haproxy.cfg', (file) => ['haproxy', '-c', '-f', file])

/** A part of keepalived.conf; the program ends with 0 for what it has warned of, so its words count as well. */
export const keepalivedConfig: ForeignCheck = (text) =>
  asked(
    `global_defs {\n  script_user root\n  enable_script_security\n}\n${text}\n`,
    'keepalived.conf',
    (file) => ['keepalived', '--config-test', '--use-file', file, '--no-syslog'],
  )

/** A drop-in, named by its first comment (`# /etc/systemd/system/x.service.d/y.conf`), beside the unit it changes. */
export const systemdDropIn: ForeignCheck = (text) => {
  const name = /^# \S*\/([\w@.-]+\.(?:service|timer))\.d\/[\w.-]+\.conf$/m.exec(text)?.[1]
  if (name === undefined) return ['the first line does not say which unit it is a drop-in of']
  const settings = `[Unit]\nDescription=of a test\n[Service]\nExecStart=${process.execPath} --version\n`
  return asked(settings, name, (file) => {
    const directory = `${file}.d`
    mkdirSync(directory)
    writeFileSync(join(directory, 'snippet.conf'), text)
    return ['systemd-analyze', 'verify', '--man=no', file]
  })
}

function asked(
  text: string,
  name: string,
  command: (file: string) => readonly string[],
): readonly string[] | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-snippet-'))
  try {
    const file = join(directory, name)
    writeFileSync(file, `${text}\n`)
    const [program = '', ...args] = command(file)
    const path = findProgram(program)
    if (path === undefined) return undefined
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', timeout: 30_000 })
    const said = `${stdout}${stderr}`.replaceAll(`${dirname(file)}/`, '').trim()
    const isWarned = program === 'systemd-analyze' && said !== ''
    return status === 0 && !isWarned ? [] : [`${basename(path)} ends with ${String(status)}: ${said}`]
  } finally {
    rmSync(directory, { recursive: true })
  }
}
