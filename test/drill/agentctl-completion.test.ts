import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { completionScripts } from '../../agentctl/completion/scripts.ts'
import { fakeCollector, nodeCalled } from '../agentctl/fake-collector.ts'

const program = fileURLToPath(new URL('../../agentctl/main.ts', import.meta.url))

const collector = () =>
  fakeCollector({
    'GET /api/v1/nodes': () => [
      nodeCalled('pg-main-1', {
        servers: [{ server: 'pg-main-1:6432', kind: 'pgbouncer', systemIdentifier: null }],
      }),
    ],
    'GET /api/v1/nodes/pg-main-1/actions': () => [
      {
        kind: 'vacuum',
        what: 'takes time: and space',
        risk: 'change',
        target: 'server',
        args: { type: 'object', properties: { analyze: { type: 'boolean' }, table: { type: 'string' } } },
        deadlineMs: 1_000,
        examples: [],
      },
    ],
  })

/** How each shell is set up as `agentctl completion --help` says, and started. */
const shells = {
  bash: {
    file: 'bashrc',
    setup: `source "$HOME/script"; PS1='READY''> '`,
    start: 'bash --noprofile --rcfile "$HOME/bashrc" -i',
  },
  zsh: {
    file: '.zshrc',
    setup: 'fpath=("$HOME/functions" $fpath); autoload -Uz compinit; compinit -u -D; PS1="READY""> "',
    start: 'zsh -d -i',
  },
  fish: {
    file: '.config/fish/config.fish',
    setup:
      "function fish_prompt; echo 'READY''> '; end; set fish_greeting; set fish_autosuggestion_enabled 0",
    start: 'fish -i',
  },
} as const

/** The words that agentctl gets when these keys are pressed at the prompt of the shell, on a terminal. */
async function typed(shell: keyof typeof shells, keys: string, url: string) {
  await using home = await mkdtempDisposable(join(tmpdir(), 'pgherd-shell-'))
  const path = (name: string) => join(home.path, name)
  const { file, setup, start } = shells[shell]
  // What is asked for at Tab is the program itself; what Enter starts only tells its arguments.
  const command = `if [ "$1" = __complete ]; then exec '${process.execPath}' '${program}' "$@"; fi; printf '%s\\n' "$@" > "$HOME/got"; exit`
  await writeFile(path('agentctl'), `#!/bin/sh\n${command}\n`, { mode: 0o755 })
  await writeFile(path('script'), completionScripts[shell])
  await mkdir(path('.config/fish/completions'), { recursive: true })
  await mkdir(path('functions'))
  // Where this is missing fish goes through all manual pages, behind our back.
  await mkdir(path('.local/share/fish/generated_completions'), { recursive: true })
  await writeFile(path(file), `${setup}\n`)
  await writeFile(path('.config/fish/completions/agentctl.fish'), completionScripts.fish)
  await writeFile(path('functions/_agentctl'), completionScripts.zsh)
  const terminal = spawn('script', ['-qfec', start, '/dev/null'], {
    env: {
      HOME: home.path,
      ZDOTDIR: home.path,
      PATH: `${home.path}:${process.env['PATH'] ?? ''}`,
      TERM: 'dumb',
      SHELL: '/bin/sh',
      PGHERD_COLLECTOR_URL: url,
    },
  })
  let shown = ''
  let step = 0
  terminal.stdout.on('data', (part: Buffer) => {
    shown += part.toString()
    if (step === 0 && shown.includes('READY> ')) {
      step = 1
      terminal.stdin.write(`${keys}\nexit\n`)
    }
  })
  await once(terminal, 'exit')
  const got = await readFile(path('got'), 'utf8').catch(() => shown)
  return got.trimEnd().split('\n')
}

test.each(['bash', 'zsh', 'fish'] as const)(
  '%s completes at the first Tab what has been begun',
  async (shell) => {
    const { url } = await collector()
    expect(await typed(shell, 'agentctl tokens create grafana vie\t', url)).toEqual([
      'tokens',
      'create',
      'grafana',
      'viewer',
    ])
  },
)

test.each(['bash', 'zsh', 'fish'] as const)(
  '%s leaves no space behind name=, and completes the value behind it',
  async (shell) => {
    const { url } = await collector()
    expect(await typed(shell, 'agentctl run vacuum an\tt\t table=x', url)).toEqual([
      'run',
      'vacuum',
      'analyze=true',
      'table=x',
    ])
  },
)

test.each(['bash', 'zsh', 'fish'] as const)('%s completes a name with a colon in it', async (shell) => {
  const { url } = await collector()
  expect(await typed(shell, 'agentctl run vacuum --server pg-main-1:6\t', url)).toEqual([
    'run',
    'vacuum',
    '--server',
    'pg-main-1:6432',
  ])
})

test.each(['bash', 'zsh', 'fish'] as const)('%s says nothing where no collector answers', async (shell) => {
  expect(await typed(shell, 'agentctl ping pg\t', 'http://127.0.0.1:1')).toEqual(['ping', 'pg'])
})
