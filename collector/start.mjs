#!/usr/bin/env -S node --max-semi-space-size=8
// The collector from its bundle if that is fresh, which saves memory, else from its sources.
import { bundleFile, bundleIsFresh } from './bundle.mjs'

// glibc keeps what was freed below this size for itself, between what is still in use, and it reads its settings only when a
// process starts: this one becomes a process with them, under the same number. One that talks to its parent stays as it is.
const setting = 'MALLOC_MMAP_THRESHOLD_'
const { argv, env, execArgv, execPath, execve, platform } = process
if (
  platform === 'linux' &&
  execve !== undefined &&
  env[setting] === undefined &&
  process.send === undefined
) {
  execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [setting]: '32768' })
}

await import(bundleIsFresh() ? bundleFile() : './main.ts')
