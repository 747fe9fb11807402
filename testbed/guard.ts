import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { isAlive, signalProcess } from './process-table.ts'

/**
 * Ends our processes and removes our directories when we can no longer do it ourselves: after SIGKILL, after
 * a test runner has ended its worker, after an uncaught error. A shell reads a pipe whose other end only we
 * hold; when that closes, it acts on the last line it got.
 */

const processes = new Map<number, NodeJS.Signals>()
const directories = new Set<string>()
let guard: ChildProcess | undefined

/**
 * @param quickSignal ends the process at once, with whatever it has to clean up
 * @returns call it when the process has ended
 */
export function guardProcess(pid: number, quickSignal: NodeJS.Signals): () => void {
  processes.set(pid, quickSignal)
  tell()
  return () => {
    processes.delete(pid)
    tell()
  }
}

/**
 * @param path absolute, and ours alone; what is mounted there is unmounted
 * @returns call it when the directory has been removed
 */
export function guardDirectory(path: string): () => void {
  directories.add(path)
  tell()
  return () => {
    directories.delete(path)
    tell()
  }
}

/** Tab-separated words: `QUIT:123` for a process, `/...` for a directory. */
function tell(): void {
  guard ??= start()
  const words = [...[...processes].map(([pid, signal]) => `${signal.slice(3)}:${pid}`), ...directories]
  guard.stdin?.write(`${words.join('\t')}\n`)
}

function start(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', script], {
    cwd: '/',
    // Out of the terminal's reach: Ctrl-C is for us.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  // It holds no event loop open, and its end is no news.
  const pipe = shell.stdin as typeof shell.stdin & { unref?(): void }
  pipe.unref?.()
  pipe.on('error', () => undefined)
  shell.on('error', () => undefined)
  // An end in order leaves nothing to do. Any other waits, so that nothing runs any more when we are gone.
  process.on('exit', () => {
    if (processes.size + directories.size === 0 || shell.pid === undefined) return
    signalProcess(shell.pid, 'SIGTERM')
    const deadline = performance.now() + 6_000
    const nap = new Int32Array(new SharedArrayBuffer(4))
    while (isAlive(shell.pid) && performance.now() < deadline) Atomics.wait(nap, 0, 0, 20)
  })
  return shell
}

const script = `
trap '' INT HUP
trap 'exit 0' EXIT
last=
clean() {
  trap '' TERM
  IFS='	'
  set -f
  for word in $last; do
    case $word in [A-Z]*:*) kill -s "\${word%%:*}" "\${word#*:}" 2> /dev/null ;; esac
  done
  for word in $last; do
    case $word in [A-Z]*:*)
      turns=0
      while running "\${word#*:}" && [ $turns -lt 60 ]; do sleep 0.05; turns=$((turns + 1)); done
      kill -s KILL "\${word#*:}" 2> /dev/null ;;
    esac
  done
  for word in $last; do
    case $word in /?*) if mountpoint -q "$word"; then umount -l "$word"; fi ;; esac
  done
  for word in $last; do
    case $word in /?*)
      turns=0
      until rm -rf "$word" || [ $turns -ge 20 ]; do sleep 0.1; turns=$((turns + 1)); done ;;
    esac
  done
  exit 0
}
running() {
  read -r stat < "/proc/$1/stat" || return 1
  case "\${stat##*) }" in Z* | X*) return 1 ;; esac
}
trap clean TERM
while IFS= read -r line; do last=$line; done
clean
`
