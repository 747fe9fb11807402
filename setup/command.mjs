import { spawn } from 'node:child_process'

/**
 * Runs a command to its end with its output collected, so that only a failure is shown.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const parts = []
    child.stdout.on('data', (part) => parts.push(part))
    child.stderr.on('data', (part) => parts.push(part))
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (status) => {
      resolve({ ok: status === 0, output: Buffer.concat(parts).toString('utf8').trim() })
    })
  })
}

/**
 * Runs npm: the one that started us if any, else the one on PATH.
 * @param {readonly string[]} args
 */
export function npm(args) {
  const self = process.env.npm_execpath
  return self?.endsWith('npm-cli.js') ? run(process.execPath, [self, ...args]) : run('npm', args)
}
