import { vi } from 'vitest'

// What is waited for comes, only later where the machine is busy: a second, which Vitest waits for by itself, is no bar
// of ours. A condition that never comes fails all the same.
const { waitFor } = vi
const waitPatiently: typeof waitFor = (look, options = {}) =>
  waitFor(look, typeof options === 'number' ? options : { timeout: 10_000, ...options })
// Files that share a process share `vi` as well.
if (waitFor.name !== waitPatiently.name) vi.waitFor = waitPatiently
