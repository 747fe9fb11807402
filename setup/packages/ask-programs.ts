import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { contents } from './contents.ts'
import type { PackageName } from './contents.ts'

/** Where each shell looks for what completes a command. */
const completionFiles = {
  bash: 'usr/share/bash-completion/completions/agentctl',
  zsh: 'usr/share/zsh/vendor-completions/_agentctl',
  fish: 'usr/share/fish/vendor_completions.d/agentctl.fish',
} as const

/** The package's own runtime and program answer, so that what they say is what is installed. */
function ask(root: string, name: PackageName, file: string, args: readonly string[]): string {
  const folder = join(root, 'usr/lib/pgherd', name)
  return execFileSync(join(folder, 'bin/node'), [join(folder, file), ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
  })
}

/** Writes the manual page of each command of a package: what it says of itself. */
export function writeManual(name: PackageName, root: string): void {
  for (const { file, command } of contents[name].programs) {
    if (command === undefined) continue
    const page = manualPage({
      ...command,
      summary: contents[name].summary,
      help: ask(root, name, file, ['--help']),
    })
    write(
      join(root, `usr/share/man/man${command.section}`, `${command.name}.${command.section}.gz`),
      gzipSync(page, { level: 9 }),
    )
  }
}

/** Writes what shells complete agentctl by. */
export function writeAgentctlCompletion(root: string): void {
  for (const [shell, file] of Object.entries(completionFiles)) {
    write(join(root, file), ask(root, 'collector', 'agentctl.mjs', ['completion', shell]))
  }
}

interface Command {
  readonly name: string
  readonly section: number
  readonly summary: string
  readonly help: string
}

/** A page of man(7): the text that `--help` prints, as it is. */
export function manualPage({ name, section, summary, help }: Command): string {
  // A line that begins with a dot or a quote would be a request, a hyphen would become another character.
  const text = help
    .trimEnd()
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')
  return [
    `.TH ${name} ${section} "" pgherd`,
    '.SH NAME',
    `${name} \\- ${summary}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    '[options]',
    '.SH DESCRIPTION',
    '.nf',
    text,
    '.fi',
    '.SH FILES',
    '/etc/pgherd, /var/lib/pgherd, and the manual in /usr/share/doc/pgherd\\-*',
    '',
  ].join('\n')
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
